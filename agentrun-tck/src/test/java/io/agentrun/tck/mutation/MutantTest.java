package io.agentrun.tck.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

/** How mutants are read and applied. Whether each still fits the source is said by the program, not by the build. */
class MutantTest {

    private static final String BLOCK = """
            mutant: a claim begins no epoch
            file: internal/table/RunQueries.java
            kit: Lease Fence
            - SET epoch = epoch + 1,
              status = 'claimed'
            + SET status = 'claimed'
            """;

    @Test
    void a_mutant_is_read_with_its_tests_and_its_change() {
        Mutant mutant = Mutant.parse(BLOCK.replace("  status", "- status"));

        assertThat(mutant.name()).isEqualTo("a claim begins no epoch");
        assertThat(mutant.tests()).containsExactly("Lease", "Fence");
        assertThat(mutant.plain()).isFalse();
        assertThat(mutant.equivalent()).isNull();
        assertThat(mutant.before()).isEqualTo("SET epoch = epoch + 1,\nstatus = 'claimed'");
        assertThat(mutant.after()).isEqualTo("SET status = 'claimed'");
    }

    @Test
    void tests_of_the_module_are_named_in_a_field_of_their_own() {
        Mutant mutant = Mutant.parse(BLOCK.replace("kit: Lease Fence", "tests: job.OneTest log.OtherTest"));

        assertThat(mutant.tests()).containsExactly("job.OneTest", "log.OtherTest");
    }

    @Test
    void a_line_that_goes_on_belongs_to_the_text_before_it() {
        Mutant mutant = Mutant.parse(BLOCK);

        assertThat(mutant.applyTo("UPDATE t SET epoch = epoch + 1,\n    status = 'claimed' WHERE"))
                .isEqualTo("UPDATE t SET status = 'claimed' WHERE");
    }

    @Test
    void a_text_that_is_not_there_or_is_there_twice_is_refused() {
        Mutant mutant = Mutant.parse(BLOCK);
        String text = "SET epoch = epoch + 1, status = 'claimed';";

        assertThatIllegalStateException()
                .isThrownBy(() -> mutant.applyTo("nothing"))
                .withMessageContaining("stale");
        assertThatIllegalStateException()
                .isThrownBy(() -> mutant.applyTo(text + text))
                .withMessageContaining("ambiguous");
        assertThat(Mutant.parse(BLOCK + "nth: 2\n").applyTo(text + text)).isEqualTo(text + "SET status = 'claimed';");
        assertThat(Mutant.parse(BLOCK + "nth: all\n").applyTo(text + text))
                .isEqualTo("SET status = 'claimed';SET status = 'claimed';");
    }
}
