package io.agentrun.rules;

import static io.agentrun.samples.Runs.EARLIER;
import static io.agentrun.samples.Runs.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.samples.Answers;
import io.agentrun.samples.Story;
import io.agentrun.samples.Turns;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StorageRulesTest {

    private static final String CONFLICT = "StateConflict (schema-invalid)";
    private static final String TERMINATING = "SessionStorage (session-storage-terminating)";
    private static final String EVICTED = "SessionStorage (session-store-evicted)";
    private static final String MISSING = "SessionStorage (session-storage-missing)";
    private static final String TOUCHED = " storage.updatedAt=now";

    private static Session in(StorageState state) {
        return Turns.stored(Turns.idle(), state);
    }

    private static long generation(Session session) {
        return session.storage().generation();
    }

    private static Answers<StorageState> answers() {
        return Answers.in(StorageState.class);
    }

    private static void verify(Answers<StorageState> answers, Function<Session, Change> request) {
        answers.verify(state -> {
            Session session = in(state);
            return Story.of(() -> request.apply(session), session);
        });
    }

    private static StorageIntent intent(String namespace, String name) {
        return new StorageIntent(Turns.SESSION, namespace, "ns-1", name);
    }

    @Test
    void provisioning_begins_a_generation_unless_a_claim_of_that_name_is_there_or_coming() {
        String first = "ses_1: storage.state=provisioning storage.generation=1 storage.pvc.namespace=agents"
                + " storage.pvc.namespaceUid=ns-1 storage.pvc.name=claim-a storage.pvc.uid=none storage.pvc.phase=none"
                + TOUCHED;
        String again = "ses_1: storage.state=provisioning storage.generation=3 storage.pvc.uid=none"
                + " storage.contents.sizeBytes=none" + TOUCHED;
        verify(
                answers()
                        .on(first, StorageState.NONE)
                        .on("nothing", StorageState.PROVISIONING, StorageState.READY)
                        .on(TERMINATING, StorageState.EVICTING)
                        .on(again + " storage.evictedAt=none", StorageState.EVICTED)
                        .on(again, StorageState.MISSING),
                session -> StorageRules.provision(session, intent("agents", "claim-a"), NOW));
    }

    @Test
    void provisioning_under_another_name_is_refused_while_a_claim_is_there_or_coming() {
        String again = "ses_1: storage.state=provisioning storage.generation=3 storage.pvc.name=claim-b"
                + " storage.pvc.uid=none storage.contents.sizeBytes=none" + TOUCHED;
        verify(
                answers()
                        .on(
                                "ses_1: storage.state=provisioning storage.generation=1"
                                        + " storage.pvc.namespace=agents storage.pvc.namespaceUid=ns-1 storage.pvc.name=claim-b"
                                        + " storage.pvc.uid=none storage.pvc.phase=none" + TOUCHED,
                                StorageState.NONE)
                        .on(CONFLICT, StorageState.PROVISIONING, StorageState.READY)
                        .on(TERMINATING, StorageState.EVICTING)
                        .on(again + " storage.evictedAt=none", StorageState.EVICTED)
                        .on(again, StorageState.MISSING),
                session -> StorageRules.provision(session, intent("agents", "claim-b"), NOW));
        for (StorageState state : new StorageState[] {StorageState.PROVISIONING, StorageState.READY}) {
            Session session = in(state);
            assertThat(Story.of(() -> StorageRules.provision(session, intent("other", "claim-a"), NOW)))
                    .isEqualTo(CONFLICT);
        }
    }

    @Test
    void provisioning_in_a_namespace_of_another_uid_is_refused_while_a_claim_is_there_or_coming() {
        StorageIntent other = new StorageIntent(Turns.SESSION, "agents", "ns-2", "claim-a");
        StorageIntent silent = new StorageIntent(Turns.SESSION, "agents", "claim-a");
        String again = "ses_1: storage.state=provisioning storage.generation=3 storage.pvc.namespaceUid=ns-2"
                + " storage.pvc.uid=none storage.contents.sizeBytes=none" + TOUCHED;
        verify(
                answers()
                        .on(
                                "ses_1: storage.state=provisioning storage.generation=1"
                                        + " storage.pvc.namespace=agents storage.pvc.namespaceUid=ns-2"
                                        + " storage.pvc.name=claim-a storage.pvc.uid=none storage.pvc.phase=none"
                                        + TOUCHED,
                                StorageState.NONE)
                        .on(CONFLICT, StorageState.PROVISIONING, StorageState.READY)
                        .on(TERMINATING, StorageState.EVICTING)
                        .on(again + " storage.evictedAt=none", StorageState.EVICTED)
                        .on(again, StorageState.MISSING),
                session -> StorageRules.provision(session, other, NOW));
        for (StorageState state : new StorageState[] {StorageState.PROVISIONING, StorageState.READY}) {
            Session session = in(state);
            assertThat(Story.of(() -> StorageRules.provision(session, silent, NOW), session))
                    .isEqualTo("nothing");
        }
    }

    @Test
    void ready_remembers_the_uid() {
        verify(
                answers()
                        .on(
                                "ses_1: storage.state=ready storage.pvc.uid=uid-1 storage.pvc.phase=Bound" + TOUCHED,
                                StorageState.PROVISIONING)
                        .on("nothing", StorageState.READY)
                        .otherwise(CONFLICT),
                session -> StorageRules.ready(session, new StorageReady(Turns.SESSION, 2, "uid-1", "Bound"), NOW));
    }

    @Test
    void ready_with_another_uid_is_refused_once_one_is_known() {
        verify(
                answers()
                        .on("ses_1: storage.state=ready storage.pvc.uid=uid-9" + TOUCHED, StorageState.PROVISIONING)
                        .otherwise(CONFLICT),
                session -> StorageRules.ready(session, StorageReady.of(Turns.SESSION, 2, "uid-9"), NOW));
    }

    @Test
    void another_generation_is_refused_in_every_state() {
        for (long wrong : new long[] {1, 3}) {
            verify(
                    answers().otherwise(CONFLICT),
                    session -> StorageRules.ready(session, StorageReady.of(Turns.SESSION, wrong, "uid-1"), NOW));
            verify(
                    answers().otherwise(CONFLICT),
                    session -> StorageRules.beginEviction(session, wrong, EvictionCause.REQUESTED, false, NOW));
            verify(answers().otherwise(CONFLICT), session -> StorageRules.confirmEvicted(session, wrong, NOW));
            verify(answers().otherwise(CONFLICT), session -> StorageRules.markMissing(session, wrong, NOW));
        }
    }

    @Test
    void a_refresh_changes_what_it_mentions_while_there_is_a_claim() {
        String hash = "a".repeat(64);
        verify(
                answers()
                        .on(CONFLICT, StorageState.NONE)
                        .on(EVICTED, StorageState.EVICTED)
                        .on(MISSING, StorageState.MISSING)
                        .otherwise("ses_1: storage.pvc.phase=Bound storage.contents.filesCount=4"
                                + " storage.contents.sha256=" + hash + TOUCHED),
                session -> StorageRules.refresh(
                        session,
                        StorageRefresh.builder(Turns.SESSION)
                                .pvcPhase("Bound")
                                .filesCount(4L)
                                .sha256(hash)
                                .build(),
                        NOW));
        verify(
                answers()
                        .on(CONFLICT, StorageState.NONE)
                        .on(EVICTED, StorageState.EVICTED)
                        .on(MISSING, StorageState.MISSING)
                        .otherwise("ses_1: storage.contents.sizeBytes=0 storage.contents.rolloutSubdir=runs" + TOUCHED),
                session -> StorageRules.refresh(
                        session,
                        StorageRefresh.builder(Turns.SESSION)
                                .sizeBytes(0L)
                                .rolloutSubdir("runs")
                                .build(),
                        NOW));
    }

    @Test
    void a_refresh_with_nothing_new_changes_nothing() {
        verify(
                answers()
                        .on(CONFLICT, StorageState.NONE)
                        .on(EVICTED, StorageState.EVICTED)
                        .on(MISSING, StorageState.MISSING)
                        .otherwise("nothing"),
                session -> StorageRules.refresh(
                        session,
                        StorageRefresh.builder(Turns.SESSION).sizeBytes(10L).build(),
                        NOW));
    }

    @Test
    void an_eviction_that_is_asked_for_begins_while_no_run_is_open() {
        Answers<StorageState> free = answers()
                .on(CONFLICT, StorageState.NONE)
                .on("nothing", StorageState.EVICTING, StorageState.EVICTED)
                .otherwise("ses_1: storage.state=evicting" + TOUCHED);
        verify(free, session -> evict(session, EvictionCause.REQUESTED, false));
        Answers<StorageState> used = answers()
                .on(CONFLICT, StorageState.NONE)
                .on("nothing", StorageState.EVICTING, StorageState.EVICTED)
                .otherwise("SessionBusy, retryable (schema-invalid)");
        verify(used, session -> evict(session, EvictionCause.REQUESTED, true));
        verify(used, session -> evict(expiring(session, EARLIER), EvictionCause.EXPIRED, true));
    }

    @Test
    void an_eviction_for_expiry_begins_once_it_has_come() {
        Answers<StorageState> come = answers()
                .on(CONFLICT, StorageState.NONE)
                .on("nothing", StorageState.EVICTING, StorageState.EVICTED)
                .otherwise("storage.state=evicting");
        for (Instant at : new Instant[] {EARLIER, NOW}) {
            come.verify(state -> {
                Session session = expiring(in(state), at);
                String story = Story.of(() -> evict(session, EvictionCause.EXPIRED, false), session);
                return story.equals("ses_1: storage.state=evicting" + TOUCHED) ? "storage.state=evicting" : story;
            });
        }
        Answers<StorageState> notYet = answers()
                .on("nothing", StorageState.EVICTING, StorageState.EVICTED)
                .otherwise(CONFLICT);
        verify(notYet, session -> evict(session, EvictionCause.EXPIRED, false));
        verify(notYet, session -> evict(expiring(session, NOW.plusNanos(1000)), EvictionCause.EXPIRED, false));
    }

    private static Change evict(Session session, EvictionCause cause, boolean inUse) {
        return StorageRules.beginEviction(session, generation(session), cause, inUse, NOW);
    }

    private static Session expiring(Session session, @Nullable Instant at) {
        return session.toBuilder().expiresAt(at).build();
    }

    @Test
    void evicted_follows_evicting_only() {
        verify(
                answers()
                        .on(
                                "ses_1: storage.state=evicted storage.contents.sizeBytes=none" + TOUCHED
                                        + " storage.evictedAt=now",
                                StorageState.EVICTING)
                        .on("nothing", StorageState.EVICTED)
                        .otherwise(CONFLICT),
                session -> StorageRules.confirmEvicted(session, generation(session), NOW));
    }

    @Test
    void missing_is_said_of_a_claim() {
        verify(
                answers()
                        .on("nothing", StorageState.MISSING)
                        .on(CONFLICT, StorageState.NONE, StorageState.EVICTED)
                        .otherwise("ses_1: storage.state=missing" + TOUCHED),
                session -> StorageRules.markMissing(session, generation(session), NOW));
    }

    @Test
    void evicting_evicted_and_missing_storage_refuses_work_and_expiry_alone_does_not() {
        Answers<StorageState> answers = answers()
                .on(TERMINATING, StorageState.EVICTING)
                .on(EVICTED, StorageState.EVICTED)
                .on(MISSING, StorageState.MISSING)
                .otherwise("nothing");
        verify(answers, session -> {
            StorageRules.requireUsable(expiring(session, EARLIER));
            return Change.none();
        });
    }

    @Test
    void a_collector_finds_evictions_under_way_and_expired_sessions_that_rest() {
        answers()
                .on("always", StorageState.EVICTING)
                .on("expired and at rest", StorageState.PROVISIONING, StorageState.READY, StorageState.MISSING)
                .otherwise("never")
                .verify(state -> {
                    Session expired = expiring(in(state), NOW);
                    Session later = expiring(in(state), NOW.plusNanos(1000));
                    boolean resting = StorageRules.collectable(expired, false, NOW);
                    boolean always = StorageRules.collectable(expired, true, NOW)
                            && StorageRules.collectable(later, true, NOW)
                            && StorageRules.collectable(in(state), true, NOW);
                    boolean ever = StorageRules.collectable(expired, true, NOW)
                            || StorageRules.collectable(later, false, NOW)
                            || StorageRules.collectable(in(state), false, NOW);
                    return always ? "always" : ever ? "oddly" : resting ? "expired and at rest" : "never";
                });
    }

    @Test
    void another_rollout_directory_changes_nothing_else_of_the_storage() {
        for (StorageState state : StorageState.values()) {
            Session session = in(state);
            PvcRef pvc = session.storage().pvc();

            assertThat(StorageRules.withSubdir(session.storage(), "runs"))
                    .returns("runs", storage -> storage.contents().rolloutSubdir())
                    .returns(state, io.agentrun.storage.SessionStorage::state)
                    .returns(pvc, io.agentrun.storage.SessionStorage::pvc)
                    .returns(session.storage().updatedAt(), io.agentrun.storage.SessionStorage::updatedAt);
        }
    }
}
