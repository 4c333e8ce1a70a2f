package io.agentrun.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page, its style and its script, read from the class path once: there is no other file to ask for. Immutable. */
final class PageFiles {

    private static final List<String> NAMES = List.of(
            "index.html",
            "console.css",
            "content.css",
            "questions.css",
            "narrow.css",
            "main.js",
            "api.js",
            "dom.js",
            "format.js",
            "parts.js",
            "queue.js",
            "run.js",
            "stream.js",
            "sessions.js",
            "questions.js",
            "inspect.js");

    private final Map<String, PageFile> byPath;

    private PageFiles(Map<String, PageFile> byPath) {
        this.byPath = byPath;
    }

    @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
    record PageFile(String type, byte[] bytes) {}

    static PageFiles read() {
        Map<String, PageFile> files = new LinkedHashMap<>();
        for (String name : NAMES) {
            files.put("/" + name, new PageFile(type(name), bytes(name)));
        }
        files.put("/", new PageFile(type("index.html"), bytes("index.html")));
        return new PageFiles(files);
    }

    /** Returns the file at the path; null if there is none. */
    @Nullable
    PageFile at(String path) {
        return byPath.get(path);
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.'))) {
            case ".html" -> "text/html; charset=utf-8";
            case ".css" -> "text/css; charset=utf-8";
            default -> "text/javascript; charset=utf-8";
        };
    }

    private static byte[] bytes(String name) {
        try (InputStream in = PageFiles.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the module lacks its file " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
