package io.agentrun.tck.script;

import io.agentrun.StorageStore;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import java.util.ArrayList;
import java.util.List;

/** Steps that move the storage of sessions. */
final class StorageSteps {

    private static final String SHA = "a".repeat(64);

    private final Dice dice;

    StorageSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        String session = dice.session();
        int roll = dice.below(100);
        if (roll < 22) {
            return provision(session);
        } else if (roll < 40) {
            return ready(session);
        } else if (roll < 52) {
            return refresh(session);
        } else if (roll < 66) {
            return evict(session);
        } else if (roll < 76) {
            return evicted(session);
        } else if (roll < 80) {
            return move(session, "missing", (storage, generation) -> storage.markMissing(session, generation));
        } else if (roll < 92) {
            return claim();
        } else if (roll < 97) {
            String collector = collector();
            return Step.of("release the claim of " + collector + " on " + session, side -> {
                side.store().storage().releaseClaim(session, collector);
                return null;
            });
        }
        return Step.of("storage of " + session, side -> side.store().storage().get(session));
    }

    /** What becomes of a volume, one after another. */
    List<Step> life(String session) {
        List<Step> life =
                new ArrayList<>(List.of(provision(session), ready(session), refresh(session), refresh(session)));
        if (dice.percent(60)) {
            life.addAll(List.of(evict(session), evicted(session), refresh(session)));
        }
        return life;
    }

    private Step provision(String session) {
        String uid = dice.percent(50) ? null : dice.percent(85) ? "ns-1" : "ns-2";
        StorageIntent intent = new StorageIntent(session, "agents", uid, dice.percent(85) ? "pvc-1" : "pvc-2");
        return Step.ofSessions("" + intent, side -> side.store().storage().provision(intent));
    }

    private Step ready(String session) {
        String uid = dice.percent(85) ? "uid-1" : "uid-2";
        return move(
                session,
                "ready with " + uid,
                (storage, generation) -> storage.ready(new StorageReady(session, generation, uid, "Bound")));
    }

    private Step evict(String session) {
        EvictionCause cause = dice.percent(40) ? EvictionCause.EXPIRED : EvictionCause.REQUESTED;
        return move(
                session,
                "eviction " + cause,
                (storage, generation) -> storage.beginEviction(session, generation, cause));
    }

    private Step evicted(String session) {
        return move(session, "evicted", (storage, generation) -> storage.confirmEvicted(session, generation));
    }

    private String collector() {
        return "collector-" + (1 + dice.below(2));
    }

    private Step refresh(String session) {
        StorageRefresh.Builder builder = StorageRefresh.builder(session);
        if (dice.percent(50)) {
            builder.sizeBytes((long) dice.below(3));
        }
        if (dice.percent(50)) {
            builder.filesCount((long) dice.below(3));
        }
        if (dice.percent(30)) {
            builder.sha256(SHA);
        }
        if (dice.percent(30)) {
            builder.pvcPhase("Bound");
        }
        StorageRefresh refresh = builder.build();
        return Step.ofSessions("" + refresh, side -> side.store().storage().refresh(refresh));
    }

    private Step claim() {
        StorageClaimRequest request = StorageClaimRequest.by(collector(), dice.hours(2))
                .withScope(dice.scope())
                .withLimit(dice.page());
        return Step.ofSessions("" + request, side -> side.store().storage().claimExpired(request));
    }

    /** A transition of a generation. */
    private interface Move {
        Session on(StorageStore storage, long generation);
    }

    private Step move(String session, String what, Move move) {
        int late = dice.percent(88) ? 0 : 1;
        return Step.ofSessions(
                "storage of " + session + ": " + what + (late == 0 ? "" : ", of another generation"), side -> {
                    StorageStore storage = side.store().storage();
                    return move.on(storage, Math.max(1, storage.get(session).generation() + late));
                });
    }
}
