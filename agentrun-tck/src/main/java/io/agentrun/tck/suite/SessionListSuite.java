package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionUpsert;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The list of sessions, for people: order, filters, pages, cursors.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class SessionListSuite extends ConformanceSuite {

    private static final Duration STEP = Duration.ofSeconds(1);

    /** For adapters. */
    protected SessionListSuite() {}

    @Test
    @Proves(Rule.S_7)
    void sessions_are_listed_changed_last_first() {
        List<String> ids = sessions(4);
        Collections.reverse(ids);

        assertThat(ids(all(query()))).isEqualTo(ids);
    }

    @Test
    @Proves(Rule.S_7)
    void sessions_changed_at_one_moment_are_listed_by_id() {
        for (int i = 0; i < 12; i++) {
            given().session();
        }

        List<Session> listed =
                all(query()).stream().map(SessionSummary::session).toList();

        for (int i = 1; i < listed.size(); i++) {
            Session before = listed.get(i - 1);
            Session after = listed.get(i);
            int byTime = before.updatedAt().compareTo(after.updatedAt());
            assertThat(byTime > 0 || (byTime == 0 && before.id().compareTo(after.id()) < 0))
                    .isTrue();
        }
    }

    /** D4: of 30 sessions the original's pages showed 10 and skipped 20. */
    @Test
    @Proves(Rule.G_8)
    void pages_show_every_session_once_and_only_the_last_has_no_cursor() {
        List<String> ids = sessions(10);
        for (int i = 0; i < 10; i++) {
            ids.add(given().session().id());
        }
        for (int limit : new int[] {1, 3, 10, 20, 21}) {
            List<String> seen = new ArrayList<>();
            String cursor = null;
            do {
                Page<SessionSummary> page =
                        store().sessions().list(query().withLimit(limit).withCursor(cursor));
                assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
                if (page.nextCursor() != null) {
                    assertThat(page.items()).hasSize(limit);
                }
                seen.addAll(ids(page.items()));
                cursor = page.nextCursor();
            } while (cursor != null);
            assertThat(seen).containsExactlyInAnyOrderElementsOf(ids);
        }
    }

    @Test
    @Proves(Rule.G_8)
    void a_session_that_changes_between_pages_does_not_disturb_the_others() {
        List<String> ids = sessions(9);
        Page<SessionSummary> first = store().sessions().list(query().withLimit(3));
        touch(ids.get(0));
        touch(ids.get(7));

        List<String> seen = new ArrayList<>(ids(first.items()));
        seen.addAll(ids(rest(query().withLimit(3), first.nextCursor())));

        List<String> untouched = new ArrayList<>(ids);
        untouched.removeAll(List.of(ids.get(0), ids.get(7)));
        assertThat(seen).containsAll(untouched).doesNotHaveDuplicates();
    }

    @Test
    @Proves(Rule.G_8)
    void a_page_may_have_another_length_than_the_one_before() {
        List<String> ids = sessions(6);
        Page<SessionSummary> first = second().sessions().list(query().withLimit(2));

        List<String> seen = new ArrayList<>(ids(first.items()));
        seen.addAll(ids(rest(query().withLimit(3), first.nextCursor())));

        Collections.reverse(ids);
        assertThat(seen).isEqualTo(ids);
    }

    /** D4: the newest 500 were cut out first and filtered then; one running session behind them was never shown. */
    @Test
    @Proves(Rule.S_7)
    void a_running_session_is_found_behind_hundreds_of_newer_idle_ones() {
        String running = given().name("session");
        given().turn(given().runIn(running));
        advance(STEP);
        for (int i = 0; i < 510; i++) {
            given().session();
        }

        Page<SessionSummary> page = store().sessions()
                .list(query().withFilter(SessionFilter.RUNNING).withLimit(5));

        assertThat(ids(page.items())).containsExactly(running);
        assertThat(page.nextCursor()).isNull();
    }

    @Test
    @Proves(Rule.S_7)
    void the_filter_works_before_the_page_is_cut() {
        List<String> running = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String id = given().name("session");
            given().turn(given().runIn(id));
            running.add(id);
            advance(STEP);
            given().session();
            given().session();
        }

        Page<SessionSummary> page = store().sessions()
                .list(query().withFilter(SessionFilter.RUNNING).withLimit(4));

        assertThat(page.items()).hasSize(4);
        assertThat(page.nextCursor()).isNotNull();
        assertThat(ids(all(query().withFilter(SessionFilter.RUNNING).withLimit(4))))
                .containsExactlyInAnyOrderElementsOf(running);
    }

    @Test
    @Proves(Rule.S_7)
    void each_filter_shows_its_sessions() {
        String idle = given().session().id();
        String running = given().name("session");
        given().turn(given().runIn(running));
        String ended = ended();
        String endedAndRead = ended();
        for (String read : List.of(idle, endedAndRead)) {
            store().sessions()
                    .markRead(read, "ann", store().sessions().get(read).version());
        }

        SessionQuery ann = query().withReaderId("ann");
        assertThat(shown(ann, SessionFilter.ALL)).containsExactlyInAnyOrder(idle, running, ended, endedAndRead);
        assertThat(shown(ann, SessionFilter.DEFAULT)).containsExactlyInAnyOrder(idle, running, ended);
        assertThat(shown(ann, SessionFilter.IDLE)).containsExactly(idle);
        assertThat(shown(ann, SessionFilter.RUNNING)).containsExactly(running);
        assertThat(shown(ann, SessionFilter.TERMINAL)).containsExactlyInAnyOrder(ended, endedAndRead);
        assertThat(shown(ann, SessionFilter.UNREAD)).containsExactlyInAnyOrder(running, ended);
    }

    @Test
    @Proves({Rule.S_7, Rule.S_6})
    void what_one_reader_has_read_is_unread_for_another_and_for_none() {
        String ended = ended();
        store().sessions().markRead(ended, "ann", store().sessions().get(ended).version());

        assertThat(shown(query().withReaderId("bob"), SessionFilter.DEFAULT)).containsExactly(ended);
        assertThat(shown(query().withReaderId("bob"), SessionFilter.UNREAD)).containsExactly(ended);
        assertThat(shown(query(), SessionFilter.DEFAULT)).containsExactly(ended);
        assertThat(shown(query(), SessionFilter.UNREAD)).containsExactly(ended);
    }

    @Test
    @Proves({Rule.S_7, Rule.S_6})
    void a_list_says_what_its_reader_has_read() {
        Session read = given().session();
        store().sessions().markRead(read.id(), "ann", read.version());
        advance(STEP);
        Session unread = given().session();

        List<SessionSummary> listed = all(query().withReaderId("ann"));

        assertThat(listed)
                .containsExactly(
                        new SessionSummary(unread, "ann", 0, true),
                        new SessionSummary(read, "ann", read.version(), false));
    }

    @Test
    @Proves(Rule.S_7)
    void a_backend_shows_its_own_sessions() {
        given().session();
        Session other = store().sessions()
                .upsert(SessionUpsert.builder(given().name("session"), given().owner(), BackendProfile.DEEPSEEK)
                        .build());

        assertThat(ids(all(query().withBackendProfile(BackendProfile.DEEPSEEK))))
                .containsExactly(other.id());
    }

    /** D22: lists knew no tenant. */
    @Test
    @Proves(Rule.G_6)
    void a_list_shows_the_sessions_of_its_scope_alone() {
        Owner mine = given().owner();
        Owner sibling = new Owner(mine.tenantId(), given().name("project"));
        Owner stranger = new Owner(given().name("tenant"), mine.projectId());
        String own = given().session().id();
        String ofSibling = sessionOf(sibling);
        String ofStranger = sessionOf(stranger);

        assertThat(ids(all(query()))).containsExactly(own);
        assertThat(ids(all(SessionQuery.in(TenantScope.tenant(mine.tenantId())))))
                .containsExactlyInAnyOrder(own, ofSibling);
        assertThat(ids(all(SessionQuery.in(TenantScope.all())))).containsExactlyInAnyOrder(own, ofSibling, ofStranger);
        assertThat(ids(all(SessionQuery.in(TenantScope.tenant(given().name("tenant"))))))
                .isEmpty();
    }

    @Test
    @Proves(Rule.G_7)
    void a_cursor_serves_the_very_list_that_it_came_from() {
        sessions(3);
        String cursor = store().sessions().list(query().withLimit(1)).nextCursor();
        List<SessionQuery> others = List.of(
                query().withFilter(SessionFilter.ALL),
                query().withReaderId("ann"),
                query().withBackendProfile(Given.PROFILE),
                SessionQuery.in(TenantScope.all()),
                SessionQuery.in(TenantScope.tenant(given().owner().tenantId())));
        for (SessionQuery other : others) {
            assertForeign(other.withCursor(cursor));
        }
    }

    @Test
    @Proves(Rule.G_7)
    void a_cursor_that_is_not_a_list_s_own_is_refused() {
        sessions(3);
        String own =
                String.valueOf(store().sessions().list(query().withLimit(1)).nextCursor());
        String feed = store().sessions().changes(given().scope(), null, 1).cursor();
        String changed = (own.charAt(0) == 'A' ? 'B' : 'A') + own.substring(1);
        for (String foreign : List.of("17", "not a cursor", own + "A", own.substring(1), changed, feed)) {
            assertForeign(query().withCursor(foreign));
        }
    }

    private void assertForeign(SessionQuery query) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> store().sessions().list(query))
                .satisfies(e -> assertThat(e.field()).isEqualTo("cursor"));
    }

    private SessionQuery query() {
        return SessionQuery.in(given().scope());
    }

    /** New sessions, oldest first, one second apart. */
    private List<String> sessions(int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(given().session().id());
            advance(STEP);
        }
        return ids;
    }

    private String sessionOf(Owner owner) {
        return store().sessions()
                .upsert(SessionUpsert.builder(given().name("session"), owner, Given.PROFILE)
                        .build())
                .id();
    }

    private String ended() {
        String id = given().name("session");
        RunLease lease = given().claimed(given().runIn(id));
        given().acknowledgedTurn(lease);
        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        return id;
    }

    private void touch(String sessionId) {
        advance(STEP);
        store().sessions()
                .upsert(SessionUpsert.builder(sessionId, given().owner(), Given.PROFILE)
                        .title(given().name("title"))
                        .build());
    }

    private List<String> shown(SessionQuery query, SessionFilter filter) {
        return ids(all(query.withFilter(filter)));
    }

    private List<SessionSummary> all(SessionQuery query) {
        return rest(query, null);
    }

    private List<SessionSummary> rest(SessionQuery query, @Nullable String from) {
        List<SessionSummary> items = new ArrayList<>();
        String cursor = from;
        do {
            Page<SessionSummary> page = store().sessions().list(query.withCursor(cursor));
            items.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);
        return items;
    }

    private static List<String> ids(List<SessionSummary> items) {
        return new ArrayList<>(
                items.stream().map(summary -> summary.session().id()).toList());
    }
}
