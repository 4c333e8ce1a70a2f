package io.agentrun.redact;

import io.agentrun.redact.internal.Chars;
import java.util.Locale;

/**
 * Reads what a token is called in its line: the label before it, {@code commit: …}, or the words between it and a word about
 * a secret. Immutable.
 */
final class Labels {

    private static final int MAX_BLANKS = 12;
    private static final int LONGEST_WORD = 16;

    private final CharSequence text;
    private final SecretNames names;

    Labels(CharSequence text, SecretNames names) {
        this.text = text;
        this.names = names;
    }

    /** Returns the index of the separator before the token, or the end of the word before it; -1 at the start of the line. */
    int labelEnd(int start) {
        int at = start;
        for (int i = 0; i < MAX_BLANKS && at > 0; i++) {
            char c = text.charAt(at - 1);
            if (!Chars.isBlank(c) && !Chars.isQuote(c) && "([{<\\*".indexOf(c) < 0) {
                break;
            }
            at--;
        }
        if (at == 0 || Chars.isBreak(text.charAt(at - 1))) {
            return -1;
        }
        char c = text.charAt(at - 1);
        if (c == '>' && (Chars.at(text, at - 2) == '=' || Chars.at(text, at - 2) == '-')) {
            return at - 2;
        }
        return c == ':' || c == '=' ? at - 1 : at;
    }

    /** Returns whether the token is named otherwise: by a label of its own, or by the word before it. */
    boolean isOther(int start, int label, int wordEnd) {
        if (label < 0) {
            return false;
        }
        if (isPublic(label)) {
            return true;
        }
        char c = Chars.at(text, label);
        if (label >= start || (c != ':' && c != '=' && c != '-')) {
            return false;
        }
        int end = nameEnd(label);
        int name = nameStart(end);
        boolean user = c == ':' && label == start - 1;
        if (name == end || user || isNeutral(name, end) || names.mentions(text, name, end)) {
            return false;
        }
        return c != ':' || wordEnd < 0 || !isSentence(wordEnd, label);
    }

    /** Returns whether a label before the token says nothing of it. */
    boolean hasNeutralLabel(int start) {
        int label = labelEnd(start);
        if (label < 0 || label >= start) {
            return false;
        }
        int end = nameEnd(label);
        return isNeutral(nameStart(end), end);
    }

    int nameEnd(int label) {
        int end = label;
        while (end > 0 && end > label - MAX_BLANKS && " \t\"'`])\\*".indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return end;
    }

    int nameStart(int end) {
        int start = end;
        while (start > 0 && end - start < SecretNames.LONGEST && isWord(text.charAt(start - 1))) {
            start--;
        }
        return start;
    }

    boolean isNeutral(int start, int end) {
        return end - start < 24
                && NameTables.NEUTRAL.contains(
                        SecretNames.compact(text.subSequence(start, end).toString()));
    }

    /** Returns whether the last word of the label names something that may be random and may be known. */
    boolean isPublic(int label) {
        int end = nameEnd(label);
        int start = nameStart(end);
        if (start == end || end - start > SecretNames.LONGEST) {
            return Chars.at(text, end - 1) == ',' && Chars.matches(text, end - 8, ";base64,");
        }
        return NameTables.PUBLIC.contains(
                SecretNames.lastWord(text.subSequence(start, end).toString()));
    }

    /** Returns whether nothing but words is in between, as in a sentence. */
    boolean isSentence(int start, int end) {
        if (end - start > NearbySecrets.NEAR) {
            return false;
        }
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c < 128 && !Chars.isAlphanumeric(c) && " @._-/()`'*<>".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether the word before "key" says that the key may be known, as "public" and "cache" do. */
    boolean isPublicKey(int key) {
        int end = key - 1;
        char gap = Chars.at(text, end);
        if (gap == ':') {
            return true;
        }
        if (gap != ' ' && gap != '-' && gap != '_' && gap != '.') {
            return false;
        }
        int start = nameStart(end);
        return end - start <= LONGEST_WORD
                && NameTables.BEFORE_PUBLIC_KEY.contains(
                        text.subSequence(start, end).toString().toLowerCase(Locale.ROOT));
    }

    /** Returns whether it is a part of what SOPS has encrypted, {@code ENC[AES256_GCM,data:…,iv:…]}. */
    boolean isSealed(int start) {
        for (int i = start - 1; i > 0 && i > start - SecretValues.WINDOW && text.charAt(i) != ']'; i--) {
            if (text.charAt(i) == '[') {
                return Chars.matches(text, i - 3, "ENC[");
            }
        }
        return false;
    }

    static boolean isWord(char c) {
        return Chars.isToken(c) || (c >= 128 && Character.isLetter(c));
    }
}
