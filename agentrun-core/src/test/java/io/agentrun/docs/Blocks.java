package io.agentrun.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A document with parts that are computed: what stands between {@code <!-- generated: name -->} and
 * {@code <!-- end: name -->}.
 */
final class Blocks {

    /** Set to {@code write}, the tests rewrite the parts instead of comparing them. */
    static final String PROPERTY = "agentrun.docs";

    private final Path file;

    Blocks(Path file) {
        this.file = file;
    }

    /** The part as the document has it; rewritten before with what it should be, if that is asked for. */
    String read(String name, String wanted) throws IOException {
        String text = Files.readString(file);
        String begin = "<!-- generated: " + name + " -->\n";
        int from = text.indexOf(begin);
        int to = text.indexOf("<!-- end: " + name + " -->");
        if (from < 0 || to < from) {
            throw new AssertionError(file + " has no part " + name);
        }
        from += begin.length();
        if ("write".equals(System.getProperty(PROPERTY))) {
            Files.writeString(file, text.substring(0, from) + wanted + text.substring(to));
            return wanted;
        }
        return text.substring(from, to);
    }
}
