package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunAttempts;
import io.agentrun.run.RunClaim;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionActivity;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Runs: how they begin, with their sessions and keys.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class RunSuite extends ConformanceSuite {

    /** For adapters. */
    protected RunSuite() {}

    @Test
    @Proves(Rule.R_1)
    void a_run_begins_pending_with_what_it_was_given() {
        RunSpec spec = RunSpec.builder(BackendProfile.of("house-made"))
                .providerId("east")
                .workspaceRef(JsonObject.of("repo", "git@example.org:a/b.git", "depth", 1))
                .executionPolicy(JsonObject.parse("{\"network\":[\"none\",{\"allow\":null}]}"))
                .resourceBundleRef(JsonObject.of("bundle", "b-1"))
                .traceSink(JsonObject.of("url", "https://traces.example.org"))
                .build();

        Run run = store().runs()
                .create(NewRun.builder(given().owner(), spec).maxAttempts(3).build());

        assertThat(run.id()).startsWith("run_");
        assertThat(run.owner()).isEqualTo(given().owner());
        assertThat(run.spec()).isEqualTo(spec);
        assertThat(run.status()).isEqualTo(RunStatus.PENDING);
        assertThat(run.claim()).isEqualTo(new RunClaim(0, 0, null, new RunAttempts(1, 3, 0)));
        assertThat(run)
                .extracting(Run::sessionId, Run::taskId, Run::outcome, Run::cancelRequest, Run::idempotency)
                .containsOnlyNulls();
        assertThat(run.updatedAt()).isEqualTo(run.createdAt());
        assertThat(store().runs().get(run.id())).isEqualTo(run);
        assertThat(second().runs().get(run.id())).isEqualTo(run);
    }

    @Test
    @Proves({Rule.R_1, Rule.G_5})
    void the_first_event_of_a_run_says_that_it_was_created() {
        Run run = given().run();

        List<RunEvent> events = events(run.id());

        assertThat(events).hasSize(1);
        RunEvent created = events.get(0);
        assertThat(created.id()).startsWith("evt_");
        assertThat(created.seq()).isEqualTo(1);
        assertThat(created.type()).isEqualTo(EventType.BACKEND_STATUS);
        assertThat(created.createdAt()).isEqualTo(run.createdAt());
        assertThat(created.payload())
                .isEqualTo(JsonObject.of(
                        "phase", "run-created", "backendProfile", "codex", "sessionId", null, "resourceBundle", false));
    }

    @Test
    @Proves(Rule.R_1)
    void the_first_event_of_a_run_names_its_session_and_says_that_it_has_resources() {
        RunSpec spec = given().spec().toBuilder()
                .resourceBundleRef(JsonObject.of("bundle", "b-1"))
                .build();
        String session = given().name("session");

        Run run = store().runs()
                .create(NewRun.builder(given().owner(), spec)
                        .session(SessionRef.of(session))
                        .build());

        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(JsonObject.of(
                        "phase",
                        "run-created",
                        "backendProfile",
                        "codex",
                        "sessionId",
                        session,
                        "resourceBundle",
                        true));
    }

    @Test
    @Proves(Rule.G_5)
    void times_are_the_stores_own_in_microseconds() {
        Run earlier = given().run();

        advance(Duration.ofHours(3));
        Run later = given().run();

        assertThat(later.createdAt()).isEqualTo(later.createdAt().truncatedTo(ChronoUnit.MICROS));
        assertThat(Duration.between(earlier.createdAt(), later.createdAt()))
                .isBetween(Duration.ofHours(3), Duration.ofHours(4));
    }

    @Test
    @Proves({Rule.R_1, Rule.S_9})
    void a_new_session_is_created_with_the_values_of_the_reference() {
        Instant expiry = Instant.parse("2040-01-02T03:04:05.678901Z");
        SessionRef ref = SessionRef.of(given().name("session"))
                .withConversationId("conversation-1")
                .withThreadId("thread-1")
                .withMetadata(JsonObject.of("title", "Mend the roof", "team", "blue"))
                .withExpiresAt(expiry);

        Run run = store().runs().create(given().newRun().session(ref).build());

        Session session = store().sessions().get(ref.sessionId());
        assertThat(run.sessionId()).isEqualTo(session.id());
        assertThat(session.owner()).isEqualTo(run.owner());
        assertThat(session.backendProfile()).isEqualTo(run.spec().backendProfile());
        assertThat(session.thread().conversationId()).isEqualTo("conversation-1");
        assertThat(session.thread().threadId()).isEqualTo("thread-1");
        assertThat(session.title()).isEqualTo("Mend the roof");
        assertThat(session.metadata()).isEqualTo(ref.metadata());
        assertThat(session.expiresAt()).isEqualTo(expiry);
        assertThat(session.storage().state()).isEqualTo(StorageState.NONE);
        assertThat(session.version()).isPositive();
        assertThat(session.activity())
                .isEqualTo(
                        new SessionActivity(ExecutionState.IDLE, run.id(), null, null, null, null, run.createdAt(), 0));
    }

    @Test
    @Proves({Rule.R_1, Rule.S_9})
    void a_session_that_exists_keeps_its_own_values_and_takes_the_run_as_its_last() {
        Session before = store().sessions()
                .upsert(given().newSession()
                        .threadId("thread-kept")
                        .title("Kept")
                        .metadata(JsonObject.of("kept", true))
                        .expiry(Expiry.at(Instant.parse("2041-01-01T00:00:00Z")))
                        .build());
        SessionRef other = SessionRef.of(before.id())
                .withThreadId("thread-other")
                .withMetadata(JsonObject.of("title", "Other"))
                .withExpiresAt(Instant.parse("2030-01-01T00:00:00Z"));

        Run run = store().runs().create(given().newRun().session(other).build());

        Session after = store().sessions().get(before.id());
        assertThat(after.version()).isGreaterThan(before.version());
        assertThat(after)
                .isEqualTo(before.toBuilder()
                        .activity(before.activity().toBuilder()
                                .lastRunId(run.id())
                                .lastActivityAt(run.createdAt())
                                .build())
                        .version(after.version())
                        .updatedAt(run.createdAt())
                        .build());
    }

    @Test
    @Proves({Rule.S_1, Rule.R_1, Rule.G_3})
    void another_owners_session_is_refused() {
        Session session = given().session();
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        Watch watch = watch().session(session.id());

        for (Owner other : List.of(given().stranger(), sibling)) {
            TenantPolicyException refused = watch.refuses(
                    TenantPolicyException.class,
                    () -> store().runs()
                            .create(NewRun.builder(other, given().spec())
                                    .session(SessionRef.of(session.id()))
                                    .build()));

            assertThat(refused.what()).isEqualTo("session");
            assertThat(refused.id()).isEqualTo(session.id());
            assertThat(runsOf(other)).isEmpty();
        }
    }

    @Test
    @Proves({Rule.P_1, Rule.G_3})
    void storage_that_is_going_or_gone_refuses_a_run() {
        List<Session> sessions = List.of(
                given().evicting(given().session()),
                given().evicted(given().session()),
                given().missing(given().session()));

        for (Session session : sessions) {
            SessionStorageException refused = watch().session(session.id())
                    .refuses(SessionStorageException.class, () -> given().runIn(session.id()));

            assertThat(refused.sessionId()).isEqualTo(session.id());
            assertThat(refused.state()).isEqualTo(session.storage().state());
        }
        assertThat(runsOf(given().owner())).isEmpty();
    }

    @Test
    @Proves(Rule.P_1)
    void an_expired_session_and_one_with_storage_take_runs() {
        Session expired = store().sessions()
                .upsert(given().newSession()
                        .expiry(Expiry.at(Instant.parse("2001-01-01T00:00:00Z")))
                        .build());
        Session provisioning = given().provisioning(given().session());
        Session ready = given().ready(given().session());

        for (Session session : List.of(expired, provisioning, ready)) {
            assertThat(given().runIn(session.id()).sessionId()).isEqualTo(session.id());
        }
    }

    @Test
    @Proves({Rule.I_1, Rule.G_2})
    void a_key_that_was_used_returns_the_first_run_also_after_its_end() {
        String session = given().name("session");
        NewRun input = given().newRun()
                .session(SessionRef.of(session))
                .idempotencyKey("once")
                .build();
        Run first = store().runs().create(input);
        assertThat(first.idempotency()).isNotNull();
        assertThat(first.idempotency().key()).isEqualTo("once");

        assertThat(watch().run(first).unchangedBy(() -> second().runs().create(input)))
                .isEqualTo(first);

        Run ended = given().completed(first);
        given().evicted(store().sessions().get(session));
        assertThat(watch().run(first).unchangedBy(() -> store().runs().create(input)))
                .isEqualTo(ended);
        assertThat(runsOf(given().owner())).containsExactly(ended);
    }

    @Test
    @Proves({Rule.I_1, Rule.G_3})
    void a_key_with_other_content_is_a_conflict() {
        NewRun input = given().newRun().idempotencyKey("once").build();
        Run first = store().runs().create(input);
        NewRun others = given().newRun().maxAttempts(2).idempotencyKey("once").build();
        String session = given().name("session");
        NewRun inSession = given().newRun()
                .session(SessionRef.of(session))
                .idempotencyKey("once")
                .build();

        for (NewRun other : List.of(others, inSession)) {
            IdempotencyConflictException refused = watch().run(first)
                    .refuses(
                            IdempotencyConflictException.class,
                            () -> store().runs().create(other));

            assertThat(refused.key()).isEqualTo("once");
        }
        assertThat(store().sessions().find(session)).isEmpty();
    }

    @Test
    @Proves(Rule.I_1)
    void a_key_belongs_to_its_tenant_and_project_and_no_key_means_another_run() {
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        Run first =
                store().runs().create(given().newRun().idempotencyKey("once").build());

        Run theirs = store().runs()
                .create(NewRun.builder(sibling, given().spec())
                        .idempotencyKey("once")
                        .build());
        Owner namesake = new Owner(given().name("tenant"), given().owner().projectId());
        Run strangers = store().runs()
                .create(NewRun.builder(namesake, given().spec())
                        .idempotencyKey("once")
                        .build());
        Run without = given().run();
        Run another = given().run();

        assertThat(List.of(first.id(), theirs.id(), strangers.id(), without.id(), another.id()))
                .doesNotHaveDuplicates();
        assertThat(store().runs().getByKey(namesake, "once")).isEqualTo(strangers);
    }

    @Test
    @Proves(Rule.G_2)
    void what_does_not_exist_is_not_found() {
        assertThat(watch().refuses(NotFoundException.class, () -> store().runs().get("run_none")))
                .satisfies(refused -> {
                    assertThat(refused.what()).isEqualTo("run");
                    assertThat(refused.id()).isEqualTo("run_none");
                });
        watch().refuses(NotFoundException.class, () -> store().runs().cancel("run_none", "why"));
        watch().refuses(NotFoundException.class, () -> store().runs().finishUnclaimed("run_none", Outcome.completed()));
    }

    @Test
    @Proves(Rule.I_3)
    void a_run_is_found_by_its_owners_key_and_by_nobody_elses() {
        String key = given().name("key");
        Owner stranger = given().stranger();
        Run run = store().runs().create(given().newRun().idempotencyKey(key).build());
        Run theirs = store().runs()
                .create(NewRun.builder(stranger, given().spec())
                        .idempotencyKey(key)
                        .build());
        store().runs()
                .create(given().newRun().idempotencyKey(given().name("key")).build());

        Run ended = store().runs().cancel(run.id(), "no more");

        assertThat(store().runs().getByKey(given().owner(), key)).isEqualTo(ended);
        assertThat(second().runs().getByKey(stranger, key)).isEqualTo(theirs);
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        for (Owner other : List.of(sibling, given().stranger())) {
            NotFoundException refused = watch().run(ended)
                    .refuses(NotFoundException.class, () -> store().runs().getByKey(other, key));
            assertThat(refused.what()).isEqualTo("run");
            assertThat(refused.id()).isEqualTo(key);
        }
        watch().run(ended)
                .refuses(NotFoundException.class, () -> store().runs().getByKey(given().owner(), given().name("key")));
    }

    private List<Run> runsOf(Owner owner) {
        TenantScope scope = TenantScope.project(owner.tenantId(), owner.projectId());
        return store().runs().list(RunQuery.in(scope)).items();
    }
}
