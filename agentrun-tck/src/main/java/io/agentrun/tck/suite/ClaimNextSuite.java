package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.Command;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.ClaimRequest;
import io.agentrun.lease.RunLease;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunStatus;
import io.agentrun.session.Session;
import io.agentrun.tck.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The claim of whichever run is next: its order, its filter, and what it passes over.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class ClaimNextSuite extends ConformanceSuite {

    /** For adapters. */
    protected ClaimNextSuite() {}

    @Test
    @Proves(Rule.L_7)
    void the_oldest_run_comes_first_and_each_comes_once() {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            runs.add(given().run());
            advance(Duration.ofMillis(i % 2));
        }
        List<String> expected = runs.stream()
                .sorted(Comparator.comparing(Run::createdAt).thenComparing(Run::id))
                .map(Run::id)
                .toList();

        List<String> claimed = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            claimed.add(next().orElseThrow().run().id());
        }

        assertThat(claimed).containsExactlyElementsOf(expected);
        assertThat(next()).isEmpty();
    }

    @Test
    @Proves({Rule.L_7, Rule.L_2})
    void claim_next_leases_a_run_as_a_claim_by_id_does() {
        Run run = given().run();

        RunLease lease = next().orElseThrow();

        assertThat(lease.fence().epoch()).isEqualTo(1);
        assertThat(lease.fence().runnerId()).isEqualTo(Given.RUNNER);
        assertThat(lease.run().status()).isEqualTo(RunStatus.CLAIMED);
        assertThat(lease.expiresAt()).isEqualTo(lease.run().updatedAt().plus(Given.LEASE));
        assertThat(store().runs().get(run.id())).isEqualTo(lease.run());
        assertThat(lastEvent(run.id()).payload())
                .isEqualTo(JsonObject.of("phase", "run-claimed", "runnerId", Given.RUNNER, "epoch", 1));
    }

    @Test
    @Proves({Rule.L_7, Rule.G_6})
    void a_runner_gets_only_runs_of_its_scope() {
        Owner sibling = new Owner(given().owner().tenantId(), given().name("project"));
        Run strangers = create(given().stranger(), given().spec());
        Run siblings = create(sibling, given().spec());
        Run mine = given().run();
        ClaimRequest request = request();

        assertThat(claim(request.withScope(given().scope()))).contains(mine.id());
        assertThat(claim(request.withScope(given().scope()))).isEmpty();
        assertThat(claim(request.withScope(TenantScope.tenant(sibling.tenantId()))))
                .contains(siblings.id());
        assertThat(claim(request.withScope(TenantScope.tenant(sibling.tenantId()))))
                .isEmpty();
        assertThat(claim(request)).contains(strangers.id());
    }

    @Test
    @Proves(Rule.L_7)
    void a_runner_gets_only_runs_for_its_backends_and_provider() {
        Run codex = given().run();
        Run deepseek = create(given().owner(), RunSpec.of(BackendProfile.DEEPSEEK));
        Run minimax = create(given().owner(), RunSpec.of(BackendProfile.MINIMAX_M3));
        Run east = create(
                given().owner(),
                RunSpec.builder(BackendProfile.DEEPSEEK).providerId("east").build());
        ClaimRequest request = request();

        assertThat(claim(request.withBackendProfile(BackendProfile.of("unheard-of"))))
                .isEmpty();
        assertThat(claim(request.withProviderId("west"))).isEmpty();
        assertThat(claim(request.withProviderId("east"))).contains(east.id());
        Set<BackendProfile> two = Set.of(BackendProfile.MINIMAX_M3, BackendProfile.DEEPSEEK);
        assertThat(claim(request.withBackendProfiles(two))).contains(deepseek.id());
        assertThat(claim(request.withBackendProfiles(two))).contains(minimax.id());
        assertThat(claim(request.withBackendProfiles(two))).isEmpty();
        assertThat(claim(request)).contains(codex.id());
    }

    @Test
    @Proves({Rule.L_7, Rule.C_2})
    void a_run_whose_open_turns_all_wait_is_passed_over_until_one_is_active() {
        String session = given().name("session");
        Run first = given().runIn(session);
        Command active = given().turn(first);
        Run behind = given().runIn(session);
        given().turn(behind);
        given().turn(behind);
        Run bare = given().run();

        assertThat(next()).map(RunLease::run).map(Run::id).contains(first.id());
        assertThat(next()).map(RunLease::run).map(Run::id).contains(bare.id());
        assertThat(next()).isEmpty();

        store().commands().cancel(active.id(), "make way");
        assertThat(next()).map(RunLease::run).map(Run::id).contains(behind.id());
    }

    @Test
    @Proves(Rule.L_7)
    void a_run_without_an_open_turn_is_not_passed_over() {
        String session = given().name("session");
        Run busy = given().runIn(session);
        given().turn(busy);
        given().claimed(busy);
        Run without = given().runIn(session);
        Run cancelled = given().runIn(session);
        store().commands().cancel(given().turn(cancelled).id(), "never mind");

        assertThat(next()).map(RunLease::run).map(Run::id).contains(without.id());
        assertThat(next()).map(RunLease::run).map(Run::id).contains(cancelled.id());
    }

    @Test
    @Proves({Rule.L_7, Rule.R_2})
    void what_is_held_expired_or_ended_is_left_alone() {
        given().claimed();
        given().claimed(given().runWithAttempts(5));
        given().completed(given().run());
        store().runs().cancel(given().run().id(), "no");
        advance(Given.PAST_LEASE);

        assertThat(next()).isEmpty();
    }

    @Test
    @Proves({Rule.L_7, Rule.L_5, Rule.L_8})
    void a_released_or_recovered_run_is_claimed_next_by_its_age_as_before() {
        RunLease released = given().claimed();
        RunLease expired = given().claimed(given().runWithAttempts(2));
        advance(Given.PAST_LEASE);
        Run young = given().run();
        store().leases().release(released.fence());
        store().leases().recover(expired.run().id(), expired.fence().epoch());
        List<String> old = List.of(released.run(), expired.run()).stream()
                .sorted(Comparator.comparing(Run::createdAt).thenComparing(Run::id))
                .map(Run::id)
                .toList();

        assertThat(claim(request())).contains(old.get(0));
        assertThat(claim(request())).contains(old.get(1));
        assertThat(claim(request())).contains(young.id());
    }

    @Test
    @Proves(Rule.L_7)
    void claim_next_leaves_the_session_as_it_is() {
        Run run = given().runIn(given().name("session"));
        given().turn(run);
        Session before = sessionOf(run);

        assertThat(next()).isPresent();

        assertThat(store().sessions().get(before.id())).isEqualTo(before);
    }

    @Test
    @Proves({Rule.L_7, Rule.C_8})
    void a_run_is_taken_after_the_end_of_the_run_that_it_waited_for() {
        String session = given().name("session");
        Run first = given().runIn(session);
        given().turn(first);
        Run behind = given().runIn(session);
        given().turn(behind);
        RunLease lease = next().orElseThrow();
        assertThat(next()).isEmpty();

        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

        assertThat(next()).map(RunLease::run).map(Run::id).contains(behind.id());
    }

    private Run create(Owner owner, RunSpec spec) {
        return store().runs().create(NewRun.builder(owner, spec).build());
    }

    private static ClaimRequest request() {
        return ClaimRequest.by(Given.RUNNER, Given.LEASE);
    }

    private Optional<RunLease> next() {
        return store().leases().claimNext(request().withScope(given().scope()));
    }

    private Optional<String> claim(ClaimRequest request) {
        return second().leases().claimNext(request).map(lease -> lease.run().id());
    }
}
