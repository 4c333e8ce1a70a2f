package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventPage;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Limits;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Events: dense numbers, batches, pages with an honest end, and secrets that are not stored.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class EventSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());
    private static final String TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

    /** For adapters. */
    protected EventSuite() {}

    @Test
    @Proves({Rule.E_1, Rule.E_2, Rule.G_5})
    void events_are_numbered_on_without_a_gap_in_the_given_order() {
        RunLease lease = given().claimed();
        advance(Duration.ofSeconds(3));

        RunEvent one = store().events().append(lease.fence(), event("one"));
        List<RunEvent> batch =
                second().events().append(lease.fence(), List.of(event("two"), event("three"), event("four")));
        RunEvent host = store().events().appendUnfenced(lease.run().id(), event("five"));

        assertThat(one.seq()).isEqualTo(3);
        assertThat(batch).extracting(RunEvent::seq).containsExactly(4L, 5L, 6L);
        assertThat(batch)
                .extracting(RunEvent::createdAt)
                .containsOnly(batch.get(0).createdAt());
        assertThat(host.seq()).isEqualTo(7);
        List<RunEvent> all = events(lease.run().id());
        assertThat(all).extracting(RunEvent::seq).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(all).extracting(RunEvent::id).doesNotHaveDuplicates().allMatch(id -> id.startsWith("evt_"));
        assertThat(all.subList(2, 7)).containsExactly(one, batch.get(0), batch.get(1), batch.get(2), host);
        assertThat(one.createdAt()).isAfter(lease.run().updatedAt());
    }

    @Test
    @Proves(Rule.E_1)
    void the_events_of_two_runs_are_numbered_apart() {
        RunLease one = given().claimed();
        RunLease two = given().claimed();

        for (int i = 0; i < 3; i++) {
            store().events().append(one.fence(), event("one " + i));
            store().events().append(two.fence(), event("two " + i));
        }

        for (RunLease lease : List.of(one, two)) {
            assertThat(events(lease.run().id())).extracting(RunEvent::seq).containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(events(lease.run().id()))
                    .extracting(RunEvent::runId)
                    .containsOnly(lease.run().id());
        }
    }

    @Test
    @Proves(Rule.E_1)
    void what_is_stored_is_what_was_given_for_every_type() {
        RunLease lease = given().claimed();
        JsonObject payload = JsonObject.parse("{\"z\":[1,2.50,-0.0,1e3,12345678901234567890.125,true,null,{\"a\":{}}],"
                + "\"text\":\"tab\\t quote \\\" back\\\\slash \u00e9 \u4e2d \ud83d\ude00 \\u2028\",\"\":\"\"}");
        List<EventType> types = new ArrayList<>(List.of(EventType.values()));
        types.removeIf(EventType::ofStore);

        for (EventType type : types) {
            RunEvent stored = store().events().append(lease.fence(), new NewEvent(type, payload));

            assertThat(stored.type()).isEqualTo(type);
            assertThat(stored.payload()).isEqualTo(payload);
            RunEvent read = lastEvent(lease.run().id());
            assertThat(read).isEqualTo(stored);
            assertThat(read.payload().toJson()).isEqualTo(payload.toJson());
        }
    }

    @Test
    @Proves({Rule.E_2, Rule.G_3})
    void a_batch_is_stored_as_a_whole_or_not_at_all() {
        RunLease lease = given().claimed();
        String big = "x".repeat(Limits.DEFAULTS.maxPayloadBytes());
        List<NewEvent> batch = List.of(event("good"), event(big), event("good"));

        InvalidInputException runners = watch().run(lease.run())
                .refuses(InvalidInputException.class, () -> store().events().append(lease.fence(), batch));
        InvalidInputException hosts = watch().run(lease.run())
                .refuses(
                        InvalidInputException.class,
                        () -> store().events().appendUnfenced(lease.run().id(), batch));

        assertThat(runners.field()).isEqualTo(hosts.field()).contains("payload");
    }

    @Test
    @Proves({Rule.E_2, Rule.G_1})
    void a_batch_holds_one_event_to_the_stores_limit() {
        RunLease lease = given().claimed();
        int max = Limits.DEFAULTS.maxBatchEvents();

        for (int size : List.of(0, max + 1)) {
            InvalidInputException refused = watch().run(lease.run())
                    .refuses(
                            InvalidInputException.class,
                            () -> store().events().append(lease.fence(), Collections.nCopies(size, event("x"))));
            assertThat(refused.field()).isEqualTo("events");
        }
        List<RunEvent> stored = store().events().append(lease.fence(), numbered(max));

        assertThat(stored).hasSize(max);
        assertThat(events(lease.run().id()))
                .extracting(RunEvent::seq)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, max + 2).boxed().toList());
        assertThat(events(lease.run().id()).subList(2, max + 2)).isEqualTo(stored);
    }

    @Test
    @Proves(Rule.E_2)
    void the_host_appends_to_any_open_run_whoever_holds_it() {
        Run pending = given().run();
        RunLease held = given().claimed();
        RunLease expired = given().claimed();
        advance(Given.PAST_LEASE);

        for (Run run : List.of(pending, held.run(), expired.run())) {
            RunEvent stored = store().events().appendUnfenced(run.id(), event("job created"));

            assertThat(lastEvent(run.id())).isEqualTo(stored);
        }
    }

    @Test
    @Proves({Rule.E_2, Rule.G_2})
    void an_unknown_run_has_no_events() {
        Watch watch = watch();

        watch.refuses(NotFoundException.class, () -> store().events().appendUnfenced("run_none", event("x")));
        watch.refuses(NotFoundException.class, () -> store().events().list("run_none", 0, 1));
        assertThat(watch.refuses(
                                NotFoundException.class,
                                () -> store().events().await("run_none", 0, 1, Duration.ofMinutes(10)))
                        .what())
                .isEqualTo("run");
    }

    @Test
    @Proves({Rule.E_2, Rule.R_7, Rule.G_3})
    void nothing_follows_the_terminal_status() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        Run ended = store().runs().finish(lease.fence(), DONE);

        watch().run(ended)
                .refuses(AlreadyTerminalException.class, () -> store().events().append(lease.fence(), event("late")));
        watch().run(ended)
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().events().appendUnfenced(ended.id(), List.of(event("late"))));
        watch().run(ended)
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().events().appendUnfenced(ended.id(), List.of(event("late"), event("later"))));
        watch().run(ended)
                .refuses(
                        AlreadyTerminalException.class,
                        () -> store().events().append(lease.fence(), List.of(event("late"), event("later"))));

        List<RunEvent> all = events(ended.id());
        assertThat(all.get(all.size() - 1).type()).isEqualTo(EventType.TERMINAL_STATUS);
        assertThat(all)
                .filteredOn(event -> event.type() == EventType.TERMINAL_STATUS)
                .hasSize(1);
    }

    @Test
    @Proves(Rule.E_2)
    void an_event_changes_neither_its_run_nor_the_session() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        given().acknowledgedTurn(lease);
        Run run = store().runs().get(lease.run().id());
        Session session = sessionOf(run);
        advance(Duration.ofSeconds(3));

        store().events().append(lease.fence(), numbered(20));
        store().events().appendUnfenced(run.id(), event("host's"));

        assertThat(store().runs().get(run.id())).isEqualTo(run);
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
    }

    @Test
    @Proves({Rule.E_1, Rule.E_3})
    void pages_follow_the_numbers_and_say_where_to_go_on() {
        RunLease lease = given().claimed();
        store().events().append(lease.fence(), numbered(5));
        List<RunEvent> all = events(lease.run().id());
        String id = lease.run().id();

        assertThat(store().events().list(id, 0, 3)).isEqualTo(new EventPage(id, all.subList(0, 3), 3, false));
        assertThat(store().events().list(id, 3, 3)).isEqualTo(new EventPage(id, all.subList(3, 6), 6, false));
        assertThat(second().events().list(id, 6, 3)).isEqualTo(new EventPage(id, all.subList(6, 7), 7, false));
        assertThat(store().events().list(id, 7, 3)).isEqualTo(new EventPage(id, List.of(), 7, false));
        assertThat(store().events().list(id, 3_000_000_000L, 3))
                .isEqualTo(new EventPage(id, List.of(), 3_000_000_000L, false));
    }

    @Test
    @Proves(Rule.E_3)
    void a_page_says_ended_exactly_when_the_run_has_ended_and_nothing_follows() {
        RunLease lease = given().claimed();
        store().events().append(lease.fence(), numbered(5));
        String id = lease.run().id();
        assertThat(store().events().list(id, 0, 500).ended()).isFalse();

        store().runs().finish(lease.fence(), DONE);

        assertThat(store().events().list(id, 0, 500).ended()).isTrue();
        assertThat(store().events().list(id, 0, 7).ended()).isFalse();
        assertThat(store().events().list(id, 0, 8).ended()).isTrue();
        assertThat(store().events().list(id, 7, 1).ended()).isTrue();
        assertThat(store().events().list(id, 8, 1)).isEqualTo(new EventPage(id, List.of(), 8, true));
        assertThat(store().events().list(id, 99, 1)).isEqualTo(new EventPage(id, List.of(), 99, true));
    }

    @Test
    @Proves(Rule.E_4)
    void secrets_in_payloads_are_not_stored_at_any_depth_and_in_arrays() {
        RunLease lease = given().claimed();
        JsonObject payload = JsonObject.parse("{\"steps\":[{\"env\":[{\"password\":\"hunter2-a\"},"
                + "{\"API_KEY\":\"hunter2-b\"}]},[[{\"client_secret\":\"hunter2-c\"}]]],"
                + "\"log\":[\"pushed with " + TOKEN + " to origin\"],\"kept\":\"plain\"}");

        RunEvent stored = store().events().append(lease.fence(), new NewEvent(EventType.TOOL_CALL, payload));
        RunEvent hosts = store().events().appendUnfenced(lease.run().id(), new NewEvent(EventType.DIFF, payload));

        for (RunEvent event : List.of(stored, hosts)) {
            assertThat(event.payload().toJson())
                    .doesNotContain("hunter2", TOKEN)
                    .contains("plain", "pushed with", "to origin");
        }
        assertThat(events(lease.run().id()).subList(2, 4)).containsExactly(stored, hosts);
    }

    @Test
    @Proves(Rule.E_4)
    void secrets_in_the_messages_of_ends_are_not_stored() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        var turn = given().acknowledgedTurn(lease);
        var other = given().turn(lease.run());
        Outcome outcome = Outcome.failed(FailureKind.BACKEND_FAILED, "push refused for " + TOKEN + ", sorry");

        store().commands().finish(lease.fence(), turn.id(), TurnResult.of(outcome));
        Session session = sessionOf(lease.run());
        store().commands().cancel(other.id(), "leaked " + TOKEN);
        Run ended = store().runs().finish(lease.fence(), TurnResult.of(outcome));

        assertThat(ended.outcome()).isNotNull();
        assertThat(ended.outcome().message()).startsWith("push refused for ").endsWith(", sorry");
        assertThat(written(
                        ended,
                        store().runs().get(ended.id()),
                        session,
                        store().sessions().get(session.id()),
                        Watch.commands(store(), ended.id()),
                        events(ended.id())))
                .contains("push refused for ")
                .doesNotContain(TOKEN);
    }

    @Test
    @Proves(Rule.E_4)
    void secrets_in_the_reason_of_a_cancel_are_not_stored() {
        RunLease lease = given().claimed();
        Run pending = given().run();

        Run asked = store().runs().cancel(lease.run().id(), "leaked " + TOKEN);
        Run ended = store().runs().cancel(pending.id(), "leaked " + TOKEN);
        Run host = store().runs()
                .finishUnclaimed(given().run().id(), Outcome.blocked(FailureKind.INFRA_FAILED, "no " + TOKEN));

        for (Run run : List.of(asked, ended, host)) {
            assertThat(written(run, store().runs().get(run.id()), events(run.id())))
                    .doesNotContain(TOKEN);
        }
    }

    private static NewEvent event(String text) {
        return new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text));
    }

    private static List<NewEvent> numbered(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new NewEvent(EventType.COMMAND_OUTPUT, JsonObject.of("line", i)))
                .toList();
    }

    /** Everything that the records hold, as JSON: toString shows sizes, not values. */
    private static String written(Object... records) {
        return JsonObject.fromBean(Map.of("records", List.of(records))).toJson();
    }
}
