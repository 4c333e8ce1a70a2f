package io.agentrun.k8s.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.StateConflictException;
import io.agentrun.k8s.apiserver.Interposed;
import io.agentrun.k8s.apiserver.Scenario;
import io.agentrun.k8s.apiserver.Stopper;
import io.agentrun.k8s.apiserver.Stopper.Stopped;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.storage.Eviction.Outcome;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageState;
import java.lang.reflect.Proxy;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Calls that stop half-way, are overtaken, or find another cluster at the end than at the beginning. */
abstract class VolumeCrashScenarios extends Scenario {

    private String uid(String sessionId) {
        return Objects.requireNonNull(
                Objects.requireNonNull(storage(sessionId).pvc()).uid());
    }

    @Test
    void a_create_that_stops_after_any_step_is_ended_by_the_next() {
        int step = 1;
        boolean stopped = true;
        while (stopped) {
            String id = "crash-" + step;
            Stopper stopper = new Stopper(step);
            SessionVolumes dying = new SessionVolumes(stopper.store(store), stopper.kubectl(kubectl()), options);
            try {
                dying.create(NewSessionVolume.of(upsert(id).build()));
                stopped = false;
            } catch (Stopped e) {
                step++;
            }

            assertThat(create(id).storage().state()).isEqualTo(StorageState.READY);
            assertThat(cluster().claims())
                    .filteredOn(claim -> claim.meta().hasLabels(names.sessionLabels(id)))
                    .singleElement()
                    .satisfies(claim -> assertThat(claim.meta().uid()).isEqualTo(uid(id)));
        }
        assertThat(step).isEqualTo(6);
    }

    @Test
    void a_delete_that_stops_after_any_step_is_ended_by_the_next() {
        int step = 1;
        boolean stopped = true;
        while (stopped) {
            String id = "crash-" + step;
            create(id);
            Stopper stopper = new Stopper(step);
            SessionVolumes dying = new SessionVolumes(stopper.store(store), stopper.kubectl(kubectl()), options);
            try {
                dying.delete(id);
                stopped = false;
            } catch (Stopped e) {
                step++;
            }

            assertThat(volumes.delete(id).outcome()).isEqualTo(Outcome.EVICTED);
            assertThat(storage(id).state()).isEqualTo(StorageState.EVICTED);
            assertThat(cluster().claims()).isEmpty();
        }
        assertThat(step).isGreaterThan(8);
    }

    @Test
    void a_create_that_an_eviction_overtakes_leaves_no_claim_behind() {
        planned("s1");
        SessionVolumes overtaken = new SessionVolumes(
                store,
                new Interposed(kubectl(), () -> {
                    store.storage().beginEviction("s1", 1, EvictionCause.REQUESTED);
                    store.storage().confirmEvicted("s1", 1);
                }),
                options);

        assertThatThrownBy(
                        () -> overtaken.create(NewSessionVolume.of(upsert("s1").build())))
                .isInstanceOf(StateConflictException.class);

        assertThat(cluster().claims()).isEmpty();
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTED);
    }

    @Test
    void two_concurrent_creates_of_one_session_use_the_name_of_the_first_intent() {
        KubectlHandler overtaken = (KubectlHandler) Proxy.newProxyInstance(
                KubectlHandler.class.getClassLoader(), new Class<?>[] {KubectlHandler.class}, (self, method, args) -> {
                    Object answer = method.invoke(kubectl(), args);
                    if (method.getName().equals("findNamespace")) {
                        planned("s1");
                    }
                    return answer;
                });

        Session session = new SessionVolumes(store, overtaken, options)
                .create(NewSessionVolume.of(upsert("s1").build()));

        assertThat(session.storage().state()).isEqualTo(StorageState.READY);
        assertThat(claimOf("s1").name()).isEqualTo(claimName("s1"));
        assertThat(cluster().claims()).hasSize(1);
    }

    @Test
    void a_cluster_that_changes_while_a_volume_is_deleted_never_passes_for_its_end() {
        create("s1");
        SessionVolumes switched = new SessionVolumes(
                store, new Interposed(kubectl(), () -> cluster().addNamespace("default")), options);

        assertThatThrownBy(() -> switched.delete("s1")).isInstanceOf(KubectlException.class);

        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);
    }

    @Test
    void a_cluster_that_changes_while_a_sweep_runs_never_passes_for_the_end_of_a_volume() {
        createExpired("s1");
        StorageGc switched = new StorageGc(
                store,
                new Interposed(kubectl(), () -> cluster().addNamespace("default")),
                options,
                StorageGcOptions.builder().collectorId("a").clock(clock).build());

        SweepReport report = switched.sweep();

        assertThat(report.count(Outcome.CLUSTER_FAILED)).isEqualTo(1);
        assertThat(storage("s1").state()).isEqualTo(StorageState.EVICTING);
    }

    @Test
    void a_create_that_an_eviction_overtakes_leaves_its_claim_to_the_eviction() {
        planned("s1");
        KubectlHandler overtaken =
                kubectlAfter("createClaim", () -> store.storage().beginEviction("s1", 1, EvictionCause.REQUESTED));

        assertThatThrownBy(() -> new SessionVolumes(store, overtaken, options)
                        .create(NewSessionVolume.of(upsert("s1").build())))
                .isInstanceOf(StateConflictException.class);

        assertThat(cluster().claims()).hasSize(1);
        assertThat(volumes.delete("s1").outcome()).isEqualTo(Outcome.EVICTED);
        assertThat(cluster().claims()).isEmpty();
    }
}
