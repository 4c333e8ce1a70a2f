package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.NotFoundException;
import io.agentrun.model.CancelMode;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskRetry;
import io.agentrun.queue.TaskState;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.PurgeResult;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Purges and what may meet them: what is used again stays, what is not goes once, and nothing that a caller was told is lost.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class PurgeRaceSuite extends MeetingCallers {

    private static final Duration AGE = Duration.ofDays(30);
    private static final int ROUNDS = 8;
    private static final int PURGES = 2;
    private static final int RECORDS = 60;
    private static final String TITLE = "used again";

    /** For adapters. */
    protected PurgeRaceSuite() {}

    /** Deletes a few at a time, until there is no more, and returns how many. */
    private int purge(Function<PurgeRequest, PurgeResult> purge) {
        PurgeRequest few = new PurgeRequest(given().scope(), AGE, 7);
        int purged = 0;
        PurgeResult last = new PurgeResult(0, true);
        while (last.more()) {
            last = purge.apply(few);
            purged += last.purged();
        }
        return purged;
    }

    /** Returns those of the records that a caller has, who is none of the purges. */
    private static <T> List<T> share(List<T> records, int caller) {
        return IntStream.range(0, RECORDS)
                .filter(i -> i % (CALLERS - PURGES) == caller - PURGES)
                .mapToObj(records::get)
                .toList();
    }

    @Test
    @Proves({Rule.Q_17, Rule.Q_15})
    void each_task_is_either_deleted_or_tried_again() {
        for (int round = 0; round < ROUNDS; round++) {
            String queue = given().name("queue");
            List<QueueTask> tasks = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                tasks.add(store().queue().cancel(given().task(queue).id(), "no more", CancelMode.FORCE));
            }
            advance(AGE.plusHours(1));

            List<Integer> counts = race(i -> i < PURGES
                    ? purge(store().queue()::purge)
                    : (int) share(tasks, i).stream().filter(this::isTriedAgain).count());

            assertThat(counts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(RECORDS);
            QueueQuery ofQueue = QueueQuery.in(given().scope()).withQueue(queue).withLimit(RECORDS);
            List<QueueTask> left = store().queue().list(ofQueue).items();
            assertThat(left)
                    .hasSize(counts.stream()
                            .skip(PURGES)
                            .mapToInt(Integer::intValue)
                            .sum());
            for (QueueTask task : left) {
                assertThat(task.state()).isEqualTo(TaskState.PENDING);
                store().queue().cancel(task.id(), "no more", CancelMode.FORCE);
            }
            advance(AGE.plusHours(1));
            assertThat(purge(store().queue()::purge)).isEqualTo(left.size());
        }
    }

    private boolean isTriedAgain(QueueTask task) {
        try {
            return store().queue().retry(TaskRetry.of(task.id())).state() == TaskState.PENDING;
        } catch (NotFoundException e) {
            return false;
        }
    }

    @Test
    @Proves(Rule.S_12)
    void a_session_that_is_used_at_the_moment_is_there_afterwards() {
        for (int round = 0; round < ROUNDS; round++) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                String id = given().name("session");
                given().completed(given().runIn(id));
                ids.add(id);
            }
            advance(AGE.plusHours(1));

            List<List<Run>> created = race(i -> {
                if (i < PURGES) {
                    purge(store().sessions()::purge);
                    return List.of();
                }
                List<String> own = share(ids, i);
                return i % 2 == 0 ? own.stream().map(this::run).toList() : renamed(own);
            });

            List<Run> runs = created.stream().flatMap(List::stream).toList();
            assertThat(runs).hasSize(RECORDS / 2);
            for (Run run : runs) {
                assertThat(store().runs().get(run.id())).isEqualTo(run);
                assertThat(sessionOf(run).activity().lastRunId()).isEqualTo(run.id());
                given().completed(run);
            }
            assertThat(ids.stream().map(this::session).map(Session::title))
                    .filteredOn(TITLE::equals)
                    .hasSize(RECORDS / 2);
            advance(AGE.plusHours(1));
            assertThat(purge(store().sessions()::purge)).isEqualTo(RECORDS);
        }
    }

    private Run run(String sessionId) {
        return store().runs()
                .create(given().newRun().session(SessionRef.of(sessionId)).build());
    }

    private List<Run> renamed(List<String> sessionIds) {
        for (String id : sessionIds) {
            store().sessions()
                    .upsert(SessionUpsert.builder(
                                    id, given().owner(), given().spec().backendProfile())
                            .title(TITLE)
                            .build());
        }
        return List.of();
    }
}
