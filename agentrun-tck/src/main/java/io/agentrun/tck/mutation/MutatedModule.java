package io.agentrun.tck.mutation;

import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The module with one mutant in it: what the mutant changes is compiled into a folder of its own, which a class loader finds before
 * the module's classes. Not thread-safe: one thread at a time.
 */
final class MutatedModule {

    private static final Path MAIN = Path.of("src", "main");
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    private final String rootPackage;
    private final Path classes;

    /** The folder of the class path that stands in {@link #classes} as a whole; null if there are changed classes alone. */
    private final @Nullable Path copied;

    private MutatedModule(String rootPackage, Path classes, @Nullable Path copied) {
        this.rootPackage = rootPackage;
        this.classes = classes;
        this.copied = copied;
    }

    /**
     * Applies the mutant.
     *
     * @param mutant null for the module as it is
     * @param folder where the changed files go; what is there is removed
     * @throws IllegalStateException if the mutant does not fit or does not compile
     */
    static MutatedModule of(String rootPackage, @Nullable Mutant mutant, Path folder) throws IOException {
        clear(folder);
        Path classes = folder.resolve("classes");
        Files.createDirectories(classes);
        Path copied = null;
        if (mutant != null) {
            Path file = find(mutant);
            String changed = mutant.applyTo(Files.readString(file));
            if (file.startsWith(MAIN.resolve("resources"))) {
                String name = MAIN.resolve("resources").relativize(file).toString();
                copied = folderOf(name);
                copy(copied, classes);
                write(changed, classes.resolve(name));
            } else {
                Path source = folder.resolve(String.valueOf(file.getFileName()));
                write(changed, source);
                List<Path> all = usersOf(file);
                all.add(source);
                compile(all, classes);
            }
        }
        return new MutatedModule(rootPackage, classes, copied);
    }

    /** Returns the folder of the class path that has the resource. Who lists its siblings must find each of them once. */
    private static Path folderOf(String resource) {
        return entries().stream()
                .filter(entry -> Files.exists(entry.resolve(resource)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no folder of the class path has " + resource));
    }

    private static List<Path> entries() {
        return Stream.of(CLASS_PATH.split(System.getProperty("path.separator"), -1))
                .map(Path::of)
                .toList();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                Files.copy(file, target);
            }
        }
    }

    private static Path find(Mutant mutant) throws IOException {
        try (Stream<Path> files = Files.walk(MAIN)) {
            List<Path> found =
                    files.filter(file -> file.endsWith(mutant.file())).toList();
            if (found.size() != 1) {
                throw new IllegalStateException("stale: " + found.size() + " files are named " + mutant.file());
            }
            return found.get(0);
        }
    }

    /** Returns the files that name the class: a compiler copies the values of constants into them. */
    private static List<Path> usersOf(Path file) throws IOException {
        String type = String.valueOf(file.getFileName()).replace(".java", "");
        Pattern name = Pattern.compile("\\b" + type + "\\b");
        List<Path> users = new ArrayList<>();
        try (Stream<Path> files = Files.walk(MAIN.resolve("java"))) {
            for (Path other : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.equals(file))
                    .toList()) {
                if (name.matcher(Files.readString(other)).find()) {
                    users.add(other);
                }
            }
        }
        return users;
    }

    private static void write(String text, Path file) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }

    private static void compile(List<Path> java, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-d",
                    classes.toString(),
                    "-proc:none",
                    "-implicit:none",
                    "-nowarn",
                    "-parameters",
                    "-classpath",
                    CLASS_PATH);
            boolean compiled = compiler.getTask(
                            problems, files, null, options, null, files.getJavaFileObjectsFromPaths(java))
                    .call();
            if (!compiled) {
                throw new IllegalStateException("does not compile: " + problems);
            }
        }
    }

    /** Returns a class loader that sees what was changed before the module itself, and the module's tests on top of it. */
    URLClassLoader loader() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        urls.add(classes.toUri().toURL());
        for (Path path : entries()) {
            if (Files.isDirectory(path.resolve(rootPackage.replace('.', '/'))) && !path.equals(copied)) {
                urls.add(path.toUri().toURL());
            }
        }
        return new OwnFirst(rootPackage + ".", urls.toArray(URL[]::new));
    }

    /** Loads the module's packages itself, and everything else as its parent does. */
    private static final class OwnFirst extends URLClassLoader {

        private final String prefix;

        private OwnFirst(String prefix, URL[] urls) {
            super(urls, MutatedModule.class.getClassLoader());
            this.prefix = prefix;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (!name.startsWith(prefix) || name.startsWith(prefix + "mutation.")) {
                    return super.loadClass(name, resolve);
                }
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }

        @Override
        public @Nullable URL getResource(String name) {
            URL own = findResource(name);
            return own != null ? own : super.getResource(name);
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            Enumeration<URL> own = findResources(name);
            return own.hasMoreElements() ? own : super.getResources(name);
        }
    }

    private static void clear(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
