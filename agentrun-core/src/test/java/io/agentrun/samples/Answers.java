package io.agentrun.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What a request is answered in each situation; none may be left out.
 *
 * @param <K> the situations
 */
public final class Answers<K extends Enum<K>> {

    private final Class<K> situations;
    private final Map<K, String> expected;

    private Answers(Class<K> situations) {
        this.situations = situations;
        this.expected = new EnumMap<>(situations);
    }

    public static <K extends Enum<K>> Answers<K> in(Class<K> situations) {
        return new Answers<>(situations);
    }

    /** The same answer in all of these. */
    @SafeVarargs
    public final Answers<K> on(String answer, K... in) {
        for (K situation : in) {
            assertThat(expected.put(situation, answer))
                    .as("%s answered twice", situation)
                    .isNull();
        }
        return this;
    }

    /** The same answer in every situation that was not named. */
    public Answers<K> otherwise(String answer) {
        Set<K> rest = EnumSet.allOf(situations);
        rest.removeAll(expected.keySet());
        rest.forEach(situation -> expected.put(situation, answer));
        return this;
    }

    /** Asks in every situation and compares. */
    public void verify(Function<K, String> ask) {
        StringBuilder wanted = new StringBuilder();
        StringBuilder actual = new StringBuilder();
        for (K situation : situations.getEnumConstants()) {
            wanted.append(situation)
                    .append(": ")
                    .append(expected.get(situation))
                    .append('\n');
            actual.append(situation).append(": ").append(ask.apply(situation)).append('\n');
        }
        assertThat(actual.toString()).isEqualTo(wanted.toString());
    }
}
