package io.agentrun.checks;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The modules of the library, as sets of packages; no package is in two of them. */
enum Modules {
    API(
            "io.agentrun",
            "io.agentrun.check",
            "io.agentrun.command",
            "io.agentrun.error",
            "io.agentrun.event",
            "io.agentrun.id",
            "io.agentrun.inspect",
            "io.agentrun.json",
            "io.agentrun.lease",
            "io.agentrun.limit",
            "io.agentrun.model",
            "io.agentrun.question",
            "io.agentrun.queue",
            "io.agentrun.redact",
            "io.agentrun.redact.internal",
            "io.agentrun.run",
            "io.agentrun.runner",
            "io.agentrun.schedule",
            "io.agentrun.session",
            "io.agentrun.storage",
            "io.agentrun.text"),
    CORE("io.agentrun.rules..", "io.agentrun.engine..", "io.agentrun.backend..", "io.agentrun.doctor.."),
    MEMORY("io.agentrun.memory.."),
    POSTGRES("io.agentrun.postgres.."),
    K8S("io.agentrun.k8s.."),
    WORKER("io.agentrun.worker.."),
    CONSOLE("io.agentrun.console.."),
    MICROMETER("io.agentrun.micrometer.."),
    SPRING("io.agentrun.spring.."),
    TCK("io.agentrun.tck..");

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/checks/"))
            .importPackages("io.agentrun");

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable
    private final List<String> packages;

    Modules(String... packages) {
        this.packages = List.of(packages);
    }

    /** Returns the package patterns of this module. */
    String[] packages() {
        return packages.toArray(String[]::new);
    }

    /** Returns the classes of all modules. */
    static JavaClasses all() {
        return ALL;
    }

    /** Returns the names of all packages that have classes, those of modules that nobody has listed here too. */
    static Set<String> packageNames() {
        return ALL.stream().map(JavaClass::getPackageName).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the modules that have the package. */
    static Set<Modules> of(String packageName) {
        return Arrays.stream(values())
                .filter(module -> module.packages.stream().anyMatch(pattern -> matches(pattern, packageName)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean matches(String pattern, String packageName) {
        if (!pattern.endsWith("..")) {
            return pattern.equals(packageName);
        }
        String root = pattern.substring(0, pattern.length() - 2);
        return packageName.equals(root) || packageName.startsWith(root + ".");
    }
}
