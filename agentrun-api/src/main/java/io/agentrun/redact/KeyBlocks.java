package io.agentrun.redact;

/** Finds private keys of several lines: PEM, OpenPGP, SSH2 and PuTTY. Not thread-safe: one thread at a time. */
final class KeyBlocks {

    private static final int LABEL = 48;

    private final CharSequence text;
    private final Spans spans;

    KeyBlocks(CharSequence text, Spans spans) {
        this.text = text;
        this.spans = spans;
    }

    /** Masks from BEGIN to END, or to the end of a text that was cut in between; returns the end, or the start. */
    int pem(int start) {
        int label;
        if (Chars.matches(text, start, "-----BEGIN ")) {
            label = start + 11;
        } else if (Chars.matches(text, start, "---- BEGIN ")) {
            label = start + 11;
        } else {
            return start;
        }
        int labelEnd = Chars.indexOf(text, "----", label, LABEL);
        if (labelEnd < 0 || Chars.indexOf(text, "PRIVATE KEY", label, labelEnd - label) < 0) {
            return start;
        }
        int end = Chars.indexOf(text, "-- END ", labelEnd, text.length());
        end = end < 0 ? Chars.indexOf(text, "--END ", labelEnd, text.length()) : end;
        int close = end < 0 ? -1 : Chars.indexOf(text, "----", end + 5, LABEL);
        return mask(start, close < 0 ? -1 : close + 4, '-');
    }

    /** Masks a PuTTY key file from its first line, or from its private lines; returns the end, or the start. */
    int putty(int start) {
        if (!Chars.matches(text, start, "PuTTY-User-Key-File-") && !Chars.matches(text, start, "Private-Lines:")) {
            return start;
        }
        int mac = Chars.indexOf(text, "Private-MAC:", start, text.length());
        if (mac < 0) {
            return mask(start, -1, ' ');
        }
        return mask(start, Chars.tokenEnd(text, Chars.skipBlanks(text, mac + 12, 4)), ' ');
    }

    private int mask(int start, int end, char fill) {
        int last = end < 0 ? text.length() : end;
        while (last < text.length() && text.charAt(last) == fill && fill == '-') {
            last++;
        }
        spans.add(start, last);
        return last;
    }
}
