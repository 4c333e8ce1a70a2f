package io.agentrun.tck.script;

import io.agentrun.json.JsonObject;
import io.agentrun.model.CancelMode;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.run.NewRun;
import io.agentrun.run.PurgeRequest;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.run.SessionRef;
import io.agentrun.tck.script.Side.FenceChoice;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps that create, list, end and purge runs. */
final class RunSteps {

    private static final List<RunQuery> QUERIES = List.of(
            RunQuery.in(TenantScope.all()),
            RunQuery.in(TenantScope.tenant("t-1")).withStatus(RunStatus.PENDING),
            RunQuery.in(TenantScope.all()).withSessionId("s-1"),
            RunQuery.in(TenantScope.project("t-2", "p-1")));

    private final Dice dice;

    RunSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        int roll = dice.below(100);
        if (roll < 38) {
            return create(dice.of(Dice.RUNS));
        } else if (roll < 44) {
            return list();
        } else if (roll < 66) {
            return finish(dice.run());
        } else if (roll < 74) {
            return finishUnclaimed();
        } else if (roll < 92) {
            return cancel();
        } else if (roll < 96) {
            String run = dice.run();
            return Step.of("get " + run, side -> side.store().runs().get(side.id(run)));
        }
        return purge();
    }

    Step create(String variable) {
        Owner owner = dice.owner();
        String session = dice.percent(75) ? dice.session(owner) : null;
        int attempts = 1 + dice.below(3);
        String key = dice.percent(20) ? dice.key() : null;
        int expiry = dice.below(12);
        RunSpec spec = RunSpec.of(dice.profile());
        String text =
                variable + " := create a run of " + owner.tenantId() + " in session " + session + " with " + attempts
                        + " attempts, key " + key + ", " + spec.backendProfile().wire() + ", expiry " + expiry;
        return Step.of(text, side -> {
            Run run = side.store()
                    .runs()
                    .create(NewRun.builder(owner, spec)
                            .session(ref(side, session, expiry))
                            .maxAttempts(attempts)
                            .idempotencyKey(key)
                            .build());
            return side.put(variable, run);
        });
    }

    /** The session by its id, for a new one also with an expiry and a title. */
    static @Nullable SessionRef ref(Side side, @Nullable String session, int expiry) {
        if (session == null) {
            return null;
        }
        SessionRef ref = SessionRef.of(session).withMetadata(JsonObject.of("title", "made at " + expiry));
        return expiry < 6 ? ref.withExpiresAt(side.at(expiry)) : ref;
    }

    private Step list() {
        RunQuery query = dice.of(QUERIES).withLimit(dice.page());
        String list = "runs " + query.fingerprint();
        return Step.of("next page of " + query, side -> {
            Page<Run> page = side.store().runs().list(query.withCursor(side.cursor(list)));
            side.keepCursor(list, page.nextCursor());
            return page;
        });
    }

    Step finish(String run) {
        FenceChoice fence = ScriptWriter.fence(dice);
        TurnResult result = dice.result();
        return Step.of(
                "finish " + run + " " + ScriptWriter.words(fence) + ": " + result,
                side -> side.store().runs().finish(side.fence(run, fence), result));
    }

    private Step finishUnclaimed() {
        String run = dice.run();
        Outcome outcome = dice.outcome();
        return Step.of(
                "finish " + run + " unclaimed: " + outcome,
                side -> side.store().runs().finishUnclaimed(side.id(run), outcome));
    }

    private Step cancel() {
        String run = dice.run();
        CancelMode mode = dice.percent(65) ? CancelMode.GRACEFUL : CancelMode.FORCE;
        String reason = "reason " + dice.below(3);
        return Step.of(
                "cancel " + run + " " + mode + ": " + reason,
                side -> side.store().runs().cancel(side.id(run), reason, mode));
    }

    private Step purge() {
        PurgeRequest request =
                new PurgeRequest(dice.scope(), Duration.ofHours(dice.below(3)), dice.percent(50) ? 1 : 100);
        return Step.of("" + request, side -> side.store().runs().purge(request));
    }
}
