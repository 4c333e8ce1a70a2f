package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.InvalidInputException;
import io.agentrun.model.ReadMark;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a reader has read of a session: marks and summaries.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class SessionReadSuite extends ConformanceSuite {

    /** For adapters. */
    protected SessionReadSuite() {}

    @Test
    @Proves(Rule.S_6)
    void a_summary_tells_whether_the_reader_has_read_the_session() {
        Session session = given().session();

        SessionSummary never = store().sessions().summary(session.id(), "ann");
        store().sessions().markRead(session.id(), "ann", session.version());
        SessionSummary read = store().sessions().summary(session.id(), "ann");
        SessionSummary otherReader = store().sessions().summary(session.id(), "bob");

        assertThat(never).isEqualTo(new SessionSummary(session, "ann", 0, true));
        assertThat(read).isEqualTo(new SessionSummary(session, "ann", session.version(), false));
        assertThat(otherReader).isEqualTo(new SessionSummary(session, "bob", 0, true));
    }

    @Test
    @Proves(Rule.S_6)
    void a_summary_for_no_reader_is_unread() {
        Session session = given().session();
        store().sessions().markRead(session.id(), "ann", session.version());

        assertThat(store().sessions().summary(session.id(), null))
                .isEqualTo(new SessionSummary(session, null, 0, true));
    }

    /** The original marked what the reader had not seen: the present version, whatever it was by then. */
    @Test
    @Proves(Rule.S_6)
    void a_mark_reaches_to_the_version_that_the_reader_saw_and_no_further() {
        Session seen = given().session();
        Session changed = store().sessions().upsert(retitled(seen, "Changed"));

        ReadMark mark = store().sessions().markRead(seen.id(), "ann", seen.version());

        assertThat(mark.version()).isEqualTo(seen.version());
        assertThat(mark.subjectId()).isEqualTo(seen.id());
        assertThat(mark.readerId()).isEqualTo("ann");
        assertThat(store().sessions().summary(seen.id(), "ann"))
                .isEqualTo(new SessionSummary(changed, "ann", seen.version(), true));
    }

    /** D5: a turn that took the version back made the session look read. */
    @Test
    @Proves({Rule.S_6, Rule.S_9})
    void a_turn_makes_a_session_that_was_read_unread() {
        Run run = given().runIn(given().name("session"));
        Session session = store().sessions().get(String.valueOf(run.sessionId()));
        store().sessions().markRead(session.id(), "ann", session.version());

        given().turn(run);

        assertThat(store().sessions().summary(session.id(), "ann").unread()).isTrue();
    }

    @Test
    @Proves(Rule.S_6)
    void a_mark_never_moves_back() {
        Session old = given().session();
        Session newer = store().sessions().upsert(retitled(old, "Newer"));
        ReadMark mark = store().sessions().markRead(old.id(), "ann", newer.version());
        advance(Duration.ofMinutes(1));

        ReadMark lower = store().sessions().markRead(old.id(), "ann", old.version());
        ReadMark equal = second().sessions().markRead(old.id(), "ann", newer.version());

        assertThat(lower).isEqualTo(mark);
        assertThat(equal).isEqualTo(mark);
    }

    @Test
    @Proves(Rule.S_6)
    void a_mark_moves_forward() {
        Session old = given().session();
        ReadMark first = store().sessions().markRead(old.id(), "ann", old.version());
        Session newer = store().sessions().upsert(retitled(old, "Newer"));
        advance(Duration.ofMinutes(1));

        assertThat(store().sessions().markRead(old.id(), "ann", old.version())).isEqualTo(first);
        ReadMark next = store().sessions().markRead(old.id(), "ann", newer.version());

        assertThat(next.version()).isEqualTo(newer.version());
        assertThat(next.readAt()).isAfter(first.readAt());
        assertThat(store().sessions().summary(old.id(), "ann").unread()).isFalse();
    }

    @Test
    @Proves(Rule.S_6)
    void marks_at_the_same_moment_leave_the_highest() {
        Session old = given().session();
        Session newer = store().sessions().upsert(retitled(old, "Newer"));

        List<Race.Finish<ReadMark>> finishes = Race.of(
                8,
                i -> () -> (i % 2 == 0 ? store() : second())
                        .sessions()
                        .markRead(old.id(), "ann", i == 5 ? newer.version() : old.version()));

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(store().sessions().summary(old.id(), "ann").readVersion()).isEqualTo(newer.version());
    }

    @Test
    @Proves({Rule.S_6, Rule.G_3})
    void a_mark_beyond_the_session_s_version_is_refused() {
        Session session = given().session();

        InvalidInputException refusal = watch().session(session.id())
                .refuses(
                        InvalidInputException.class,
                        () -> store().sessions().markRead(session.id(), "ann", session.version() + 1));

        assertThat(refusal.field()).isEqualTo("version");
        assertThat(store().sessions().summary(session.id(), "ann").readVersion())
                .isZero();
    }

    @Test
    @Proves(Rule.S_6)
    void reading_a_session_does_not_change_it() {
        Session session = given().session();
        advance(Duration.ofMinutes(1));

        store().sessions().markRead(session.id(), "ann", session.version());
        store().sessions().summary(session.id(), "ann");

        assertThat(store().sessions().get(session.id())).isEqualTo(session);
    }

    private static SessionUpsert retitled(Session session, String title) {
        return SessionUpsert.builder(session.id(), session.owner(), session.backendProfile())
                .title(title)
                .build();
    }
}
