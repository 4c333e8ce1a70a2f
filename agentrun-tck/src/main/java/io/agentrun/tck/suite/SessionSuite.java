package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.NotFoundException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionThread;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Sessions as their host makes and changes them: identity, upserts, titles, versions.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class SessionSuite extends ConformanceSuite {

    private static final Duration HOUR = Duration.ofHours(1);

    /** For adapters. */
    protected SessionSuite() {}

    @Test
    @Proves({Rule.S_2, Rule.S_9})
    void a_new_session_is_idle_with_what_it_was_given() {
        Instant expiry = given().session().createdAt().plus(HOUR);
        SessionUpsert input = given().newSession()
                .conversationId("conversation-1")
                .threadId("thread-1")
                .title("A title")
                .metadata(JsonObject.of("color", "blue"))
                .expiry(Expiry.at(expiry))
                .rolloutSubdir("rollouts/today")
                .build();

        Session session = store().sessions().upsert(input);

        assertThat(session.id()).isEqualTo(input.sessionId());
        assertThat(session.owner()).isEqualTo(given().owner());
        assertThat(session.backendProfile()).isEqualTo(Given.PROFILE);
        assertThat(session.thread()).isEqualTo(new SessionThread("conversation-1", "thread-1"));
        assertThat(session.title()).isEqualTo("A title");
        assertThat(session.metadata()).isEqualTo(JsonObject.of("color", "blue"));
        assertThat(session.expiresAt()).isEqualTo(expiry);
        assertThat(session.activity().state()).isEqualTo(ExecutionState.IDLE);
        assertThat(session.activity().turns()).isZero();
        assertThat(session.storage().state()).isEqualTo(StorageState.NONE);
        assertThat(session.storage().contents().rolloutSubdir()).isEqualTo("rollouts/today");
        assertThat(session.version()).isPositive();
        assertThat(session.updatedAt()).isEqualTo(session.createdAt());
        assertThat(second().sessions().get(session.id())).isEqualTo(session);
    }

    @Test
    @Proves(Rule.S_2)
    void an_upsert_keeps_what_it_does_not_mention() {
        Session before = full();
        JsonObject metadata = JsonObject.of("size", 3);

        changesAlone(before, upsert -> upsert.title("Another"), session -> session.title("Another"));
        changesAlone(before, upsert -> upsert.metadata(metadata), session -> session.metadata(metadata));
        changesAlone(
                before,
                upsert -> upsert.conversationId("conversation-9"),
                session -> session.thread(
                        new SessionThread("conversation-9", before.thread().threadId())));
        changesAlone(
                before,
                upsert -> upsert.threadId("thread-9"),
                session -> session.thread(new SessionThread("conversation-9", "thread-9")));
    }

    private void changesAlone(
            Session of, UnaryOperator<SessionUpsert.Builder> upsert, UnaryOperator<Session.Builder> change) {
        Session before = store().sessions().get(of.id());

        Session after = store().sessions().upsert(upsert.apply(same(before)).build());

        assertThat(after)
                .isEqualTo(change.apply(before.toBuilder())
                        .version(after.version())
                        .updatedAt(after.updatedAt())
                        .build());
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(store().sessions().get(of.id())).isEqualTo(after);
    }

    @Test
    @Proves(Rule.S_2)
    void an_upsert_replaces_what_it_mentions() {
        Session before = full();

        Session after = store().sessions()
                .upsert(SessionUpsert.builder(before.id(), before.owner(), BackendProfile.DEEPSEEK)
                        .conversationId("conversation-2")
                        .threadId("thread-2")
                        .metadata(JsonObject.of("size", 2))
                        .expiry(Expiry.never())
                        .rolloutSubdir("elsewhere")
                        .build());

        assertThat(after.backendProfile()).isEqualTo(BackendProfile.DEEPSEEK);
        assertThat(after.thread()).isEqualTo(new SessionThread("conversation-2", "thread-2"));
        assertThat(after.metadata()).isEqualTo(JsonObject.of("size", 2));
        assertThat(after.expiresAt()).isNull();
        assertThat(after.storage().contents().rolloutSubdir()).isEqualTo("elsewhere");
        assertThat(after.createdAt()).isEqualTo(before.createdAt());
        assertThat(store().sessions().get(before.id())).isEqualTo(after);
    }

    @Test
    @Proves(Rule.S_11)
    void a_run_of_another_backend_leaves_the_session_its_own() {
        Session before = given().session();
        RunSpec other = RunSpec.of(BackendProfile.DEEPSEEK);

        Run run = store().runs()
                .create(NewRun.builder(given().owner(), other)
                        .session(SessionRef.of(before.id()))
                        .build());
        Session after = store().sessions().get(before.id());
        store().sessions()
                .upsert(SessionUpsert.builder(before.id(), before.owner(), BackendProfile.MINIMAX_M3)
                        .build());

        assertThat(run.spec().backendProfile()).isEqualTo(BackendProfile.DEEPSEEK);
        assertThat(after.backendProfile()).isEqualTo(before.backendProfile());
        assertThat(store().runs().get(run.id()).spec().backendProfile()).isEqualTo(BackendProfile.DEEPSEEK);
        assertThat(store().sessions().get(before.id()).backendProfile()).isEqualTo(BackendProfile.MINIMAX_M3);
    }

    @Test
    @Proves(Rule.S_2)
    void an_upsert_of_what_is_there_already_changes_nothing() {
        Session before = full();
        advance(HOUR);

        Session mentionsNothing = store().sessions().upsert(same(before).build());
        Session mentionsAll = store().sessions()
                .upsert(same(before)
                        .conversationId(before.thread().conversationId())
                        .threadId(before.thread().threadId())
                        .title(before.title())
                        .metadata(before.metadata())
                        .expiry(new Expiry(before.expiresAt()))
                        .rolloutSubdir(before.storage().contents().rolloutSubdir())
                        .build());

        assertThat(mentionsNothing).isEqualTo(before);
        assertThat(mentionsAll).isEqualTo(before);
        assertThat(store().sessions().get(before.id())).isEqualTo(before);
    }

    @Test
    @Proves(Rule.S_2)
    void a_change_of_a_session_moves_its_time() {
        Session before = given().session();
        advance(HOUR);

        Session after = store().sessions().upsert(same(before).title("Later").build());

        assertThat(after.updatedAt()).isAfterOrEqualTo(before.updatedAt().plus(HOUR));
        assertThat(after.createdAt()).isEqualTo(before.createdAt());
    }

    /** D5: versions were partly counted up and partly drawn, so that two sessions had the same one. */
    @Test
    @Proves(Rule.S_9)
    void every_change_of_any_session_takes_a_version_that_is_higher_than_all_before() {
        Session a = given().session();
        Session b = given().session();
        Set<Long> versions = new HashSet<>(List.of(a.version(), b.version()));
        long highest = Math.max(a.version(), b.version());
        for (int i = 0; i < 5; i++) {
            for (Session session : List.of(a, b)) {
                Session changed =
                        store().sessions().upsert(same(session).title("T" + i).build());
                assertThat(changed.version()).isGreaterThan(highest);
                assertThat(versions.add(changed.version())).isTrue();
                highest = changed.version();
            }
        }
    }

    /** D5: fifty refreshes counted a session past the sequence, and its next turn drew a lower version. */
    @Test
    @Proves(Rule.S_9)
    void refreshes_and_turns_take_versions_of_one_sequence() {
        Session session = given().ready(given().session());
        Run run = given().runIn(session.id());
        long before = store().sessions().get(session.id()).version();
        for (int i = 0; i < 20; i++) {
            long refreshed = store().storage()
                    .refresh(StorageRefresh.builder(session.id())
                            .sizeBytes((long) i)
                            .build())
                    .version();
            assertThat(refreshed).isGreaterThan(before);
            before = refreshed;
        }

        given().turn(run);

        assertThat(store().sessions().get(session.id()).version()).isGreaterThan(before);
    }

    /** D22: an upsert moved a session to another tenant. */
    @Test
    @Proves({Rule.S_1, Rule.G_3})
    void an_upsert_by_another_tenant_or_project_is_refused_and_changes_nothing() {
        Session session = full();
        Owner owner = session.owner();
        List<Owner> others = List.of(
                given().stranger(),
                new Owner(owner.tenantId(), given().name("project")),
                new Owner(given().name("tenant"), owner.projectId()));
        for (Owner other : others) {
            TenantPolicyException refusal = watch().session(session.id())
                    .refuses(
                            TenantPolicyException.class,
                            () -> store().sessions()
                                    .upsert(SessionUpsert.builder(session.id(), other, Given.PROFILE)
                                            .title("Mine now")
                                            .build()));

            assertThat(refusal.id()).isEqualTo(session.id());
            assertThat(refusal.httpStatus()).isEqualTo(403);
            assertThat(refusal.failureKind().wire()).isEqualTo("tenant-policy-denied");
        }
    }

    @Test
    @Proves({Rule.S_1, Rule.G_3})
    void a_run_of_another_tenant_or_project_in_the_session_is_refused_and_not_made() {
        Session session = given().session();
        List<Owner> others =
                List.of(given().stranger(), new Owner(session.owner().tenantId(), given().name("project")));
        for (Owner other : others) {
            NewRun run = NewRun.builder(other, given().spec())
                    .session(SessionRef.of(session.id()))
                    .build();

            watch().session(session.id())
                    .refuses(TenantPolicyException.class, () -> store().runs().create(run));

            TenantScope scope = TenantScope.project(other.tenantId(), other.projectId());
            assertThat(store().runs().list(RunQuery.in(scope)).items()).isEmpty();
        }
    }

    /** D2: of two upserts of a new session at once, one got a raw unique violation. */
    @Test
    @Proves(Rule.S_2)
    void upserts_of_a_new_session_at_the_same_moment_all_succeed() {
        for (int round = 0; round < 10; round++) {
            SessionUpsert input = given().newSession().title("T").build();

            List<Race.Finish<Session>> finishes = Race.of(
                    6, i -> () -> (i % 2 == 0 ? store() : second()).sessions().upsert(input));

            assertThat(Race.failures(finishes)).isEmpty();
            assertThat(Set.copyOf(Race.values(finishes)))
                    .containsExactly(store().sessions().get(input.sessionId()));
        }
    }

    /** D2: of two runs on a new session at once, one was lost to a raw unique violation. */
    @Test
    @Proves(Rule.R_1)
    void runs_on_a_new_session_at_the_same_moment_are_all_made() {
        for (int round = 0; round < 10; round++) {
            String sessionId = given().name("session");
            NewRun input = given().newRun().session(SessionRef.of(sessionId)).build();

            List<Race.Finish<Run>> finishes = Race.of(
                    6, i -> () -> (i % 2 == 0 ? store() : second()).runs().create(input));

            assertThat(Race.failures(finishes)).isEmpty();
            List<String> ids = Race.values(finishes).stream().map(Run::id).toList();
            assertThat(ids).doesNotHaveDuplicates();
            assertThat(store().sessions().get(sessionId).activity().lastRunId()).isIn(ids);
        }
    }

    @Test
    @Proves(Rule.R_1)
    void a_run_makes_its_session_with_what_the_reference_says() {
        Instant expiry = given().session().createdAt().plus(HOUR);
        String sessionId = given().name("session");
        SessionRef ref = SessionRef.of(sessionId)
                .withConversationId("conversation-1")
                .withThreadId("thread-1")
                .withMetadata(JsonObject.of("title", "From the metadata"))
                .withExpiresAt(expiry);

        Run run = store().runs().create(given().newRun().session(ref).build());

        Session session = store().sessions().get(sessionId);
        assertThat(session.owner()).isEqualTo(given().owner());
        assertThat(session.backendProfile()).isEqualTo(Given.PROFILE);
        assertThat(session.thread()).isEqualTo(new SessionThread("conversation-1", "thread-1"));
        assertThat(session.title()).isEqualTo("From the metadata");
        assertThat(session.metadata()).isEqualTo(ref.metadata());
        assertThat(session.expiresAt()).isEqualTo(expiry);
        assertThat(session.activity().state()).isEqualTo(ExecutionState.IDLE);
        assertThat(session.activity().lastRunId()).isEqualTo(run.id());
    }

    @Test
    @Proves({Rule.R_1, Rule.S_9})
    void a_run_in_a_session_that_is_there_leaves_its_thread_metadata_and_expiry_alone() {
        Session before = full();
        SessionRef ref = SessionRef.of(before.id())
                .withConversationId("conversation-9")
                .withThreadId("thread-9")
                .withMetadata(JsonObject.of("title", "Another"))
                .withExpiresAt(before.createdAt().plus(Duration.ofDays(9)));

        Run run = store().runs().create(given().newRun().session(ref).build());

        Session after = store().sessions().get(before.id());
        assertThat(after.thread()).isEqualTo(before.thread());
        assertThat(after.title()).isEqualTo(before.title());
        assertThat(after.metadata()).isEqualTo(before.metadata());
        assertThat(after.expiresAt()).isEqualTo(before.expiresAt());
        assertThat(after.activity().lastRunId()).isEqualTo(run.id());
        assertThat(after.version()).isGreaterThan(before.version());
    }

    @Test
    @Proves(Rule.S_2)
    void an_unknown_session_is_not_found() {
        assertThat(store().sessions().find("session_unknown")).isEmpty();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> store().sessions().get("session_unknown"))
                .satisfies(e -> assertThat(e.what()).isEqualTo("session"))
                .satisfies(e -> assertThat(e.httpStatus()).isEqualTo(404));
    }

    @Test
    @Proves(Rule.S_2)
    void a_session_without_a_title_takes_that_of_its_metadata() {
        JsonObject metadata = JsonObject.of("title", "  Two\n\twords ");

        Session created = store().sessions()
                .upsert(given().newSession().metadata(metadata).build());
        Session titled = store().sessions()
                .upsert(given().newSession().title("Given").metadata(metadata).build());

        assertThat(created.title()).isEqualTo("Two words");
        assertThat(titled.title()).isEqualTo("Given");
    }

    @Test
    @Proves(Rule.S_3)
    void the_first_turn_gives_a_session_its_title() {
        String prompt = "  Fix\n the\tbuild " + "é".repeat(100);
        Run run = given().runIn(given().name("session"));

        store().commands().create(run.id(), given().newTurn(prompt));
        store().commands().create(run.id(), given().newTurn("a second one"));

        String title = store().sessions().get(String.valueOf(run.sessionId())).title();
        assertThat(title).isEqualTo("Fix the build " + "é".repeat(80 - 14));
    }

    @Test
    @Proves(Rule.S_3)
    void a_title_that_is_there_outlives_the_first_turn() {
        Session session = full();

        given().turn(given().runIn(session.id()));

        assertThat(store().sessions().get(session.id()).title()).isEqualTo(session.title());
    }

    private Session full() {
        Instant expiry = given().session().createdAt().plus(Duration.ofDays(1));
        return store().sessions()
                .upsert(given().newSession()
                        .conversationId("conversation-1")
                        .threadId("thread-1")
                        .title("A title")
                        .metadata(JsonObject.of("color", "blue"))
                        .expiry(Expiry.at(expiry))
                        .rolloutSubdir("rollouts")
                        .build());
    }

    private static SessionUpsert.Builder same(Session session) {
        return SessionUpsert.builder(session.id(), session.owner(), session.backendProfile());
    }
}
