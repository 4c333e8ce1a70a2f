package io.agentrun.redact.internal;

/**
 * A text in an array. The scanners read each character several times, and all of them through {@link CharSequence}: with one
 * class behind it the JIT compiler makes an array access of each read. Immutable.
 */
public final class ArrayText implements CharSequence {

    private final char[] chars;

    /** Copies the text. */
    public ArrayText(String text) {
        this.chars = text.toCharArray();
    }

    @Override
    public int length() {
        return chars.length;
    }

    @Override
    public char charAt(int index) {
        return chars[index];
    }

    @Override
    public String subSequence(int start, int end) {
        return new String(chars, start, end - start);
    }

    @Override
    public String toString() {
        return new String(chars);
    }
}
