package io.agentrun.checks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What depends on what, and how large a package gets. */
class StructureTest {

    private static final int MAX_FILES = 25;

    @ParameterizedTest
    @EnumSource(Modules.class)
    void a_module_depends_only_on_the_modules_below_it(Modules module) {
        String[] allowed = Stream.concat(
                        Stream.of(module).flatMap(own -> Stream.of(own.packages())),
                        below(module).flatMap(other -> Stream.of(other.packages())))
                .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAnyPackage(module.packages())
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.agentrun..")
                        .and(com.tngtech.archunit.base.DescribedPredicate.not(
                                JavaClass.Predicates.resideInAnyPackage(allowed))))
                .check(Modules.all());
    }

    private static Stream<Modules> below(Modules module) {
        return switch (module) {
            case API -> Stream.empty();
            case CORE, WORKER, CONSOLE -> Stream.of(Modules.API);
            case K8S -> Stream.of(Modules.API, Modules.WORKER);
            case MICROMETER -> Stream.of(Modules.API, Modules.WORKER, Modules.K8S);
            case SPRING ->
                Stream.of(
                        Modules.API,
                        Modules.WORKER,
                        Modules.MEMORY,
                        Modules.POSTGRES,
                        Modules.MICROMETER,
                        Modules.CONSOLE,
                        Modules.CORE);
            case MEMORY, POSTGRES -> Stream.of(Modules.API, Modules.CORE);
            case TCK -> Stream.of(Modules.API, Modules.CORE, Modules.MEMORY, Modules.WORKER);
        };
    }

    @Test
    void every_package_is_in_one_module() {
        assertThat(Modules.packageNames())
                .allSatisfy(name -> assertThat(Modules.of(name)).as(name).hasSize(1));
    }

    @Test
    void no_packages_depend_on_each_other_in_a_circle() {
        slices().assignedFrom(new PackageSlices()).should().beFreeOfCycles().check(Modules.all());
    }

    @Test
    void no_package_is_large() {
        Map<String, Long> files = new TreeMap<>(Modules.all().stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(type -> !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())));

        // One suite per subject: they are read one by one, and have no dependencies among each other.
        files.remove("io.agentrun.tck.suite");
        assertThat(files).allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(MAX_FILES));
    }

    @Test
    void every_package_is_null_marked() {
        assertThat(Modules.packageNames())
                .allSatisfy(name -> assertThat(marked(name)).as(name).isTrue());
    }

    private static boolean marked(String packageName) {
        try {
            return Class.forName(packageName + ".package-info").isAnnotationPresent(NullMarked.class);
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Test
    void public_classes_are_final_unless_they_are_made_to_be_extended() {
        classes()
                .that()
                .areTopLevelClasses()
                .and()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .and()
                .doNotHaveSimpleName("package-info")
                .and()
                .doNotHaveSimpleName("EngineStore")
                .should()
                .haveModifier(JavaModifier.FINAL)
                .check(Modules.all());
    }
}
