package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.CommandState;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.model.TenantScope;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreCrashTest {

    private static final int KILLS = 12;

    @TempDir
    Path folder;

    @Test
    void a_synced_file_keeps_every_acknowledged_operation_whole_when_its_writer_is_killed() throws Exception {
        killAndLook("synced");
    }

    @Test
    void a_file_left_to_the_operating_system_keeps_them_too_when_only_the_writer_dies() throws Exception {
        killAndLook("os");
    }

    private void killAndLook(String sync) throws Exception {
        Path file = folder.resolve("store");
        List<String> acknowledged = new ArrayList<>();
        Random random = new Random(7);
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged.addAll(writeUntilKilled(file, sync, "w" + kill, 1 + random.nextInt(120)));

            try (AgentRunStore store = InMemoryAgentRunStore.open(file)) {
                for (String line : acknowledged) {
                    assertKept(store, line);
                }
                assertWhole(store);
            }
        }
        assertThat(acknowledged).hasSizeGreaterThan(KILLS);
    }

    /** Kills the writer after so many lines; what it says until it is dead was acknowledged. */
    private static List<String> writeUntilKilled(Path file, String sync, String name, int lines) throws Exception {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashWriter.class.getName(),
                        file.toString(),
                        sync,
                        name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader out = writer.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.add(line);
                if (said.size() == lines) {
                    writer.destroyForcibly();
                }
            }
        } catch (IOException closedByItsDeath) {
            assertThat(said).hasSizeGreaterThanOrEqualTo(lines);
        }
        writer.waitFor();
        assertThat(said).as("what the writer said").hasSizeGreaterThanOrEqualTo(lines);
        return said.subList(0, whole(said));
    }

    /** The last line may be cut off in the middle. */
    private static int whole(List<String> said) {
        String last = said.get(said.size() - 1);
        return last.indexOf(' ') > 0 && last.length() > 36 ? said.size() : said.size() - 1;
    }

    private static void assertKept(AgentRunStore store, String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "run" -> assertThat(store.runs().get(words[1]).id()).isEqualTo(words[1]);
            case "turn" -> assertThat(store.commands().get(words[1]).id()).isEqualTo(words[1]);
            case "epoch" ->
                assertThat(store.runs().get(words[1]).epoch()).isGreaterThanOrEqualTo(Long.parseLong(words[2]));
            case "acknowledged" ->
                assertThat(store.commands().get(words[1]).state()).isNotEqualTo(CommandState.PENDING);
            case "event" ->
                assertThat(store.events()
                                .list(words[1], Long.parseLong(words[2]) - 1, 1)
                                .items())
                        .hasSize(1);
            case "finished" ->
                assertThat(store.runs().get(words[1]).isTerminal()).isTrue();
            case "task" -> assertThat(store.queue().get(words[1]).id()).isEqualTo(words[1]);
            default -> throw new AssertionError("the writer said " + line);
        }
    }

    /** No operation is there by half: what one step writes together is there together. */
    private static void assertWhole(AgentRunStore store) {
        String cursor = null;
        do {
            var page = store.runs()
                    .list(RunQuery.in(TenantScope.all()).withLimit(500).withCursor(cursor));
            page.items().forEach(run -> assertWhole(store, run));
            cursor = page.nextCursor();
        } while (cursor != null);
    }

    private static void assertWhole(AgentRunStore store, Run run) {
        EventPage events = store.events().list(run.id(), 0, 500);
        List<Command> commands = store.commands().list(run.id(), 0, 100).items();
        assertThat(events.items()).extracting(RunEvent::seq).isSorted().startsWith(1L);
        assertThat(events.items().get(events.items().size() - 1).seq())
                .isEqualTo(events.items().size());
        assertThat(appended(events) % 2).as("both events of a batch").isZero();
        assertThat(phases(events, "command-created")).isEqualTo(commands.size());
        assertThat(phases(events, "run-claimed")).isEqualTo(run.epoch());
        assertThat(events.ended()).isEqualTo(run.isTerminal());
        if (run.isTerminal()) {
            assertThat(events.items().get(events.items().size() - 1).type()).isEqualTo(EventType.TERMINAL_STATUS);
            assertThat(commands).allMatch(command -> command.state().terminal());
        }
    }

    private static long appended(EventPage events) {
        return events.items().stream()
                .filter(event -> event.type() == EventType.ASSISTANT_MESSAGE)
                .count();
    }

    private static long phases(EventPage events, String phase) {
        return events.items().stream()
                .filter(event ->
                        event.payload().string("phase").filter(phase::equals).isPresent())
                .count();
    }
}
