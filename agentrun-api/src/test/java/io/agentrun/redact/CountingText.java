package io.agentrun.redact;

/** A text that counts how often a character of it is read. Not thread-safe: one thread at a time. */
final class CountingText implements CharSequence {

    private final String text;
    private final long[] reads;

    CountingText(String text) {
        this(text, new long[1]);
    }

    private CountingText(String text, long[] reads) {
        this.text = text;
        this.reads = reads;
    }

    long reads() {
        return reads[0];
    }

    @Override
    public char charAt(int index) {
        reads[0]++;
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        reads[0] += end - start;
        return new CountingText(text.substring(start, end), reads);
    }

    @Override
    public String toString() {
        return text;
    }
}
