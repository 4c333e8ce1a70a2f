package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.question.Question;
import io.agentrun.question.Reply;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.tck.Proves;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The events of a session: all of a run's in the trace, those that a user sees in the output.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class SessionTraceSuite extends ConformanceSuite {

    private static final TurnResult DONE = TurnResult.of(Outcome.completed());

    private String sessionId = "";

    /** For adapters. */
    protected SessionTraceSuite() {}

    @BeforeEach
    final void nameSession() {
        sessionId = given().name("session");
    }

    @Test
    @Proves(Rule.S_8)
    void a_trace_shows_all_events_of_the_run_oldest_first() {
        Run run = given().runIn(sessionId);
        status(run, 3);

        List<RunEvent> traced = all(query().withLimit(2), store().sessions()::trace);

        assertThat(traced).isEqualTo(events(run.id())).hasSize(4);
    }

    @Test
    @Proves(Rule.S_8)
    void a_trace_is_of_the_active_run_else_of_the_last_one() {
        Run first = given().runIn(sessionId);
        Run last = given().runIn(sessionId);

        assertThat(store().sessions().trace(query()).runId()).isEqualTo(last.id());
        given().turn(first);
        assertThat(store().sessions().trace(query()).runId()).isEqualTo(first.id());
        given().runIn(sessionId);
        assertThat(store().sessions().trace(query()).runId()).isEqualTo(first.id());
    }

    @Test
    @Proves(Rule.S_8)
    void a_trace_may_be_of_any_run_of_the_session() {
        Run first = given().runIn(sessionId);
        given().turn(given().runIn(sessionId));

        SessionEventPage page = store().sessions().trace(query().withRunId(first.id()));

        assertThat(page.sessionId()).isEqualTo(sessionId);
        assertThat(page.runId()).isEqualTo(first.id());
        assertThat(page.items()).isEqualTo(events(first.id()));
    }

    @Test
    @Proves({Rule.S_8, Rule.G_2})
    void a_run_of_another_session_or_of_none_is_not_found() {
        given().runIn(sessionId);
        Run elsewhere = given().runIn(given().name("session"));
        Run nowhere = given().run();
        for (String runId : List.of(elsewhere.id(), nowhere.id(), "run_unknown")) {
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> store().sessions().trace(query().withRunId(runId)))
                    .satisfies(e -> assertThat(e.what()).isEqualTo("run"));
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> store().sessions().output(query().withRunId(runId)))
                    .satisfies(e -> assertThat(e.what()).isEqualTo("run"));
        }
    }

    @Test
    @Proves(Rule.S_8)
    void a_session_without_a_run_has_an_empty_trace_that_has_not_ended() {
        Session session = given().session();

        SessionEventPage trace = store().sessions().trace(SessionTraceQuery.of(session.id()));
        SessionEventPage output = store().sessions().output(SessionTraceQuery.of(session.id()));

        assertThat(trace).isEqualTo(SessionEventPage.withoutRun(session.id()));
        assertThat(output).isEqualTo(SessionEventPage.withoutRun(session.id()));
    }

    /** D21: the cursor of an empty page was null, and reading began anew. */
    @Test
    @Proves(Rule.S_8)
    void an_empty_page_of_a_run_has_a_cursor_to_go_on_from() {
        Run run = given().runIn(sessionId);
        SessionEventPage first = store().sessions().trace(query());

        SessionEventPage empty = store().sessions().trace(query().withCursor(first.cursor()));
        status(run, 1);
        SessionEventPage next = second().sessions().trace(query().withCursor(empty.cursor()));

        assertThat(empty.items()).isEmpty();
        assertThat(empty.cursor()).isNotNull();
        assertThat(next.items()).hasSize(1);
    }

    /** D21: the number of one run's last event was applied to the next run, whose events were missed. */
    @Test
    @Proves(Rule.S_8)
    void a_cursor_stays_with_its_run_when_the_session_goes_on_with_another() {
        Run first = given().runIn(sessionId);
        status(first, 5);
        SessionEventPage page = store().sessions().trace(query().withLimit(3));
        Run next = given().runIn(sessionId);
        given().turn(next);

        SessionEventPage rest = store().sessions().trace(query().withCursor(page.cursor()));

        assertThat(rest.runId()).isEqualTo(first.id());
        List<RunEvent> both = new ArrayList<>(page.items());
        both.addAll(rest.items());
        assertThat(both).isEqualTo(events(first.id()));
        assertThat(store().sessions().trace(query()).runId()).isEqualTo(next.id());
    }

    @Test
    @Proves(Rule.G_7)
    void a_cursor_serves_the_trace_or_output_of_its_session_and_run_alone() {
        Run run = given().runIn(sessionId);
        Run other = given().runIn(sessionId);
        String elsewhere = given().name("session");
        given().runIn(elsewhere);
        SessionTraceQuery ofRun = query().withRunId(run.id()).withLimit(1);
        String trace = store().sessions().trace(ofRun).cursor();
        String output = store().sessions().output(ofRun).cursor();

        assertThat(store().sessions().trace(ofRun.withCursor(trace)).runId()).isEqualTo(run.id());
        for (String foreign : List.of("1", "cursor", String.valueOf(output))) {
            assertForeign(() -> store().sessions().trace(query().withCursor(foreign)));
        }
        assertForeign(() -> store().sessions().output(query().withCursor(trace)));
        assertForeign(
                () -> store().sessions().trace(query().withRunId(other.id()).withCursor(trace)));
        assertForeign(
                () -> store().sessions().trace(SessionTraceQuery.of(elsewhere).withCursor(trace)));
    }

    @Test
    @Proves({Rule.S_8, Rule.E_3})
    void a_trace_ends_with_the_last_event_of_an_ended_run() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        assertThat(store().sessions().trace(query()).ended()).isFalse();
        store().runs().finish(lease.fence(), DONE);
        int count = events(lease.run().id()).size();

        SessionEventPage short1 = store().sessions().trace(query().withLimit(count - 1));
        SessionEventPage rest = store().sessions().trace(query().withCursor(short1.cursor()));
        SessionEventPage whole = store().sessions().trace(query().withLimit(count));
        SessionEventPage after = store().sessions().trace(query().withCursor(whole.cursor()));

        assertThat(short1.ended()).isFalse();
        assertThat(rest.ended()).isTrue();
        assertThat(whole.ended()).isTrue();
        assertThat(after.items()).isEmpty();
        assertThat(after.ended()).isTrue();
    }

    @Test
    @Proves(Rule.S_8)
    void an_output_shows_every_kind_of_event_but_status() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        given().acknowledgedTurn(lease);
        Question question = given().question(lease);
        store().questions().answer(question.id(), Reply.declined(), "ann");
        for (EventType type : EventType.values()) {
            if (!type.ofStore()) {
                store().events().append(lease.fence(), new NewEvent(type, JsonObject.of("of", type.wire())));
            }
        }
        store().runs().finish(lease.fence(), DONE);

        List<RunEvent> shown = all(query(), store().sessions()::output);

        assertThat(shown)
                .isEqualTo(events(lease.run().id()).stream()
                        .filter(event -> event.type() != EventType.BACKEND_STATUS)
                        .toList())
                .hasSize(EventType.values().length - 1);
    }

    /** D21: 600 status events before one message, and the reader never got past the first, empty page. */
    @Test
    @Proves(Rule.S_8)
    void an_output_is_filtered_before_the_page_is_cut() {
        Run run = given().runIn(sessionId);
        status(run, 600);
        RunEvent first = message(run, "first");
        status(run, 20);
        RunEvent second = message(run, "second");

        SessionEventPage page = store().sessions().output(query().withLimit(1));
        SessionEventPage next = store().sessions().output(query().withLimit(1).withCursor(page.cursor()));

        assertThat(page.items()).containsExactly(first);
        assertThat(next.items()).containsExactly(second);
    }

    @Test
    @Proves(Rule.S_8)
    void an_output_of_status_alone_is_empty_and_goes_on_from_its_cursor() {
        Run run = given().runIn(sessionId);
        status(run, 5);

        SessionEventPage empty = store().sessions().output(query());
        RunEvent message = message(run, "at last");
        SessionEventPage next = store().sessions().output(query().withCursor(empty.cursor()));

        assertThat(empty.items()).isEmpty();
        assertThat(empty.ended()).isFalse();
        assertThat(next.items()).containsExactly(message);
    }

    @Test
    @Proves({Rule.S_8, Rule.E_3})
    void an_output_ends_when_the_run_has_ended_and_nothing_visible_follows() {
        RunLease lease = given().claimed(given().runIn(sessionId));
        message(lease.run(), "one");
        store().runs().finish(lease.fence(), DONE);

        SessionEventPage first = store().sessions().output(query().withLimit(1));
        SessionEventPage last = store().sessions().output(query().withCursor(first.cursor()));

        assertThat(first.ended()).isFalse();
        assertThat(last.items()).hasSize(1);
        assertThat(last.items().get(0).type()).isEqualTo(EventType.TERMINAL_STATUS);
        assertThat(last.ended()).isTrue();
    }

    private SessionTraceQuery query() {
        return SessionTraceQuery.of(sessionId);
    }

    private void status(Run run, int count) {
        store().events()
                .appendUnfenced(
                        run.id(),
                        IntStream.range(0, count)
                                .mapToObj(n -> new NewEvent(EventType.BACKEND_STATUS, JsonObject.of("n", n)))
                                .toList());
    }

    private RunEvent message(Run run, String text) {
        return store().events()
                .appendUnfenced(run.id(), new NewEvent(EventType.ASSISTANT_MESSAGE, JsonObject.of("text", text)));
    }

    private static List<RunEvent> all(SessionTraceQuery query, Function<SessionTraceQuery, SessionEventPage> pages) {
        List<RunEvent> items = new ArrayList<>();
        SessionEventPage page = pages.apply(query);
        while (!page.items().isEmpty()) {
            items.addAll(page.items());
            page = pages.apply(query.withCursor(page.cursor()));
        }
        return items;
    }

    private static void assertForeign(Runnable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call::run)
                .satisfies(e -> assertThat(e.field()).isEqualTo("cursor"));
    }
}
