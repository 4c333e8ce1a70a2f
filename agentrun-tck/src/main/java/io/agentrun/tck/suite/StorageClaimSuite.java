package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.tck.Proves;
import io.agentrun.tck.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * How collectors share the sessions whose volumes are to go.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class StorageClaimSuite extends ConformanceSuite {

    private static final Duration LEASE = Duration.ofMinutes(5);

    /** For adapters. */
    protected StorageClaimSuite() {}

    @Test
    @Proves(Rule.P_8)
    void what_has_expired_and_what_is_being_evicted_is_claimed() {
        Session provisioning = expired(given().provisioning(given().session()));
        Session ready = expired(given().ready(given().session()));
        Session missing = expired(given().missing(given().session()));
        Session evicting = given().evicting(given().session());

        assertThat(claim(store(), "gc"))
                .containsExactlyInAnyOrder(provisioning.id(), ready.id(), missing.id(), evicting.id());
    }

    @Test
    @Proves(Rule.P_8)
    void what_has_not_expired_or_has_no_volume_is_not_claimed() {
        expired(given().session());
        expired(given().evicted(given().session()));
        Session ready = given().ready(given().session());
        given().ready(given().session());
        expiring(ready, Expiry.at(ready.createdAt().plus(Duration.ofDays(1))));

        assertThat(claim(store(), "gc")).isEmpty();
    }

    @Test
    @Proves(Rule.P_8)
    void a_session_is_claimed_once_its_expiry_has_come() {
        Session session = given().ready(given().session());
        expiring(session, Expiry.at(session.createdAt().plus(Duration.ofHours(1))));
        assertThat(claim(store(), "gc")).isEmpty();

        advance(Duration.ofHours(2));

        assertThat(claim(store(), "gc")).containsExactly(session.id());
    }

    @Test
    @Proves(Rule.P_8)
    void a_session_whose_expiry_has_moved_is_not_claimed() {
        Session later = expired(given().ready(given().session()));
        Session never = expired(given().ready(given().session()));

        expiring(later, Expiry.at(later.createdAt().plus(Duration.ofDays(1))));
        expiring(never, Expiry.never());

        assertThat(claim(store(), "gc")).isEmpty();
    }

    /** D20: the original's list held sessions whose run was going on. */
    @Test
    @Proves(Rule.P_8)
    void a_session_in_use_is_not_claimed() {
        Session session = expired(given().ready(given().session()));
        RunLease lease = given().claimed(given().runIn(session.id()));
        assertThat(claim(store(), "gc")).isEmpty();

        store().runs().finish(lease.fence(), TurnResult.of(Outcome.completed()));

        assertThat(claim(store(), "gc")).containsExactly(session.id());
    }

    @Test
    @Proves(Rule.P_8)
    void a_claimed_session_is_left_alone_by_other_collectors_until_the_lease_ends() {
        Session session = expired(given().ready(given().session()));
        assertThat(claim(store(), "gc-1")).containsExactly(session.id());

        assertThat(claim(second(), "gc-2")).isEmpty();
        advance(LEASE.plusSeconds(1));
        assertThat(claim(second(), "gc-2")).containsExactly(session.id());
        assertThat(claim(store(), "gc-1")).isEmpty();
    }

    @Test
    @Proves(Rule.P_8)
    void an_expiry_and_a_lease_that_end_now_have_ended() {
        Duration hour = Duration.ofHours(1);
        Session ready = given().ready(given().session());
        Session session = expiring(ready, Expiry.at(ready.updatedAt().plus(hour)));
        assertThat(claim(store(), "gc-1")).isEmpty();

        advance(hour);
        assertThat(claim(store(), "gc-1")).containsExactly(session.id());
        advance(LEASE);
        assertThat(claim(second(), "gc-2")).containsExactly(session.id());
    }

    @Test
    @Proves(Rule.P_8)
    void a_collector_gets_its_own_again_with_a_new_lease() {
        Session session = expired(given().ready(given().session()));
        StorageClaim first = claims(store(), "gc-1").get(0);
        advance(LEASE.minusMinutes(1));

        StorageClaim again = claims(second(), "gc-1").get(0);
        advance(LEASE.minusMinutes(1));

        assertThat(again.session().id()).isEqualTo(session.id());
        assertThat(again.collectorId()).isEqualTo("gc-1");
        assertThat(again.until()).isAfter(first.until());
        assertThat(claim(store(), "gc-2")).isEmpty();
    }

    @Test
    @Proves(Rule.P_8)
    void a_released_claim_is_free_and_another_s_release_has_no_effect() {
        Session session = expired(given().ready(given().session()));
        claim(store(), "gc-1");

        store().storage().releaseClaim(session.id(), "gc-2");
        assertThat(claim(store(), "gc-2")).isEmpty();
        store().storage().releaseClaim(session.id(), "gc-1");
        store().storage().releaseClaim(session.id(), "gc-1");

        assertThat(claim(second(), "gc-2")).containsExactly(session.id());
    }

    @Test
    @Proves({Rule.P_8, Rule.P_6})
    void a_claim_outlives_the_eviction_that_it_began() {
        Session session = expired(given().ready(given().session()));
        claim(store(), "gc-1");

        store().storage().beginEviction(session.id(), 1, EvictionCause.EXPIRED);
        assertThat(claim(second(), "gc-2")).isEmpty();
        assertThat(claim(store(), "gc-1")).containsExactly(session.id());
        store().storage().confirmEvicted(session.id(), 1);

        advance(LEASE.plusSeconds(1));
        assertThat(claim(second(), "gc-2")).isEmpty();
    }

    @Test
    @Proves({Rule.P_8, Rule.S_9})
    void claiming_and_releasing_change_no_session() {
        Session session = expired(given().ready(given().session()));
        Session evicting = given().evicting(given().session());
        advance(Duration.ofMinutes(1));

        List<StorageClaim> claims = claims(store(), "gc-1");
        store().storage().releaseClaim(session.id(), "gc-1");

        assertThat(claims.stream().map(StorageClaim::session)).containsExactly(session, evicting);
        assertThat(store().sessions().get(session.id())).isEqualTo(session);
        assertThat(store().sessions().get(evicting.id())).isEqualTo(evicting);
    }

    @Test
    @Proves(Rule.P_8)
    void what_was_changed_longest_ago_is_claimed_first_and_no_more_than_asked_for() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(expired(given().ready(given().session())).id());
            advance(Duration.ofSeconds(1));
        }
        StorageClaimRequest two = StorageClaimRequest.by("gc-1", LEASE).withLimit(2);

        List<StorageClaim> first = store().storage().claimExpired(two);
        List<StorageClaim> others = second().storage()
                .claimExpired(StorageClaimRequest.by("gc-2", LEASE).withLimit(2));

        assertThat(ids(first)).isEqualTo(ids.subList(0, 2));
        assertThat(ids(others)).isEqualTo(ids.subList(2, 4));
    }

    @Test
    @Proves({Rule.P_8, Rule.G_6})
    void a_collector_gets_the_sessions_of_its_scope_alone() {
        Session mine = expired(given().ready(given().session()));
        Owner sibling = new Owner(mine.owner().tenantId(), given().name("project"));
        Session other = store().sessions()
                .upsert(SessionUpsert.builder(given().name("session"), sibling, Given.PROFILE)
                        .expiry(Expiry.at(mine.createdAt().minus(Duration.ofDays(1))))
                        .build());
        store().storage().provision(new StorageIntent(other.id(), "agents", "claim"));
        StorageClaimRequest request = StorageClaimRequest.by("gc", LEASE);

        assertThat(ids(store().storage().claimExpired(request.withScope(given().scope()))))
                .containsExactly(mine.id());
        assertThat(ids(store().storage().claimExpired(request.withScope(TenantScope.tenant(sibling.tenantId())))))
                .containsExactlyInAnyOrder(mine.id(), other.id());
        assertThat(ids(store().storage().claimExpired(request.withScope(TenantScope.tenant(given().name("tenant"))))))
                .isEmpty();
    }

    @Test
    @Proves(Rule.P_8)
    void collectors_at_the_same_moment_never_get_the_same_session() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(expired(given().ready(given().session())).id());
        }

        List<Race.Finish<List<String>>> finishes = Race.of(6, i -> () -> {
            AgentRunStore mine = i % 2 == 0 ? store() : second();
            StorageClaimRequest request =
                    StorageClaimRequest.by("gc-" + i, LEASE).withLimit(3);
            return ids(mine.storage().claimExpired(request));
        });

        assertThat(Race.failures(finishes)).isEmpty();
        List<String> claimed =
                Race.values(finishes).stream().flatMap(List::stream).toList();
        assertThat(claimed).doesNotHaveDuplicates();
        List<String> rest = claim(store(), "gc-last");
        assertThat(rest).doesNotContainAnyElementsOf(claimed);
        List<String> all = new ArrayList<>(claimed);
        all.addAll(rest);
        assertThat(all).containsExactlyInAnyOrderElementsOf(ids);
    }

    private List<String> claim(AgentRunStore store, String collectorId) {
        return ids(claims(store, collectorId));
    }

    private List<StorageClaim> claims(AgentRunStore store, String collectorId) {
        return store.storage().claimExpired(StorageClaimRequest.by(collectorId, LEASE));
    }

    private static List<String> ids(List<StorageClaim> claims) {
        return claims.stream().map(claim -> claim.session().id()).toList();
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
}
