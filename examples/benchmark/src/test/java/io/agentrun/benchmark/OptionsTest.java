package io.agentrun.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {

    private static final Path FOLDER = Path.of("module");

    @Test
    void without_arguments_all_is_measured_and_written_into_the_module() {
        Options options = Options.parse(FOLDER);

        assertThat(options.only()).isEmpty();
        assertThat(options.threads()).containsExactly(1, 8, 32);
        assertThat(options.pace().rounds()).isEqualTo(3);
        assertThat(options.json()).isEqualTo(Path.of("module", "target", "benchmark.json"));
        assertThat(options.url()).isNull();
        assertThat(options.docs()).isNull();
        assertThat(options.help()).isFalse();
        assertThat(Scenarios.chosen(Scenarios.ALL, options.only()))
                .hasSize(Scenarios.ALL.size() - 1)
                .noneMatch(scenario -> scenario.key().equals("growth"));
        assertThat(Scenarios.chosen(Scenarios.ALL, List.of("growth"))).hasSize(1);
    }

    @Test
    void every_option_is_heard() {
        Options options = Options.parse(
                FOLDER,
                ("--only append,heartbeat --threads 2,4 --seconds 3 --rounds 7 --pool 16 --day 500 --url jdbc:postgresql://h/d"
                                + " --json a.json --docs b.md --help")
                        .split(" "));

        assertThat(options)
                .isEqualTo(new Options(
                        List.of("append", "heartbeat"),
                        List.of(2, 4),
                        3,
                        7,
                        16,
                        500,
                        "jdbc:postgresql://h/d",
                        Path.of("a.json"),
                        Path.of("b.md"),
                        true));
        assertThat(options.pace().slice()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options.pace().rounds()).isEqualTo(7);
    }

    @Test
    void what_is_wrong_is_named() {
        refused("--fast", "'--fast'");
        refused("--seconds", "--seconds must be followed by a value");
        refused("--seconds 0", "from 1 to 60, not '0'");
        refused("--rounds 100", "from 1 to 99, not '100'");
        refused("--pool 1", "from 4 to 200, not '1'");
        refused("--day 99", "from 100 to 1000000, not '99'");
        refused("--threads 1,x", "not 'x'");
        refused("--threads ,", "--threads must name a number");
    }

    @Test
    void scenarios_are_chosen_by_key_and_keep_the_order_of_the_table() {
        assertThat(Scenarios.chosen(Scenarios.ALL, List.of("heartbeat", "append")))
                .extracting(scenario -> scenario.key())
                .containsExactly("append", "heartbeat");
        assertThat(Scenarios.chosen(Scenarios.ALL, List.of("none"))).isEmpty();
        assertThatThrownBy(() -> Scenarios.chosen(Scenarios.ALL, List.of("append", "apend")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("'apend'")
                .hasMessageContaining("append-50");
    }

    @Test
    void no_two_scenarios_have_one_key() {
        assertThat(Scenarios.ALL).extracting(scenario -> scenario.key()).doesNotHaveDuplicates();
    }

    private static void refused(String arguments, String message) {
        assertThatThrownBy(() -> Options.parse(FOLDER, arguments.split(" ")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }
}
