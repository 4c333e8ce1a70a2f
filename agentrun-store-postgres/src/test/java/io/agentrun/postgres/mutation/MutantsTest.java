package io.agentrun.postgres.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.agentrun.tck.mutation.Mutant;
import io.agentrun.tck.suite.StoreConformance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The lists of mutants of this module. That each is caught is said by the program, not by the build. */
class MutantsTest {

    @Test
    void every_mutant_has_a_name_of_its_own_and_names_suites_of_the_kit() throws IOException {
        List<Mutant> mutants = Mutant.readAll(Path.of("src", "test", "mutants"));

        Set<String> suites = Stream.of(StoreConformance.class, StoreConformance.class.getSuperclass())
                .flatMap(type -> Stream.of(type.getDeclaredClasses()))
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());
        assertThat(mutants).hasSizeGreaterThan(100);
        assertThat(mutants).extracting(Mutant::name).doesNotHaveDuplicates();
        assertThat(mutants).allSatisfy(mutant -> {
            assertThat(mutant.before()).isNotBlank();
            assertThat(mutant.after()).isNotEqualTo(mutant.before());
            assertThat(suites).containsAll(mutant.tests());
        });
    }

    @Test
    void every_mutant_fits_the_source() {
        assertThatCode(() -> Mutant.requireFit(Path.of("src", "test", "mutants"), Path.of("src", "main")))
                .doesNotThrowAnyException();
    }
}
