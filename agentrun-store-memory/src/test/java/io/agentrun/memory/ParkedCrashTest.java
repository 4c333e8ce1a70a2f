package io.agentrun.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.Resumed;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the program that has parked runs, as often as {@code -Dagentrun.kills} says; 5 times unless given. */
class ParkedCrashTest {

    private static final int KILLS = Integer.getInteger("agentrun.kills", 5);

    @TempDir
    Path folder;

    @Test
    void no_parked_run_and_no_answer_is_lost_when_the_process_is_killed() throws Exception {
        Path file = folder.resolve("store");
        Random random = new Random(7);
        int said = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            List<String> acknowledged = writeUntilKilled(file, "w" + kill, 1 + random.nextInt(30));
            said += acknowledged.size();

            try (AgentRunStore store =
                    InMemoryAgentRunStore.builder().withoutSync().open(file)) {
                acknowledged.forEach(line -> assertKept(store, line));
                assertThat(StoreDoctor.of(store).examine().findings()).isEmpty();
                goOn(store);
            }
        }
        assertThat(said).isGreaterThanOrEqualTo(KILLS);
    }

    private static List<String> writeUntilKilled(Path file, String name, int lines) throws Exception {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ParkWriter.class.getName(),
                        file.toString(),
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
        // The last line may be cut off in the middle.
        return said.stream().filter(line -> line.endsWith(" .")).toList();
    }

    private static void assertKept(AgentRunStore store, String line) {
        String[] words = line.split(" ", -1);
        Run run = store.runs().get(words[1]);
        QuestionState state = store.questions().get(words[2]).state();
        boolean answered = words[0].equals("answered") || state == QuestionState.ANSWERED;
        assertThat(state).isEqualTo(answered ? QuestionState.ANSWERED : QuestionState.OPEN);
        assertThat(run.status()).isEqualTo(answered ? RunStatus.PENDING : RunStatus.WAITING);
    }

    /** Whatever waits is answered, and every run is claimed and ended with what became of its question. */
    private static void goOn(AgentRunStore store) {
        for (Run run : open(store, RunStatus.WAITING)) {
            Resumed resumed = Objects.requireNonNull(turn(store, run).resumed());
            resumed.waitsFor().forEach(id -> store.questions().answer(id, Reply.text("late"), "bob"));
        }
        assertThat(open(store, RunStatus.WAITING)).isEmpty();
        for (Run run : open(store, RunStatus.PENDING)) {
            RunLease lease = store.leases().claim(run.id(), "runner", Duration.ofHours(1));
            if (run.parkedEpoch() > 0) {
                assertThat(Objects.requireNonNull(turn(store, run).resumed()).results())
                        .hasSize(1);
            }
            store.runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        }
    }

    private static Command turn(AgentRunStore store, Run run) {
        return store.commands().list(run.id(), 0, 1).items().get(0);
    }

    private static List<Run> open(AgentRunStore store, RunStatus status) {
        return store.runs()
                .list(RunQuery.in(TenantScope.all()).withStatus(status).withLimit(500))
                .items();
    }
}
