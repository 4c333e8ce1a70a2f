package io.agentrun.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Beside the compiler's own check (RequireExplicitNullMarking), which a suppression could silence. */
class NullMarkedTest {

    private static final Path CLASSES = Path.of("target", "classes");

    @Test
    void every_package_is_null_marked() throws Exception {
        Set<String> packages = packagesOfMain();

        Set<String> unmarked = new TreeSet<>();
        for (String name : packages) {
            if (!isNullMarked(name)) {
                unmarked.add(name);
            }
        }

        assertThat(packages).contains("io.agentrun.error");
        assertThat(unmarked).isEmpty();
    }

    private static Set<String> packagesOfMain() throws IOException {
        Set<String> packages = new TreeSet<>();
        try (Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.toString().endsWith(".class")) {
                    packages.add(CLASSES.relativize(file.getParent()).toString().replace('/', '.'));
                }
            }
        }
        return packages;
    }

    private static boolean isNullMarked(String packageName) {
        try {
            return Class.forName(packageName + ".package-info").isAnnotationPresent(NullMarked.class);
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
