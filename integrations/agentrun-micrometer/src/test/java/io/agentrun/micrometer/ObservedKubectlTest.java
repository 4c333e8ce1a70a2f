package io.agentrun.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.k8s.kubectl.KubectlHandler;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.ObjectRef;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservedKubectlTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ObservationRegistry observations = ObservationRegistry.create();

    ObservedKubectlTest() {
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
    }

    private long count(String operation, String reason) {
        return meters.get("agentrun.kubectl")
                .tags("operation", operation, "reason", reason)
                .timer()
                .count();
    }

    @Test
    void each_call_is_timed_by_its_operation_and_why_it_failed() {
        KubectlHandler kubectl = ObservedKubectl.of(observations, InMemoryKubectlHandler.create());

        assertThat(kubectl.findJob(new ObjectRef("agents", "none"))).isEmpty();
        assertThatThrownBy(() -> kubectl.deleteJob(new ObjectRef("agents", "none"), "uid"))
                .isInstanceOf(KubectlException.class);

        assertThat(count("findJob", "none")).isEqualTo(1);
        assertThat(count("deleteJob", "not-found")).isEqualTo(1);
    }

    @Test
    void every_method_calls_the_one_of_its_name_and_is_observed() {
        List<String> called = new ArrayList<>();
        KubectlHandler silent = (KubectlHandler) Proxy.newProxyInstance(
                KubectlHandler.class.getClassLoader(),
                new Class<?>[] {KubectlHandler.class},
                (proxy, method, given) -> {
                    called.add(method.getName());
                    throw new IllegalStateException(method.getName());
                });
        KubectlHandler kubectl = ObservedKubectl.of(observations, silent);

        for (Method method : KubectlHandler.class.getMethods()) {
            Object[] nothing = new Object[method.getParameterCount()];
            assertThatThrownBy(() -> method.invoke(kubectl, nothing)).isInstanceOf(InvocationTargetException.class);
            assertThat(count(method.getName(), "unexpected")).isEqualTo(1);
        }

        assertThat(called)
                .containsExactlyElementsOf(Arrays.stream(KubectlHandler.class.getMethods())
                        .map(Method::getName)
                        .toList());
    }
}
