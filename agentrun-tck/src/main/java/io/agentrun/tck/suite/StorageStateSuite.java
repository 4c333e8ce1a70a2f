package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.error.StateConflictException;
import io.agentrun.rules.Rule;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import io.agentrun.storage.StorageState;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Every state of a session's storage under every request: where it leads, what changes nothing, what is refused.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class StorageStateSuite extends ConformanceSuite {

    /** What a request does in one state. */
    private enum Answer {
        /** The state changes, or what is stored of it does. */
        MOVES,
        /** The stored record is returned as it is. */
        STAYS,
        /** A StateConflictException. */
        CONFLICT,
        /** A SessionStorageException. */
        REFUSED
    }

    /** For adapters. */
    protected StorageStateSuite() {}

    @Test
    @Proves({Rule.P_2, Rule.S_9, Rule.G_3})
    void provisioning_in_every_state() {
        Table table = new Table(session -> {
            PvcRef pvc = session.storage().pvc();
            String namespace = pvc == null ? "agents" : pvc.namespace();
            String name = pvc == null ? "claim" : pvc.name();
            return store().storage().provision(new StorageIntent(session.id(), namespace, name));
        });
        table.moves(StorageState.NONE, StorageState.PROVISIONING);
        table.is(StorageState.PROVISIONING, Answer.STAYS);
        table.is(StorageState.READY, Answer.STAYS);
        table.is(StorageState.EVICTING, Answer.REFUSED);
        table.moves(StorageState.EVICTED, StorageState.PROVISIONING);
        table.moves(StorageState.MISSING, StorageState.PROVISIONING);
        table.check();
    }

    @Test
    @Proves({Rule.P_2, Rule.S_9, Rule.G_3})
    void provisioning_under_another_name_in_every_state() {
        Table table = new Table(
                session -> store().storage().provision(new StorageIntent(session.id(), "agents", "another-claim")));
        table.moves(StorageState.NONE, StorageState.PROVISIONING);
        table.is(StorageState.PROVISIONING, Answer.CONFLICT);
        table.is(StorageState.READY, Answer.CONFLICT);
        table.is(StorageState.EVICTING, Answer.REFUSED);
        table.moves(StorageState.EVICTED, StorageState.PROVISIONING);
        table.moves(StorageState.MISSING, StorageState.PROVISIONING);
        table.check();
    }

    @Test
    @Proves({Rule.P_3, Rule.S_9, Rule.G_3})
    void ready_in_every_state() {
        Table table = new Table(session -> {
            PvcRef pvc = session.storage().pvc();
            String uid = pvc == null || pvc.uid() == null ? "uid" : pvc.uid();
            return store().storage().ready(StorageReady.of(session.id(), generation(session), uid));
        });
        table.is(StorageState.NONE, Answer.CONFLICT);
        table.moves(StorageState.PROVISIONING, StorageState.READY);
        table.is(StorageState.READY, Answer.STAYS);
        table.is(StorageState.EVICTING, Answer.CONFLICT);
        table.is(StorageState.EVICTED, Answer.CONFLICT);
        table.is(StorageState.MISSING, Answer.CONFLICT);
        table.check();
    }

    @Test
    @Proves({Rule.P_4, Rule.S_9, Rule.G_3})
    void a_refresh_in_every_state() {
        Table table = new Table(session -> store().storage()
                .refresh(StorageRefresh.builder(session.id()).sizeBytes(5L).build()));
        table.is(StorageState.NONE, Answer.CONFLICT);
        table.moves(StorageState.PROVISIONING, StorageState.PROVISIONING);
        table.moves(StorageState.READY, StorageState.READY);
        table.moves(StorageState.EVICTING, StorageState.EVICTING);
        table.is(StorageState.EVICTED, Answer.REFUSED);
        table.is(StorageState.MISSING, Answer.REFUSED);
        table.check();
    }

    @Test
    @Proves({Rule.P_5, Rule.S_9, Rule.G_3})
    void an_eviction_that_somebody_asked_for_in_every_state() {
        Table table = new Table(
                session -> store().storage().beginEviction(session.id(), generation(session), EvictionCause.REQUESTED));
        table.is(StorageState.NONE, Answer.CONFLICT);
        table.moves(StorageState.PROVISIONING, StorageState.EVICTING);
        table.moves(StorageState.READY, StorageState.EVICTING);
        table.is(StorageState.EVICTING, Answer.STAYS);
        table.is(StorageState.EVICTED, Answer.STAYS);
        table.moves(StorageState.MISSING, StorageState.EVICTING);
        table.check();
    }

    @Test
    @Proves({Rule.P_5, Rule.S_9, Rule.G_3})
    void an_eviction_of_what_has_expired_in_every_state_with_a_claim() {
        Table table = new Table(session ->
                store().storage().beginEviction(expired(session).id(), generation(session), EvictionCause.EXPIRED));
        table.moves(StorageState.PROVISIONING, StorageState.EVICTING);
        table.moves(StorageState.READY, StorageState.EVICTING);
        table.moves(StorageState.MISSING, StorageState.EVICTING);
        table.check();
    }

    @Test
    @Proves({Rule.P_5, Rule.G_3})
    void an_eviction_for_an_expiry_that_has_not_come_in_every_state() {
        Table table = new Table(
                session -> store().storage().beginEviction(session.id(), generation(session), EvictionCause.EXPIRED));
        table.is(StorageState.NONE, Answer.CONFLICT);
        table.is(StorageState.PROVISIONING, Answer.CONFLICT);
        table.is(StorageState.READY, Answer.CONFLICT);
        table.is(StorageState.EVICTING, Answer.STAYS);
        table.is(StorageState.EVICTED, Answer.STAYS);
        table.is(StorageState.MISSING, Answer.CONFLICT);
        table.check();
    }

    @Test
    @Proves({Rule.P_6, Rule.S_9, Rule.G_3})
    void confirming_an_eviction_in_every_state() {
        Table table = new Table(session -> store().storage().confirmEvicted(session.id(), generation(session)));
        table.is(StorageState.NONE, Answer.CONFLICT);
        table.is(StorageState.PROVISIONING, Answer.CONFLICT);
        table.is(StorageState.READY, Answer.CONFLICT);
        table.moves(StorageState.EVICTING, StorageState.EVICTED);
        table.is(StorageState.EVICTED, Answer.STAYS);
        table.is(StorageState.MISSING, Answer.CONFLICT);
        table.check();
    }

    @Test
    @Proves({Rule.P_7, Rule.S_9, Rule.G_3})
    void losing_the_claim_in_every_state() {
        Table table = new Table(session -> store().storage().markMissing(session.id(), generation(session)));
        table.is(StorageState.NONE, Answer.CONFLICT);
        table.moves(StorageState.PROVISIONING, StorageState.MISSING);
        table.moves(StorageState.READY, StorageState.MISSING);
        table.moves(StorageState.EVICTING, StorageState.MISSING);
        table.is(StorageState.EVICTED, Answer.CONFLICT);
        table.is(StorageState.MISSING, Answer.STAYS);
        table.check();
    }

    /** D20: a run was accepted on an evicted session. */
    @Test
    @Proves({Rule.P_1, Rule.G_3})
    void a_new_run_in_every_state() {
        Table table = new Table(session -> {
            given().runIn(session.id());
            return store().sessions().get(session.id());
        });
        table.moves(StorageState.NONE, StorageState.NONE);
        table.moves(StorageState.PROVISIONING, StorageState.PROVISIONING);
        table.moves(StorageState.READY, StorageState.READY);
        table.is(StorageState.EVICTING, Answer.REFUSED);
        table.is(StorageState.EVICTED, Answer.REFUSED);
        table.is(StorageState.MISSING, Answer.REFUSED);
        table.check();
    }

    private static long generation(Session session) {
        return Math.max(1, session.storage().generation());
    }

    private Session expired(Session session) {
        return store().sessions()
                .upsert(SessionUpsert.builder(session.id(), session.owner(), session.backendProfile())
                        .expiry(Expiry.at(session.createdAt().minus(Duration.ofDays(1))))
                        .build());
    }

    private Session in(StorageState state) {
        Session session = given().session();
        return switch (state) {
            case NONE -> session;
            case PROVISIONING -> given().provisioning(session);
            case READY -> given().ready(session);
            case EVICTING -> given().evicting(session);
            case EVICTED -> given().evicted(session);
            case MISSING -> given().missing(session);
        };
    }

    /** The answers of one request, by state; what is not listed is not asked. */
    private final class Table {

        private final UnaryOperator<Session> request;
        private final Map<StorageState, Answer> answers = new EnumMap<>(StorageState.class);
        private final Map<StorageState, StorageState> next = new EnumMap<>(StorageState.class);

        private Table(UnaryOperator<Session> request) {
            this.request = request;
        }

        void moves(StorageState from, StorageState to) {
            answers.put(from, Answer.MOVES);
            next.put(from, to);
        }

        void is(StorageState state, Answer answer) {
            answers.put(state, answer);
        }

        void check() {
            answers.forEach((state, answer) -> {
                Session before = in(state);
                switch (answer) {
                    case MOVES -> moves(before, Objects.requireNonNull(next.get(state)));
                    case STAYS -> {
                        Session answered = watch().session(before.id()).unchangedBy(() -> request.apply(before));
                        assertThat(answered).as("from %s", state).isEqualTo(before);
                    }
                    case CONFLICT ->
                        watch().session(before.id()).refuses(StateConflictException.class, () -> request.apply(before));
                    case REFUSED -> {
                        SessionStorageException refusal = watch().session(before.id())
                                .refuses(SessionStorageException.class, () -> request.apply(before));
                        assertThat(refusal.sessionId()).isEqualTo(before.id());
                        assertThat(refusal.state()).isEqualTo(state);
                        assertThat(refusal.failureKind().wire()).isEqualTo(kind(state));
                        assertThat(refusal.httpStatus()).isEqualTo(409);
                    }
                }
            });
        }

        private void moves(Session before, StorageState to) {
            Session after = request.apply(before);

            StorageState from = before.storage().state();
            assertThat(after.storage().state()).as("from %s", from).isEqualTo(to);
            assertThat(after.version()).as("from %s", from).isGreaterThan(before.version());
            assertThat(after).isEqualTo(store().sessions().get(before.id()));
            assertThat(after.storage()).isEqualTo(second().storage().get(before.id()));
        }

        private static String kind(StorageState state) {
            return switch (state) {
                case EVICTING -> "session-storage-terminating";
                case EVICTED -> "session-store-evicted";
                case MISSING -> "session-storage-missing";
                case NONE, PROVISIONING, READY -> throw new AssertionError(state + " refuses nothing");
            };
        }
    }
}
