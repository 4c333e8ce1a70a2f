package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.backend.Cursors;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.query.FeedPosition;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The change feeds when the server says that it writes another timeline. */
class FeedTimelineTest {

    private static final TenantScope ALL = TenantScope.all();

    private TestDatabase database;
    private PostgresAgentRunStore store;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        store = TestDatabase.quietStore(database.pool(5));
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private void upsert(String id) {
        store.sessions()
                .upsert(SessionUpsert.builder(id, new Owner("t", "p"), BackendProfile.CODEX)
                        .build());
    }

    private void onTimeline(String timeline) {
        database.execute("CREATE OR REPLACE FUNCTION \"agent\"\"run\".agentrun_timeline() RETURNS text"
                + " LANGUAGE sql AS $$ SELECT '" + timeline + "' $$");
    }

    private String cursor() {
        return store.sessions().changes(ALL, null, 100).cursor();
    }

    private static List<String> ids(ChangePage<Session> page) {
        return page.items().stream().map(Session::id).toList();
    }

    @Test
    void the_timeline_is_the_servers_and_no_part_of_the_home() {
        assertThat(database.queryIn(TestDatabase.SCHEMA, "SELECT agentrun_timeline()"))
                .containsExactly("00000001");
        assertThat(database.query("SELECT home FROM \"agent\"\"run\".agentrun_feeds"))
                .allMatch(home -> home.matches("[0-9]+/[0-9]+"));
    }

    @Test
    void a_reader_goes_on_at_the_mark_after_a_failover() {
        upsert("before");
        assertThat(store.upkeep().feedsMarked()).isTrue();
        upsert("since");
        String cursor = cursor();

        onTimeline("00000002");
        ChangePage<Session> first = store.sessions().changes(ALL, cursor, 100);
        upsert("after");
        ChangePage<Session> second = store.sessions().changes(ALL, first.cursor(), 100);

        assertThat(ids(first)).containsExactly("since");
        assertThat(first.restarted()).isTrue();
        assertThat(ids(second)).containsExactly("after");
        assertThat(second.restarted()).isFalse();
    }

    @Test
    void a_reader_who_has_not_come_to_the_mark_goes_on_where_it_was() {
        upsert("read");
        String cursor = cursor();
        upsert("unread");
        store.upkeep();

        onTimeline("00000002");
        ChangePage<Session> page = store.sessions().changes(ALL, cursor, 100);

        assertThat(ids(page)).containsExactly("unread");
        assertThat(page.restarted()).isTrue();
    }

    @Test
    void without_a_mark_of_its_timeline_a_reader_begins_anew() {
        upsert("one");
        String cursor = cursor();

        onTimeline("00000002");
        store.upkeep();
        ChangePage<Session> page = store.sessions().changes(ALL, cursor, 1);

        assertThat(ids(page)).containsExactly("one");
        assertThat(page.restarted()).isTrue();
    }

    /** What a later server marks says nothing about the timeline before; what an earlier one has marked still counts. */
    @Test
    void after_two_failovers_a_reader_goes_on_at_the_mark_of_its_own_timeline() {
        upsert("before");
        store.upkeep();
        upsert("first");
        String cursor = cursor();
        onTimeline("00000002");
        upsert("second");
        store.upkeep();
        onTimeline("00000003");

        assertThat(ids(store.sessions().changes(ALL, cursor, 100))).containsExactly("first", "second");
    }

    @Test
    void a_mark_is_written_once_a_minute_in_place() {
        boolean first = store.upkeep().feedsMarked();
        boolean again = store.upkeep().feedsMarked();
        upsert("s");
        String old = mark();
        database.advance(Duration.ofMinutes(1));
        boolean later = store.upkeep().feedsMarked();

        assertThat(List.of(first, again, later)).containsExactly(true, false, true);
        assertThat(Long.parseLong(mark())).isGreaterThan(Long.parseLong(old));
    }

