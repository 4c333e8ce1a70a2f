package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.AgentRunStore;
import io.agentrun.error.InvalidInputException;
import io.agentrun.lease.Fence;
import io.agentrun.lease.RunLease;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.Rule;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The feed of changed sessions, for programs: in the order of versions, nothing missed.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class SessionChangesSuite extends ConformanceSuite {

    /** For adapters. */
    protected SessionChangesSuite() {}

    @Test
    @Proves(Rule.G_9)
    void the_feed_shows_each_session_once_in_its_latest_state_in_the_order_of_versions() {
        Session a = given().session();
        Session b = given().session();
        Session changed = retitle(store(), a, "Changed");

        ChangePage<Session> page = store().sessions().changes(given().scope(), null, 10);

        assertThat(page.items()).containsExactly(b, changed);
        assertThat(page.more()).isFalse();
    }

    @Test
    @Proves(Rule.G_9)
    void the_feed_goes_on_from_its_cursor_on_any_instance() {
        Session a = given().session();
        Session b = given().session();
        Session c = given().session();

        ChangePage<Session> first = store().sessions().changes(given().scope(), null, 2);
        ChangePage<Session> next = second().sessions().changes(given().scope(), first.cursor(), 2);

        assertThat(first.items()).containsExactly(a, b);
        assertThat(first.more()).isTrue();
        assertThat(next.items()).containsExactly(c);
        assertThat(next.more()).isFalse();
    }

    @Test
    @Proves(Rule.G_9)
    void an_empty_page_has_a_cursor_to_go_on_from() {
        ChangePage<Session> nothing = store().sessions().changes(given().scope(), null, 10);
        ChangePage<Session> still = store().sessions().changes(given().scope(), nothing.cursor(), 10);
        Session session = given().session();

        ChangePage<Session> next = store().sessions().changes(given().scope(), still.cursor(), 10);

        assertThat(nothing.items()).isEmpty();
        assertThat(nothing.more()).isFalse();
        assertThat(still.items()).isEmpty();
        assertThat(next.items()).containsExactly(session);
    }

    /** D5: storage changes counted up, new sessions began at one: a reader past that never saw them. */
    @Test
    @Proves({Rule.G_9, Rule.S_9})
    void the_feed_shows_whatever_changes_a_session() {
        Session session = given().session();
        String cursor = drained(given().scope(), null);

        Session other = given().session();
        cursor = expect(cursor, other);
        given().provisioning(session);
        cursor = expect(cursor, store().sessions().get(session.id()));
        given().ready(given().session());
        cursor = drained(given().scope(), cursor);
        store().storage().markMissing(session.id(), 1);
        cursor = expect(cursor, store().sessions().get(session.id()));
        Run run = given().runIn(other.id());
        cursor = expect(cursor, store().sessions().get(other.id()));
        given().turn(run);
        cursor = expect(cursor, store().sessions().get(other.id()));
        store().runs().cancel(run.id(), "no more");
        expect(cursor, store().sessions().get(other.id()));
    }

    @Test
    @Proves({Rule.G_9, Rule.S_9})
    void refreshed_storage_is_a_change() {
        Session session = given().ready(given().session());
        String cursor = drained(given().scope(), null);

        Session refreshed = store().storage()
                .refresh(StorageRefresh.builder(session.id()).sizeBytes(7L).build());

        expect(cursor, refreshed);
    }

    @Test
    @Proves(Rule.G_9)
    void what_changes_nothing_is_not_in_the_feed() {
        Session session = given().session();
        String cursor = drained(given().scope(), null);

        store().sessions()
                .upsert(SessionUpsert.builder(session.id(), session.owner(), session.backendProfile())
                        .build());
        store().sessions().markRead(session.id(), "ann", session.version());

        assertThat(store().sessions().changes(given().scope(), cursor, 10).items())
                .isEmpty();
    }

    @Test
    @Proves(Rule.G_9)
    void a_session_that_changes_between_pages_is_shown_again() {
        Session a = given().session();
        Session b = given().session();
        ChangePage<Session> first = store().sessions().changes(given().scope(), null, 1);

        Session changed = retitle(store(), a, "Changed");
        ChangePage<Session> rest = store().sessions().changes(given().scope(), first.cursor(), 10);

        assertThat(first.items()).containsExactly(a);
        assertThat(rest.items()).containsExactly(b, changed);
    }

    @Test
    @Proves(Rule.G_6)
    void the_feed_shows_the_sessions_of_its_scope_alone() {
        Owner mine = given().owner();
        Session own = given().session();
        Session sibling = sessionOf(new Owner(mine.tenantId(), given().name("project")));
        Session stranger = sessionOf(new Owner(given().name("tenant"), mine.projectId()));

        assertThat(store().sessions().changes(given().scope(), null, 10).items())
                .containsExactly(own);
        assertThat(store().sessions()
                        .changes(TenantScope.tenant(mine.tenantId()), null, 10)
                        .items())
                .containsExactly(own, sibling);
        assertThat(store().sessions().changes(TenantScope.all(), null, 10).items())
                .containsExactly(own, sibling, stranger);
    }

    @Test
    @Proves(Rule.G_7)
    void a_cursor_of_another_feed_scope_or_list_is_refused() {
        given().session();
        given().session();
        given().task("queue");
        String ofAll = store().sessions().changes(TenantScope.all(), null, 1).cursor();
        String ofTasks = store().queue().changes(given().scope(), null, 1).cursor();
        String ofList = String.valueOf(store().sessions()
                .list(SessionQuery.in(given().scope()).withLimit(1))
                .nextCursor());
        for (String foreign : List.of(ofAll, ofTasks, ofList, "0", "1,2", "cursor")) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> store().sessions().changes(given().scope(), foreign, 10))
                    .satisfies(e -> assertThat(e.field()).isEqualTo("cursor"));
        }
    }

    /** D6: versions were drawn before the commit, and what committed late was never delivered. */
    @Test
    @Proves(Rule.G_9)
    void a_reader_that_follows_the_feed_while_others_write_misses_nothing() {
        int writers = 6;
        int each = 25;
        TenantScope scope = given().scope();
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < writers * each; i++) {
            sessions.add(given().session());
        }
        AtomicInteger writing = new AtomicInteger(writers);
        Map<String, Session> latest = new HashMap<>();

        List<Race.Finish<Integer>> finishes = Race.of(writers + 1, i -> () -> {
            if (i == writers) {
                follow(scope, writing, latest);
                return 0;
            }
            AgentRunStore mine = i % 2 == 0 ? store() : second();
            try {
                for (int n = 0; n < each; n++) {
                    // Each session once more and never again: what is passed over now stays missed.
                    retitle(mine, sessions.get(i * each + n), "Title " + n);
                }
            } finally {
                writing.decrementAndGet();
            }
            return each;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        for (Session session : sessions) {
            assertThat(latest).containsEntry(session.id(), store().sessions().get(session.id()));
        }
    }

    /** Reads the feed until the writers have stopped and it has come to an end after that. */
    private void follow(TenantScope scope, AtomicInteger writing, Map<String, Session> latest) {
        String cursor = null;
        while (true) {
            boolean stopped = writing.get() == 0;
            ChangePage<Session> page = second().sessions().changes(scope, cursor, 50);
            page.items().forEach(session -> {
                Session before = latest.put(session.id(), session);
                if (before != null) {
                    assertThat(session.version()).isGreaterThan(before.version());
                }
            });
            cursor = page.cursor();
            if (stopped && !page.more() && page.items().isEmpty()) {
                return;
            }
        }
    }

    /** Asserts that the session alone has changed since the cursor; the cursor after it. */
    private String expect(@Nullable String cursor, Session session) {
        ChangePage<Session> page = second().sessions().changes(given().scope(), cursor, 10);
        assertThat(page.items()).containsExactly(session);
        return page.cursor();
    }

    private String drained(TenantScope scope, @Nullable String from) {
        ChangePage<Session> page = store().sessions().changes(scope, from, 100);
        while (page.more()) {
            page = store().sessions().changes(scope, page.cursor(), 100);
        }
        return page.cursor();
    }

    private Session sessionOf(Owner owner) {
        return store().sessions()
                .upsert(SessionUpsert.builder(given().name("session"), owner, Given.PROFILE)
                        .build());
    }

    private static Session retitle(AgentRunStore store, Session session, String title) {
        return store.sessions()
                .upsert(SessionUpsert.builder(session.id(), session.owner(), session.backendProfile())
                        .title(title)
                        .build());
    }

    /** What changes at one moment is written in another order than it began: a page that ends in between leaves none out. */
    @Test
    @Proves({Rule.G_9, Rule.G_8})
    void pages_of_one_show_all_tasks_and_sessions_that_changed_at_one_moment() {
        int callers = 6;
        int many = 60;
        List<String> queues = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            queues.add(given().name("queue"));
        }
        for (int i = 0; i < many; i++) {
            store().queue()
                    .create(given().newTask(queues.get(i % callers))
                            .session(SessionRef.of(given().name("session")))
                            .build());
        }

        List<Race.Finish<Integer>> finishes = Race.of(callers, i -> () -> {
            DispatchRequest own = DispatchRequest.fromQueue(queues.get(i));
            AgentRunStore at = i % 2 == 0 ? store() : second();
            int dispatched = 0;
            while (at.queue().dispatchNext(own).isPresent()) {
                dispatched++;
            }
            return dispatched;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        TenantScope scope = given().scope();
        assertThat(byOne(cursor -> store().queue().changes(scope, cursor, 1)))
                .extracting(QueueTask::id)
                .doesNotHaveDuplicates()
                .hasSize(many);
        assertThat(byOne(cursor -> store().sessions().changes(scope, cursor, 1)))
                .extracting(Session::id)
                .doesNotHaveDuplicates()
                .hasSize(many);
    }

    private static <T> List<T> byOne(Function<@Nullable String, ChangePage<T>> read) {
        List<T> shown = new ArrayList<>();
        ChangePage<T> page = read.apply(null);
        shown.addAll(page.items());
        while (page.more()) {
            page = read.apply(page.cursor());
            shown.addAll(page.items());
        }
        return shown;
    }

    @Test
    @Proves({Rule.G_9, Rule.G_8, Rule.A_7})
    void pages_of_one_show_all_questions_that_were_asked_at_one_moment() {
        int callers = 8;
        int each = 8;
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            RunLease lease = given().claimed();
            given().acknowledgedTurn(lease);
            fences.add(lease.fence());
        }

        List<Race.Finish<Boolean>> finishes = Race.of(callers, i -> () -> {
            for (int n = 0; n < each; n++) {
                (i % 2 == 0 ? store() : second()).questions().ask(fences.get(i), NewQuestion.of("which one?"));
            }
            return true;
        });

        assertThat(Race.failures(finishes)).isEmpty();
        assertThat(byOne(cursor -> store().questions().changes(given().scope(), cursor, 1)))
                .extracting(Question::id)
                .doesNotHaveDuplicates()
                .hasSize(callers * each);
    }
}
