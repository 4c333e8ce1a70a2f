package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Changes of a session by a caller who says what it takes the session to be: expected versions, and what is forgotten.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class SessionExpectSuite extends ConformanceSuite {

    /** For adapters. */
    protected SessionExpectSuite() {}

    private Session remembering() {
        return store().sessions()
                .upsert(given().newSession()
                        .threadId("thread-1")
                        .conversationId("conversation-1")
                        .title("A title")
                        .metadata(JsonObject.of("color", "blue"))
                        .build());
    }

    private static SessionUpsert.Builder change(Session session) {
        return SessionUpsert.builder(session.id(), session.owner(), session.backendProfile());
    }

    @Test
    @Proves({Rule.S_10, Rule.S_9})
    void a_session_forgets_its_thread_and_nothing_else() {
        Session before = remembering();

        Session after = store().sessions().forgetThread(before.id(), "thread-1");

        assertThat(after)
                .isEqualTo(before.toBuilder()
                        .thread(before.thread().withThreadId(null))
                        .version(after.version())
                        .updatedAt(after.updatedAt())
                        .build());
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(second().sessions().get(before.id())).isEqualTo(after);
    }

    @Test
    @Proves(Rule.S_10)
    void a_session_forgets_its_conversation_and_its_title_as_well() {
        Session before = remembering();

        Session without = store().sessions().forget(before.id(), SessionText.CONVERSATION, "conversation-1");
        Session after = store().sessions().forget(before.id(), SessionText.TITLE, "A title");

        assertThat(without.thread().conversationId()).isNull();
        assertThat(without.thread().threadId()).isEqualTo("thread-1");
        assertThat(without.title()).isEqualTo("A title");
        assertThat(after.title()).isNull();
        assertThat(after.metadata()).isEqualTo(before.metadata());
        assertThat(second().sessions().get(before.id())).isEqualTo(after);
    }

    @Test
    @Proves(Rule.S_10)
    void a_text_that_is_not_the_expected_one_is_not_forgotten() {
        Session session = remembering();
        Watch watch = watch().session(session.id());

        for (SessionText text : SessionText.values()) {
            StateConflictException refusal = watch.refuses(
                    StateConflictException.class, () -> store().sessions().forget(session.id(), text, "another"));

            assertThat(refusal.retryable()).isFalse();
            assertThat(refusal.id()).isEqualTo(session.id());
        }
    }

    @Test
    @Proves({Rule.S_10, Rule.S_9})
    void forgetting_again_changes_nothing() {
        Session session = remembering();
        Session once = store().sessions().forgetThread(session.id(), "thread-1");

        Session again = watch().session(session.id())
                .unchangedBy(() -> store().sessions().forgetThread(session.id(), "thread-1"));

        assertThat(again).isEqualTo(once);
    }

    @Test
    @Proves({Rule.S_10, Rule.S_5})
    void a_turn_that_ends_later_reports_another_thread() {
        RunLease lease = given().claimed(given().runIn(given().name("session")));
        Command turn = given().acknowledgedTurn(lease);
        String id = String.valueOf(lease.run().sessionId());
        store().sessions()
                .upsert(change(store().sessions().get(id)).threadId("lost").build());

        store().sessions().forgetThread(id, "lost");
        store().commands().finish(lease.fence(), turn.id(), new TurnResult(Outcome.completed(), "found", null));

        assertThat(store().sessions().get(id).thread().threadId()).isEqualTo("found");
        assertThat(store().runs().get(turn.runId()).status()).isEqualTo(RunStatus.RUNNING);
    }

    /** A thread is stored redacted: who names it as the agent said it names what is stored. */
    @Test
    @Proves({Rule.S_10, Rule.E_4})
    void what_is_expected_is_compared_as_it_would_be_stored() {
        String secret = "sk-proj-" + "abcdefghijklmnopqrstuvwxyz0123456789ABCD";
        Session session = store().sessions()
                .upsert(given().newSession()
                        .threadId(secret)
                        .title("with " + secret)
                        .build());
        assertThat(session.thread().threadId()).isNotEqualTo(secret);

        Session forgotten = store().sessions().forgetThread(session.id(), secret);
        Session untitled = store().sessions().forget(session.id(), SessionText.TITLE, "with " + secret);

        assertThat(forgotten.thread().threadId()).isNull();
        assertThat(untitled.title()).isNull();
    }

    @Test
    @Proves({Rule.E_4, Rule.S_1})
    void secrets_in_the_texts_and_metadata_of_a_session_are_not_stored() {
        String secret = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345";
        JsonObject metadata = JsonObject.of("note", "with " + secret, "password", "hunter2");
        Session given = store().sessions()
                .upsert(given().newSession()
                        .threadId(secret)
                        .title("The " + secret)
                        .metadata(metadata)
                        .build());
        RunLease lease = given().claimed(store().runs()
                .create(given().newRun()
                        .session(SessionRef.of(given().name("session"))
                                .withThreadId(secret)
                                .withMetadata(metadata))
                        .build()));
        Session named = sessionOf(lease.run());
        Command turn = given().acknowledgedTurn(lease);
        store().commands().finish(lease.fence(), turn.id(), new TurnResult(Outcome.completed(), secret, secret));
        Session learned = sessionOf(lease.run());

        for (Session session :
                List.of(given, named, learned, second().sessions().get(given.id()))) {
            assertThat(String.valueOf(session.thread().threadId()))
                    .contains("redacted")
                    .doesNotContain(secret);
            assertThat(String.valueOf(session.title())).doesNotContain(secret);
            assertThat(session.metadata().toJson()).contains("with ").doesNotContain(secret, "hunter2");
        }
        assertThat(events(lease.run().id()))
                .noneMatch(event -> event.payload().toJson().contains(secret));
    }

    @Test
    @Proves({Rule.S_10, Rule.G_1, Rule.G_2})
    void an_expected_text_that_no_session_can_have_is_refused() {
        Session session = remembering();

        Watch watch = watch().session(session.id());
        for (String bad : List.of("", " ", "a\nb", "x".repeat(501))) {
            for (SessionText text : SessionText.values()) {
                if (text != SessionText.TITLE || !bad.contains("\n")) {
                    watch.refuses(
                            InvalidInputException.class,
                            () -> store().sessions().forget(session.id(), text, bad));
                }
            }
        }
        watch.refuses(NotFoundException.class, () -> store().sessions().forgetThread("session_unknown", "thread-1"));
    }

    @Test
    @Proves({Rule.S_10, Rule.S_2})
    void an_upsert_of_the_expected_version_is_done() {
        Session session = given().session();

        Session changed = store().sessions()
                .upsert(change(session)
                        .title("Changed")
                        .expectedVersion(session.version())
                        .build());
        Session same = store().sessions()
                .upsert(change(session)
                        .title("Changed")
                        .expectedVersion(changed.version())
                        .build());

        assertThat(changed.title()).isEqualTo("Changed");
        assertThat(same).isEqualTo(changed);
    }

    /** Two hosts read a session, and each writes its metadata: the second would overwrite the first without a word. */
    @Test
    @Proves({Rule.S_10, Rule.G_3})
    void an_upsert_of_another_version_is_refused() {
        Session read = given().session();
        Session first = store().sessions()
                .upsert(change(read)
                        .metadata(JsonObject.of("by", "first"))
                        .expectedVersion(read.version())
                        .build());

        for (long other : List.of(0L, read.version(), first.version() + 1, Long.MAX_VALUE)) {
            watch().session(read.id())
                    .refuses(
                            StateConflictException.class,
                            () -> second().sessions()
                                    .upsert(change(read)
                                            .metadata(JsonObject.of("by", "second"))
                                            .expectedVersion(other)
                                            .build()));
        }
        assertThat(store().sessions().get(read.id()).metadata()).isEqualTo(JsonObject.of("by", "first"));
    }

    @Test
    @Proves({Rule.S_10, Rule.G_1})
    void a_session_that_must_not_exist_is_made_once() {
        SessionUpsert input = given().newSession().expectedVersion(0L).build();

        Session made = store().sessions().upsert(input);

        assertThat(store().sessions().get(made.id())).isEqualTo(made);
        watch().session(made.id())
                .refuses(StateConflictException.class, () -> store().sessions().upsert(input));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> given().newSession().expectedVersion(-1L).build())
                .satisfies(e -> assertThat(e.field()).isEqualTo("expectedVersion"));
    }

    @Test
    @Proves({Rule.S_10, Rule.G_3})
    void a_version_is_not_expected_of_a_session_that_does_not_exist() {
        SessionUpsert input = given().newSession().expectedVersion(1L).build();

        watch().refuses(NotFoundException.class, () -> store().sessions().upsert(input));

        assertThat(store().sessions().find(input.sessionId())).isEmpty();
    }

    @Test
    @Proves({Rule.S_10, Rule.G_3})
    void of_hosts_that_expect_the_same_version_one_writes() {
        for (int round = 0; round < 10; round++) {
            Session read = given().session();

            List<Race.Finish<Session>> finishes = Race.of(
                    4,
                    i -> () -> (i % 2 == 0 ? store() : second())
                            .sessions()
                            .upsert(change(read)
                                    .title("by " + i)
                                    .expectedVersion(read.version())
                                    .build()));

            assertThat(Race.values(finishes)).hasSize(1);
            assertThat(Race.failures(finishes)).hasOnlyElementsOfType(StateConflictException.class);
            assertThat(store().sessions().get(read.id()))
                    .isEqualTo(Race.values(finishes).get(0));
        }
    }
}
