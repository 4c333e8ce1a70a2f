package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.command.Command;
import io.agentrun.command.NewCommand;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.SessionRef;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageContents;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageKind;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * What is stored of a session's volume along its way, and whom it keeps out.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class StorageSuite extends ConformanceSuite {

    private static final String SHA = "0123456789abcdef".repeat(4);

    /** For adapters. */
    protected StorageSuite() {}

    @Test
    @Proves({Rule.P_2, Rule.P_3})
    void the_names_are_remembered_first_and_the_uid_once_the_claim_is_there() {
        Session session = given().session();

        SessionStorage intended = store().storage()
                .provision(new StorageIntent(session.id(), "agents", "ns-1", "claim-1"))
                .storage();
        SessionStorage ready = store().storage()
                .ready(new StorageReady(session.id(), 1, "uid-1", "Pending"))
                .storage();

        assertThat(intended.generation()).isEqualTo(1);
        assertThat(intended.pvc()).isEqualTo(PvcRef.named("agents", "claim-1").withNamespaceUid("ns-1"));
        assertThat(ready.generation()).isEqualTo(1);
        assertThat(ready.pvc()).isEqualTo(new PvcRef("agents", "ns-1", "claim-1", "uid-1", "Pending"));
        assertThat(ready.kind()).isEqualTo(StorageKind.PVC);
        assertThat(second().storage().get(session.id())).isEqualTo(ready);
    }

    @Test
    @Proves({Rule.P_2, Rule.P_3, Rule.P_4, Rule.P_6})
    void the_namespace_s_uid_stays_with_its_claim_and_changes_with_the_next_one() {
        String id = given().session().id();
        store().storage().provision(new StorageIntent(id, "agents", "ns-1", "claim-1"));
        store().storage().ready(StorageReady.of(id, 1, "uid-1"));
        store().storage().refresh(StorageRefresh.builder(id).pvcPhase("Bound").build());
        store().storage().beginEviction(id, 1, EvictionCause.REQUESTED);
        store().storage().confirmEvicted(id, 1);
        PvcRef evicted = store().storage().get(id).pvc();

        store().storage().provision(new StorageIntent(id, "agents", "ns-2", "claim-1"));
        PvcRef next = store().storage().get(id).pvc();
        store().storage().markMissing(id, 2);
        store().storage().provision(new StorageIntent(id, "agents", "claim-1"));
        PvcRef unknown = store().storage().get(id).pvc();

        assertThat(evicted).isEqualTo(new PvcRef("agents", "ns-1", "claim-1", "uid-1", "Bound"));
        assertThat(next).isEqualTo(PvcRef.named("agents", "claim-1").withNamespaceUid("ns-2"));
        assertThat(unknown).isEqualTo(PvcRef.named("agents", "claim-1"));
        assertThat(second().storage().get(id).pvc()).isEqualTo(unknown);
    }

    @Test
    @Proves({Rule.P_2, Rule.G_3})
    void a_namespace_of_another_uid_is_refused_while_there_is_a_claim() {
        Session session = given().session();
        String id = session.id();
        StorageIntent intent = new StorageIntent(id, "agents", "ns-1", "claim-1");
        StorageIntent other = new StorageIntent(id, "agents", "ns-2", "claim-1");
        StorageIntent silent = new StorageIntent(id, "agents", "claim-1");
        Session provisioning = store().storage().provision(intent);

        watch().session(id)
                .refuses(StateConflictException.class, () -> store().storage().provision(other));
        assertThat(store().storage().provision(silent)).isEqualTo(provisioning);
        assertThat(store().storage().provision(intent)).isEqualTo(provisioning);
        Session ready = store().storage().ready(StorageReady.of(id, 1, "uid-1"));
        watch().session(id)
                .refuses(StateConflictException.class, () -> store().storage().provision(other));
        assertThat(store().storage().provision(silent)).isEqualTo(ready);
    }

    @Test
    @Proves({Rule.P_3, Rule.G_3})
    void another_uid_for_a_claim_that_is_ready_is_refused() {
        Session session = given().ready(given().session());

        watch().session(session.id())
                .refuses(
                        StateConflictException.class,
                        () -> store().storage().ready(StorageReady.of(session.id(), 1, "another-uid")));
    }

    /** D20: evicting the old claim marked the session evicted that had a new one. */
    @Test
    @Proves({Rule.P_3, Rule.P_5, Rule.P_6, Rule.P_7, Rule.G_3})
    void steps_of_an_earlier_or_later_generation_are_refused() {
        Session session = given().evicted(given().session());
        given().ready(session);
        String id = session.id();
        List<LongFunction<Session>> steps = List.of(
                generation -> store().storage().ready(StorageReady.of(id, generation, "uid")),
                generation -> store().storage().beginEviction(id, generation, EvictionCause.REQUESTED),
                generation -> store().storage().confirmEvicted(id, generation),
                generation -> store().storage().markMissing(id, generation));
        for (LongFunction<Session> step : steps) {
            for (long generation : new long[] {1, 3}) {
                watch().session(id).refuses(StateConflictException.class, () -> step.apply(generation));
            }
        }
    }

    /** D20: eviction kept size, files and digest of what was gone. */
    @Test
    @Proves(Rule.P_6)
    void an_eviction_forgets_the_contents_and_keeps_the_claim_for_the_record() {
        Session session = given().ready(given().session());
        store().storage().refresh(full(session.id()));
        PvcRef claim = store().storage().get(session.id()).pvc();

        store().storage().beginEviction(session.id(), 1, EvictionCause.REQUESTED);
        SessionStorage evicted =
                store().storage().confirmEvicted(session.id(), 1).storage();

        assertThat(evicted.kind()).isEqualTo(StorageKind.EVICTED);
        assertThat(evicted.contents()).isEqualTo(new StorageContents(null, null, null, "rollouts"));
        assertThat(evicted.pvc()).isEqualTo(claim);
        assertThat(evicted.generation()).isEqualTo(1);
        assertThat(evicted.evictedAt()).isNotNull();
    }

    @Test
    @Proves(Rule.P_2)
    void provisioning_again_begins_a_generation_with_nothing_in_it() {
        Session session = given().ready(given().session());
        store().storage().refresh(full(session.id()));
        store().storage().markMissing(session.id(), 1);

        SessionStorage again = store().storage()
                .provision(new StorageIntent(session.id(), "agents", "claim-2"))
                .storage();

        assertThat(again.generation()).isEqualTo(2);
        assertThat(again.pvc()).isEqualTo(PvcRef.named("agents", "claim-2"));
        assertThat(again.contents()).isEqualTo(new StorageContents(null, null, null, "rollouts"));
    }

    /** D20: a volume in use again still said when it had been evicted. */
    @Test
    @Proves({Rule.P_2, Rule.P_1})
    void a_session_that_was_evicted_may_be_provisioned_and_used_again() {
        Session session = given().evicted(given().session());

        SessionStorage again = given().ready(session).storage();
        Run run = given().runIn(session.id());

        assertThat(again.generation()).isEqualTo(2);
        assertThat(again.kind()).isEqualTo(StorageKind.PVC);
        assertThat(again.evictedAt()).isNull();
        assertThat(run.sessionId()).isEqualTo(session.id());
    }

    /** D20: what a refresh left out became null. */
    @Test
    @Proves({Rule.P_4, Rule.S_9})
    void a_refresh_keeps_what_it_does_not_mention() {
        Session session = given().ready(given().session());
        Session first = store().storage().refresh(full(session.id()));

        Session then = store().storage()
                .refresh(StorageRefresh.builder(session.id()).filesCount(8L).build());
        Session nothing =
                store().storage().refresh(StorageRefresh.builder(session.id()).build());

        assertThat(first.storage().contents()).isEqualTo(new StorageContents(5L, 7L, SHA, "rollouts"));
        assertThat(then.storage().contents()).isEqualTo(new StorageContents(5L, 8L, SHA, "rollouts"));
        assertThat(phase(then)).isEqualTo("Lost");
        assertThat(uid(then)).isEqualTo(uid(session));
        assertThat(then.version()).isGreaterThan(first.version());
        assertThat(nothing).isEqualTo(then);
    }

    @Test
    @Proves({Rule.P_4, Rule.S_9})
    void a_refresh_that_brings_nothing_new_changes_nothing_and_one_that_does_tells_when() {
        Session session = given().ready(given().session());
        Session before = store().storage().refresh(full(session.id()));
        advance(Duration.ofMinutes(1));

        Session same = store().storage().refresh(full(session.id()));
        SessionStorage after = store().storage()
                .refresh(StorageRefresh.builder(session.id()).sizeBytes(6L).build())
                .storage();

        assertThat(same).isEqualTo(before);
        assertThat(after.updatedAt()).isAfter(before.storage().updatedAt());
    }

    @Test
    @Proves({Rule.P_1, Rule.G_3})
    void a_turn_is_refused_when_the_storage_is_lost_and_a_steer_is_not() {
        Session session = given().ready(given().session());
        Run run = given().runIn(session.id());
        given().turn(run);
        store().storage().markMissing(session.id(), 1);

        SessionStorageException refusal =
                watch().run(run).refuses(SessionStorageException.class, () -> given().turn(run));
        Command steer = store().commands().create(run.id(), NewCommand.steer(JsonObject.empty()));
        Command interrupt = store().commands().create(run.id(), NewCommand.interrupt(JsonObject.empty()));

        assertThat(refusal.state()).isEqualTo(StorageState.MISSING);
        assertThat(steer.runId()).isEqualTo(run.id());
        assertThat(interrupt.runId()).isEqualTo(run.id());
    }

    @Test
    @Proves(Rule.P_1)
    void expiry_alone_refuses_neither_runs_nor_turns() {
        Session session = expired(given().ready(given().session()));

        Run run = given().runIn(session.id());
        Command turn = given().turn(run);

        assertThat(turn.order().deliverable()).isTrue();
    }

    /** D20: the original evicted a session whose run was going on. */
    @Test
    @Proves({Rule.P_5, Rule.G_3})
    void an_eviction_is_refused_while_a_run_of_the_session_is_open() {
        Session session = expired(given().ready(given().session()));
        Run run = given().runIn(session.id());
        refusedAsBusy(session);
        RunLease lease = given().claimed(run);
        refusedAsBusy(session);
        Command turn = given().acknowledgedTurn(lease);
        refusedAsBusy(session);
        store().commands().finish(lease.fence(), turn.id(), TurnResult.of(Outcome.completed()));
        refusedAsBusy(session);

        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));
        Session evicting = store().storage().beginEviction(session.id(), 1, EvictionCause.EXPIRED);

        assertThat(evicting.storage().state()).isEqualTo(StorageState.EVICTING);
    }

    @Test
    @Proves({Rule.P_5, Rule.G_3})
    void an_eviction_for_expiry_is_refused_when_the_expiry_has_moved() {
        Session session = expired(given().ready(given().session()));
        for (Expiry moved : List.of(Expiry.at(session.createdAt().plus(Duration.ofDays(30))), Expiry.never())) {
            expiring(session, moved);

            watch().session(session.id())
                    .refuses(
                            StateConflictException.class,
                            () -> store().storage().beginEviction(session.id(), 1, EvictionCause.EXPIRED));
        }
    }

    @Test
    @Proves(Rule.P_5)
    void an_expiry_that_is_ahead_comes_with_time() {
        Session session = given().ready(given().session());
        expiring(session, Expiry.at(session.createdAt().plus(Duration.ofHours(1))));

        advance(Duration.ofHours(2));
        Session evicting = store().storage().beginEviction(session.id(), 1, EvictionCause.EXPIRED);

        assertThat(evicting.storage().state()).isEqualTo(StorageState.EVICTING);
    }

    @Test
    @Proves({Rule.P_1, Rule.P_5})
    void of_a_new_run_and_an_eviction_at_the_same_moment_one_is_refused() {
        for (int round = 0; round < 20; round++) {
            Session session = given().ready(given().session());
            NewRun run = given().newRun().session(SessionRef.of(session.id())).build();

            List<Race.Finish<Object>> finishes = Race.of(2, i -> () -> {
                AgentRunStore mine = i == 0 ? store() : second();
                return i == 0
                        ? mine.runs().create(run)
                        : mine.storage().beginEviction(session.id(), 1, EvictionCause.REQUESTED);
            });

            boolean evicting = store().storage().get(session.id()).state() == StorageState.EVICTING;
            assertThat(Race.failures(finishes))
                    .singleElement()
                    .isExactlyInstanceOf(evicting ? SessionStorageException.class : SessionBusyException.class);
            assertThat(finishes.get(evicting ? 1 : 0).succeeded()).isTrue();
        }
    }

    private void refusedAsBusy(Session session) {
        for (EvictionCause cause : EvictionCause.values()) {
            SessionBusyException refusal = watch().session(session.id())
                    .refuses(SessionBusyException.class, () -> store().storage().beginEviction(session.id(), 1, cause));
            assertThat(refusal.sessionId()).isEqualTo(session.id());
        }
    }

    private static StorageRefresh full(String sessionId) {
        return StorageRefresh.builder(sessionId)
                .pvcPhase("Lost")
                .sizeBytes(5L)
                .filesCount(7L)
                .sha256(SHA)
                .rolloutSubdir("rollouts")
                .build();
    }

    private Session expired(Session session) {
        return expiring(session, Expiry.at(session.createdAt().minus(Duration.ofDays(1))));
    }

    private Session expiring(Session session, Expiry expiry) {
        return store().sessions()
                .upsert(SessionUpsert.builder(session.id(), session.owner(), session.backendProfile())
                        .expiry(expiry)
                        .build());
    }

    private static String phase(Session session) {
        return String.valueOf(Objects.requireNonNull(session.storage().pvc()).phase());
    }

    private static String uid(Session session) {
        return String.valueOf(Objects.requireNonNull(session.storage().pvc()).uid());
    }
}
