package io.agentrun.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.StoreCall;
import io.agentrun.StoreListener;
import io.agentrun.error.NotFoundException;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoreObservationsTest {

    private static final NewRun RUN = NewRun.builder(new Owner("t", "p"), RunSpec.of(BackendProfile.CODEX))
            .build();

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ObservationRegistry observations = ObservationRegistry.create();
    private final List<Observation.Context> stopped = new ArrayList<>();
    private AgentRunStore store = InMemoryAgentRunStore.create();

    /** What a tracer would be. */
    private final class Keeper implements ObservationHandler<Observation.Context> {

        @Override
        public void onStop(Observation.Context context) {
            stopped.add(context);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    @BeforeEach
    void open() {
        observations
                .observationConfig()
                .observationHandler(new DefaultMeterObservationHandler(meters))
                .observationHandler(new Keeper());
        store = InMemoryAgentRunStore.builder()
                .listener(StoreObservations.in(observations))
                .build();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private long count(String call, String code) {
        return meters.get("agentrun.store")
                .tags("call", call, "code", code)
                .timer()
                .count();
    }

    @Test
    void each_call_is_timed_by_its_name_and_its_code() {
        Run run = store.runs().create(RUN);
        store.runs().get(run.id());
        store.runs().get(run.id());
        assertThatThrownBy(() -> store.runs().get("run_none")).isInstanceOf(NotFoundException.class);

        assertThat(count("runs.create", "none")).isEqualTo(1);
        assertThat(count("runs.get", "none")).isEqualTo(2);
        assertThat(count("runs.get", "not-found")).isEqualTo(1);
        assertThat(observations.getCurrentObservation()).isNull();
    }

    @Test
    void a_call_that_waits_is_timed_with_the_wait() {
        Run run = store.runs().create(RUN);
        long last = store.events().list(run.id(), 0, 10).nextAfterSeq();

        store.events().await(run.id(), last, 10, Duration.ofMillis(30));

        assertThat(meters.get("agentrun.store")
                        .tags("call", "events.await")
                        .timer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isGreaterThanOrEqualTo(30);
    }

    @Test
    void a_call_is_below_the_observation_that_the_host_has_opened_and_the_host_s_is_current_afterwards() {
        Observation host = Observation.start("host", observations);
        try (Observation.Scope scope = host.openScope()) {
            store.runs().create(RUN);

            assertThat(observations.getCurrentObservation()).isSameAs(host);
        }
        host.stop();

        assertThat(stopped).hasSize(2);
        assertThat(Objects.requireNonNull(stopped.get(0).getParentObservation())
                        .getContextView()
                        .getName())
                .isEqualTo("host");
        assertThat(stopped.get(0).getContextualName()).isEqualTo("agentrun runs.create");
    }

    @Test
    void nothing_that_a_host_or_an_agent_said_is_in_an_observation() {
        Run run = store.runs().create(RUN);
        assertThatThrownBy(() -> store.runs().get("run_none")).isInstanceOf(NotFoundException.class);

        assertThat(stopped).allSatisfy(context -> {
            assertThat(context.toString()).doesNotContain(run.id(), "run_none");
            assertThat(String.valueOf(context.getError())).doesNotContain("run_none");
        });
        assertThat(stopped.get(1).getError()).hasMessage("not-found");
    }

    @Test
    void a_handler_that_calls_the_store_is_observed_inside() {
        observations.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStart(Observation.Context context) {
                if (String.valueOf(context.getContextualName()).endsWith("runs.create")) {
                    store.runs().list(RunQuery.in(TenantScope.all()));
                }
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });

        store.runs().create(RUN);

        assertThat(count("runs.list", "none")).isEqualTo(1);
        assertThat(count("runs.create", "none")).isEqualTo(1);
        assertThat(observations.getCurrentObservation()).isNull();
    }

    @Test
    void the_tags_are_call_and_code_however_many_records_there_are() {
        for (int i = 0; i < 200; i++) {
            Run run = store.runs().create(RUN);
            store.runs().get(run.id());
        }

        Set<List<String>> tags = meters.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getTags().stream().map(Tag::getKey).toList())
                .collect(Collectors.toSet());
        assertThat(tags).isEqualTo(Set.of(List.of("call", "code", "error"), List.of("call")));
        assertThat(meters.getMeters()).hasSize(4);
    }

    @Test
    void an_end_without_a_beginning_changes_nothing() {
        StoreObservations.in(observations).ended(new StoreCall("runs", "get", 1, null));

        assertThat(meters.getMeters()).isEmpty();
    }

    @Test
    void with_a_registry_that_does_nothing_nobody_listens() {
        assertThat(StoreObservations.in(ObservationRegistry.NOOP)).isSameAs(StoreListener.NONE);
    }
}
