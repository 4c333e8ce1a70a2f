package io.agentrun.postgres.mutation;

import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * A copy of the module's main source and resources with one mutant in it, compiled; the module's tests run on it in a class loader
 * of their own. Not thread-safe: one thread at a time.
 */
final class MutatedModule {

    private static final String PACKAGE = "io.agentrun.postgres.";
    private static final Path MAIN = Path.of("src", "main");

    private final Path classes;

    private MutatedModule(Path classes) {
        this.classes = classes;
    }

    /**
     * Makes the copy.
     *
     * @param mutant null for the source as it is
     * @param folder where the copy goes; what is there is replaced
     * @throws IllegalStateException if the mutant does not fit or does not compile
     */
    static MutatedModule of(@Nullable Mutant mutant, Path folder) throws IOException {
        clear(folder);
        Path source = folder.resolve("source");
        Path classes = folder.resolve("classes");
        copy(MAIN.resolve("java"), source, mutant);
        copy(MAIN.resolve("resources"), classes, mutant);
        compile(source, classes);
        return new MutatedModule(classes);
    }

    private static void copy(Path from, Path to, @Nullable Mutant mutant) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                if (mutant != null && file.endsWith(mutant.file())) {
                    Files.writeString(target, mutant.applyTo(Files.readString(file)));
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static void compile(Path source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> all = Files.walk(source)) {
            List<Path> java =
                    all.filter(path -> path.toString().endsWith(".java")).toList();
            List<String> options = List.of(
                    "-d",
                    classes.toString(),
                    "-proc:none",
                    "-nowarn",
                    "-parameters",
                    "-classpath",
                    System.getProperty("java.class.path"));
            boolean compiled = compiler.getTask(
                            problems, files, null, options, null, files.getJavaFileObjectsFromPaths(java))
                    .call();
            if (!compiled) {
                throw new IllegalStateException("does not compile: " + problems);
            }
        }
    }

    /** Returns a class loader that sees the copy before the module itself, and the module's tests on top of it. */
    URLClassLoader loader() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        urls.add(classes.toUri().toURL());
        for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"), -1)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path.resolve("io/agentrun/postgres"))) {
                urls.add(path.toUri().toURL());
            }
        }
        return new OwnFirst(urls.toArray(URL[]::new));
    }

    /** Loads the module's packages itself, and everything else as its parent does. */
    private static final class OwnFirst extends URLClassLoader {

        private OwnFirst(URL[] urls) {
            super(urls, MutatedModule.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (!name.startsWith(PACKAGE) || name.startsWith(PACKAGE + "mutation.")) {
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
    }

    private static void clear(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(folder);
    }
}
