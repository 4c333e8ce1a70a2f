package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.QuestionStore;
import io.agentrun.command.Command;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Outcome;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.rules.Rule;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import io.agentrun.tck.StoreFixture.Persistence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Questions: asked, listed, followed, kept.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class QuestionSuite extends ConformanceSuite {

    static final TurnResult DONE = TurnResult.of(Outcome.completed());
    static final List<QuestionOption> YES_OR_NO =
            List.of(QuestionOption.of("yes", "Yes").withKind("allow_once"), QuestionOption.of("no", "No"));

    private static final NewQuestion WHICH = NewQuestion.of("which one?");
    private static final String TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

    /** For adapters. */
    protected QuestionSuite() {}

    private RunLease asking() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        given().acknowledgedTurn(lease);
        return lease;
    }

    @Test
    @Proves(Rule.A_1)
    void a_question_is_kept_as_it_was_asked_and_the_lease_goes_on() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        Run before = store().runs().get(turn.runId());
        NewQuestion input = NewQuestion.of("May I delete it?")
                .withOptions(YES_OR_NO)
                .withSchema(
                        JsonObject.parse("{\"type\":\"object\",\"properties\":{\"password\":{\"type\":\"string\"}}}"))
                .withAudience("owners")
                .withFallback(Reply.option("no").withContent(JsonObject.of("why", "nobody was there")))
                .withMetadata(JsonObject.of("toolCallId", "call-1"))
                .withWithin(Duration.ofHours(1))
                .withIdempotencyKey("delete");

        Question asked = store().questions().ask(lease.fence(), input);

        assertThat(asked.id()).startsWith("qst_");
        assertThat(asked.content()).isEqualTo(input.content());
        assertThat(asked.runId()).isEqualTo(turn.runId());
        assertThat(asked.turnId()).isEqualTo(turn.id());
        assertThat(asked.owner()).isEqualTo(given().owner());
        assertThat(asked.sessionId()).isEqualTo(before.sessionId());
        assertThat(asked.state()).isEqualTo(QuestionState.OPEN);
        assertThat(asked.end()).isNull();
        assertThat(asked.expiresAt()).isEqualTo(asked.createdAt().plus(Duration.ofHours(1)));
        assertThat(store().questions().get(asked.id())).isEqualTo(asked);
        assertThat(second().questions().list(QuestionQuery.in(given().scope())).items())
                .containsExactly(asked);
        assertThat(store().runs().get(turn.runId()))
                .isEqualTo(before.toBuilder().openQuestions(1).build());
        assertThat(lastEvent(turn.runId()).type()).isEqualTo(EventType.QUESTION_ASKED);
        assertThat(lastEvent(turn.runId()).payload())
                .isEqualTo(JsonObject.of(
                        "questionId", asked.id(),
                        "turnId", turn.id(),
                        "text", "May I delete it?",
                        "expiresAt", asked.expiresAt().toString()));
    }

    @Test
    @Proves({Rule.A_1, Rule.L_1, Rule.G_2, Rule.G_3})
    void only_who_holds_a_begun_turn_that_nobody_cancels_asks() {
        RunLease begun = asking();
        RunLease claimed = given().claimed();
        RunLease waiting = given().claimed();
        given().turn(waiting.run());
        RunLease cancelled = asking();
        store().runs().cancel(cancelled.run().id(), "no more");
        RunLease ended = asking();
        store().runs().finish(ended.fence(), DONE);

        refused(LeaseConflictException.class, begun, Given.forged(begun.fence()));
        refused(StateConflictException.class, claimed, claimed.fence());
        refused(StateConflictException.class, waiting, waiting.fence());
        refused(StateConflictException.class, cancelled, cancelled.fence());
        refused(AlreadyTerminalException.class, ended, ended.fence());
        assertThat(store().questions().list(QuestionQuery.in(given().scope())).items())
                .isEmpty();
    }

    private void refused(Class<? extends RuntimeException> why, RunLease lease, Fence fence) {
        watch().run(lease.run()).refuses(why, () -> store().questions().ask(fence, WHICH));
    }

    @Test
    @Proves({Rule.A_1, Rule.I_1, Rule.G_3})
    void a_question_that_is_asked_again_under_its_key_is_returned_with_its_answer() {
        RunLease lease = asking();
        NewQuestion keyed = WHICH.withIdempotencyKey("first");
        Question asked = store().questions().ask(lease.fence(), keyed);
        Question ofOther = store().questions().ask(asking().fence(), keyed);

        Question again =
                watch().run(lease.run()).unchangedBy(() -> store().questions().ask(lease.fence(), keyed));
        Question answered = store().questions().answer(asked.id(), Reply.text("this"), "ann");
        store().runs().finish(lease.fence(), DONE);

        assertThat(again).isEqualTo(asked);
        assertThat(ofOther.id()).isNotEqualTo(asked.id());
        assertThat(store().questions().ask(lease.fence(), keyed)).isEqualTo(answered);
        watch().run(lease.run())
                .refuses(
                        IdempotencyConflictException.class,
                        () -> store().questions().ask(lease.fence(), keyed.withAudience("others")));
    }

    @Test
    @Proves({Rule.A_1, Rule.I_2})
    void callers_that_ask_under_one_key_at_once_get_one_question() {
        RunLease lease = asking();

        List<Question> asked = Race.values(Race.of(
                8,
                i -> () -> (i % 2 == 0 ? store() : second())
                        .questions()
                        .ask(lease.fence(), WHICH.withIdempotencyKey("once"))));

        assertThat(asked).hasSize(8).containsOnly(asked.get(0));
        assertThat(store().runs().get(lease.run().id()).openQuestions()).isEqualTo(1);
    }

    @Test
    @Proves({Rule.A_1, Rule.G_3})
    void a_run_has_only_so_many_open_questions() {
        RunLease lease = asking();
        Question first = given().question(lease);
        for (int i = 1; i < QuestionStore.MAX_OPEN; i++) {
            given().question(lease);
        }

        StateConflictException refusal =
                watch().run(lease.run()).refuses(StateConflictException.class, () -> given().question(lease));
        store().questions().withdraw(first.id(), "enough");

        assertThat(refusal.retryable()).isTrue();
        assertThat(given().question(lease).state()).isEqualTo(QuestionState.OPEN);
    }

    @Test
    @Proves({Rule.A_7, Rule.E_4})
    void what_an_agent_says_is_stored_redacted_and_what_it_works_with_is_not() {
        RunLease lease = asking();
        JsonObject schema = JsonObject.of("title", "token " + TOKEN);
        NewQuestion input = NewQuestion.of("use " + TOKEN + "?")
                .withOptions(List.of(new QuestionOption("a", "with " + TOKEN, null, "it is " + TOKEN)))
                .withSchema(schema)
                .withMetadata(JsonObject.of("seen", TOKEN));
        Reply reply = Reply.option("a").withContent(JsonObject.of("value", TOKEN));

        Question asked = store().questions().ask(lease.fence(), input);
        Question answered = store().questions().answer(asked.id(), reply, "ann");

        assertThat(asked.content().text()).doesNotContain(TOKEN);
        assertThat(asked.content().options().get(0).title()).doesNotContain(TOKEN);
        assertThat(asked.content().options().get(0).description()).doesNotContain(TOKEN);
        assertThat(asked.content().metadata().toJson()).doesNotContain(TOKEN);
        assertThat(asked.content().schema()).isEqualTo(schema);
        assertThat(answered.end())
                .isNotNull()
                .satisfies(end -> assertThat(end.reply()).isEqualTo(reply));
        assertThat(events(lease.run().id()))
                .allSatisfy(event -> assertThat(event.payload().toJson()).doesNotContain(TOKEN));
    }

    @Test
    @Proves({Rule.A_7, Rule.G_1, Rule.G_3})
    void what_is_too_large_is_refused() {
        RunLease lease = asking();
        Question open = given().question(lease);
        JsonObject large = JsonObject.of("text", "x".repeat(1 << 20));

        InvalidInputException asked = watch().run(lease.run())
                .refuses(
                        InvalidInputException.class,
                        () -> store().questions().ask(lease.fence(), WHICH.withMetadata(large)));
        InvalidInputException answered = watch().run(lease.run())
                .refuses(
                        InvalidInputException.class,
                        () -> store().questions().answer(open.id(), Reply.content(large), "ann"));

        assertThat(asked.field()).isEqualTo("content");
        assertThat(answered.field()).isEqualTo("content");
    }

    @Test
    @Proves({Rule.A_7, Rule.G_8})
    void an_inbox_shows_what_its_filter_shows_in_its_order() {
        RunLease one = asking();
        RunLease other = asking();
        List<Question> open = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            RunLease lease = i % 2 == 0 ? one : other;
            open.add(store().questions().ask(lease.fence(), WHICH.withWithin(Duration.ofHours(9 - i))));
            advance(Duration.ofSeconds(1));
        }
        Question answered = given().question(one);
        answered = store().questions().answer(answered.id(), Reply.declined(), "ann");
        QuestionQuery inbox = QuestionQuery.in(given().scope()).withState(QuestionState.OPEN);

        assertThat(all(inbox.withLimit(2))).isEqualTo(open);
        assertThat(all(inbox.withLimit(2).withOrder(QuestionOrder.DUE)))
                .containsExactly(open.get(4), open.get(3), open.get(2), open.get(1), open.get(0));
        assertThat(all(inbox.withRunId(other.run().id()))).containsExactly(open.get(1), open.get(3));
        assertThat(all(inbox.withSessionId(one.run().sessionId())))
                .containsExactly(open.get(0), open.get(2), open.get(4));
        assertThat(all(inbox.withScope(TenantScope.tenant(given().owner().tenantId()))))
                .isEqualTo(open);
        assertThat(all(inbox.withState(QuestionState.ANSWERED))).containsExactly(answered);
        assertThat(all(inbox.withState(null).withRunId(one.run().id()).withLimit(1)))
                .containsExactly(open.get(0), open.get(2), open.get(4), answered);
        assertThat(all(inbox.withState(QuestionState.EXPIRED))).isEmpty();
        assertThat(all(inbox.withScope(TenantScope.tenant(given().stranger().tenantId()))))
                .isEmpty();
    }

    private List<Question> all(QuestionQuery query) {
        List<Question> found = new ArrayList<>();
        String cursor = null;
        do {
            Page<Question> page = store().questions().list(query.withCursor(cursor));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(query.limit());
            found.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);
        return found;
    }

    @Test
    @Proves({Rule.A_7, Rule.G_7})
    void a_cursor_serves_its_own_list() {
        RunLease lease = asking();
        given().question(lease);
        given().question(lease);
        QuestionQuery query = QuestionQuery.in(given().scope()).withLimit(1);
        String cursor = store().questions().list(query).nextCursor();

        for (QuestionQuery foreign : List.of(
                query.withOrder(QuestionOrder.DUE),
                query.withState(QuestionState.OPEN),
                query.withRunId(lease.run().id()),
                query.withSessionId(lease.run().sessionId()),
                query.withScope(TenantScope.all()))) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> store().questions().list(foreign.withCursor(cursor)))
                    .satisfies(e -> assertThat(e.field()).isEqualTo("cursor"));
        }
    }

    @Test
    @Proves({Rule.A_7, Rule.G_9, Rule.G_6})
    void a_feed_shows_the_latest_state_of_every_question() {
        RunLease lease = asking();
        Question first = given().question(lease);
        Question open = given().question(lease);
        ChangePage<Question> start = store().questions().changes(given().scope(), null, 10);

        Question answered = store().questions().answer(first.id(), Reply.text("this"), "ann");
        ChangePage<Question> next = second().questions().changes(given().scope(), start.cursor(), 10);
        ChangePage<Question> idle = second().questions().changes(given().scope(), next.cursor(), 10);

        assertThat(start.items()).containsExactly(first, open);
        assertThat(next.items()).containsExactly(answered);
        assertThat(answered.version()).isGreaterThan(open.version());
        assertThat(idle.items()).isEmpty();
        assertThat(store().questions()
                        .changes(TenantScope.tenant(given().stranger().tenantId()), null, 10)
                        .items())
                .isEmpty();
    }

    @Test
    @Proves({Rule.A_5, Rule.R_8})
    void a_purge_takes_the_questions_of_its_runs() {
        RunLease lease = given().claimed();
        given().acknowledgedTurn(lease);
        Question question = store().questions().ask(lease.fence(), WHICH.withIdempotencyKey("gone"));
        store().runs().finish(lease.fence(), DONE);
        advance(Duration.ofDays(2));

        int purged = store().runs()
                .purge(new PurgeRequest(given().scope(), Duration.ofDays(1), 10))
                .purged();

        assertThat(purged).isEqualTo(1);
        assertThat(store().questions().list(QuestionQuery.in(given().scope())).items())
                .isEmpty();
        assertThat(store().questions().changes(given().scope(), null, 10).items())
                .isEmpty();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().questions().get(question.id()));
    }

    @Test
    @Proves({Rule.A_1, Rule.A_2, Rule.A_6})
    void questions_and_answers_are_there_after_reopening() {
        RunLease lease = asking();
        Question open = store().questions().ask(lease.fence(), WHICH.withIdempotencyKey("kept"));
        Question answered = store().questions().answer(given().question(lease).id(), Reply.text("this"), "ann");
        TenantScope scope = given().scope();
        List<Command> commands =
                store().commands().list(lease.run().id(), 0, 10).items();

        if (reopen() == Persistence.NOTHING_KEPT) {
            assertThat(store().questions().list(QuestionQuery.in(scope)).items())
                    .isEmpty();
            return;
        }

        assertThat(store().questions().list(QuestionQuery.in(scope)).items()).containsExactlyInAnyOrder(open, answered);
        assertThat(store().commands().list(lease.run().id(), 0, 10).items()).isEqualTo(commands);
        assertThat(store().questions().ask(lease.fence(), WHICH.withIdempotencyKey("kept")))
                .isEqualTo(open);
        assertThat(store().questions()
                        .answer(open.id(), Reply.declined(), "bob")
                        .version())
                .isGreaterThan(answered.version());
    }
}
