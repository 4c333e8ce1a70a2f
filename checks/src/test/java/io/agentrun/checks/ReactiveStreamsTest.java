package io.agentrun.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** Runs the kit of Reactive Streams, whose tests are TestNG's, on the event tail. */
class ReactiveStreamsTest {

    @TestFactory
    Stream<DynamicTest> the_event_tail_keeps_the_rules_of_reactive_streams() {
        return Arrays.stream(EventTailVerification.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .sorted(Comparator.comparing(Method::getName))
                .map(method -> dynamicTest(method.getName(), () -> verify(method)));
    }

    private static void verify(Method method) throws Throwable {
        try (EventTailVerification verification = new EventTailVerification()) {
            verification.setUp();
            method.invoke(verification);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof SkipException)) {
                throw e.getCause();
            }
            // The kit has no test for these rules, or not for publishers like this one.
            assertThat(method.getName()).matches("untested_.*");
        }
    }
}