    private String mark() {
        List<String> marks = database.query("SELECT xid FROM \"agent\"\"run\".agentrun_feed_marks");
        assertThat(marks).hasSize(1);
        return marks.get(0);
    }

    @Test
    void a_server_that_does_not_tell_its_timeline_keeps_its_cursors_and_health_says_so() {
        onTimeline(FeedPosition.UNKNOWN);
        upsert("one");
        String cursor = cursor();
        upsert("two");

        ChangePage<Session> page = store.sessions().changes(ALL, cursor, 100);

        assertThat(ids(page)).containsExactly("two");
        assertThat(page.restarted()).isFalse();
        assertThat(store.upkeep().feedsMarked()).isFalse();
        assertThat(store.health().ready()).isTrue();
        assertThat(store.health().message()).contains("does not tell its timeline");
    }

    /** As on managed servers, whose users may not call the functions of the log. */
    @Test
    void a_user_who_may_not_ask_for_the_timeline_reads_feeds_all_the_same() {
        String user = database.name() + "_plain";
        database.execute("CREATE ROLE " + user + " LOGIN; GRANT USAGE ON SCHEMA \"agent\"\"run\" TO " + user
                + "; GRANT ALL ON ALL TABLES IN SCHEMA \"agent\"\"run\" TO " + user
                + "; REVOKE EXECUTE ON FUNCTION pg_walfile_name(pg_lsn) FROM PUBLIC");
        upsert("one");
        try (PostgresAgentRunStore plain = TestDatabase.quietStore(database.pool(2, user))) {
            ChangePage<Session> page = plain.sessions().changes(ALL, null, 100);

            assertThat(ids(page)).containsExactly("one");
            assertThat(plain.health().message()).contains("does not tell its timeline");
        } finally {
            database.execute("DROP OWNED BY " + user + "; DROP ROLE " + user);
        }
    }

    @Test
    void a_tenant_view_does_not_restart_the_feeds_of_everybody() {
        upsert("one");
        store.upkeep();
        String cursor = cursor();
        PostgresAgentRunStore view = store.within(TenantScope.tenant("tenant"));

        assertThatThrownBy(view::restartFeeds).isInstanceOf(TenantPolicyException.class);

        assertThat(store.sessions().changes(ALL, cursor, 100).restarted()).isFalse();
        store.within(ALL).restartFeeds();
        assertThat(store.sessions().changes(ALL, cursor, 100).restarted()).isTrue();
    }

    @Test
    void restarting_the_feeds_shows_everything_again() {
        upsert("one");
        store.upkeep();
        String cursor = cursor();

        store.restartFeeds();
        ChangePage<Session> page = store.sessions().changes(ALL, cursor, 100);

        assertThat(ids(page)).containsExactly("one");
        assertThat(page.restarted()).isTrue();
        assertThat(store.sessions().changes(ALL, page.cursor(), 100).restarted())
                .isFalse();
        assertThat(database.query("SELECT timeline FROM \"agent\"\"run\".agentrun_feed_marks"))
                .isEmpty();
    }

    @Test
    void a_cursor_from_before_timelines_begins_anew_and_a_forged_one_is_refused() {
        upsert("one");
        FeedPosition now = FeedPosition.parse(Cursors.decode("session-changes", ALL.fingerprint(), 1, cursor())
                .get(0));
        String old = Cursors.key(now.generation()) + "/" + Cursors.key(now.xid()) + "/" + Cursors.key(now.version());

        ChangePage<Session> page = store.sessions().changes(ALL, cursorOf(old), 100);

        assertThat(ids(page)).containsExactly("one");
        assertThat(page.restarted()).isTrue();
        for (String timeline : List.of("", "0000000g", "000000010", "x'y", "null")) {
            assertThatThrownBy(() -> store.sessions().changes(ALL, cursorOf(old + "/" + timeline), 100))
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    private static String cursorOf(String position) {
        return Cursors.encode("session-changes", ALL.fingerprint(), List.of(position));
    }
}
