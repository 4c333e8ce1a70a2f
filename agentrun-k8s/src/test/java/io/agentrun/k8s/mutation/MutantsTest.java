package io.agentrun.k8s.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.agentrun.tck.mutation.Mutant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lists of mutants of this module. That each is caught is said by the program, not by the build. */
class MutantsTest {

    private static final Path TESTS = Path.of("src", "test", "java", "io", "agentrun", "k8s");

    @Test
    void every_mutant_has_a_name_of_its_own_and_names_tests_of_this_module() throws IOException {
        List<Mutant> mutants = Mutant.readAll(Path.of("src", "test", "mutants"));

        assertThat(mutants).hasSizeGreaterThan(40);
        assertThat(mutants).extracting(Mutant::name).doesNotHaveDuplicates();
        assertThat(mutants).allSatisfy(mutant -> {
            assertThat(mutant.before()).isNotBlank();
            assertThat(mutant.after()).isNotEqualTo(mutant.before());
            assertThat(mutant.tests())
                    .allSatisfy(test -> assertThat(TESTS.resolve(test.replace('.', '/') + ".java"))
                            .matches(Files::exists));
        });
    }

    @Test
    void every_mutant_fits_the_source() {
        assertThatCode(() -> Mutant.requireFit(Path.of("src", "test", "mutants"), Path.of("src", "main")))
                .doesNotThrowAnyException();
    }
}
