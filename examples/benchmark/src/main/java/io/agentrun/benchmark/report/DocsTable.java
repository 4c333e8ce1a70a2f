package io.agentrun.benchmark.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts a table into a page, between two marks that stay. */
public final class DocsTable {

    static final String BEGIN = "<!-- benchmark:begin -->";
    static final String END = "<!-- benchmark:end -->";

    private DocsTable() {}

    /**
     * Rewrites what stands between the marks of a page.
     *
     * @throws IllegalArgumentException if the page does not have both marks, in this order
     */
    public static void rewrite(Path page, String content) throws IOException {
        Files.writeString(page, rewritten(Files.readString(page), content));
    }

    static String rewritten(String page, String content) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the page must hold " + BEGIN + " and, after it, " + END);
        }
        return page.substring(0, begin + BEGIN.length()) + "\n" + content + "\n" + page.substring(end);
    }
}
