package io.agentrun.k8s.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {

    @ParameterizedTest
    @CsvSource({
        "1Gi, 1024Mi",
        "1024Gi, 1Ti",
        "1Ki, 1024",
        "1k, 1000",
        "1M, 1000k",
        "1G, 1e9",
        "2E3, 2k",
        "1E, 1000P",
        "1Ei, 1024Pi",
        "1.5Gi, 1536Mi",
        "0.50, 500m",
        "10, 10.0"
    })
    void two_spellings_of_one_amount_are_the_same(String one, String other) {
        assertThat(KubernetesSyntax.amount(one)).isPresent().isEqualTo(KubernetesSyntax.amount(other));
    }

    @Test
    void different_amounts_are_ordered() {
        BigDecimal less = KubernetesSyntax.amount("9G").orElseThrow();

        assertThat(less).isLessThan(KubernetesSyntax.amount("9Gi").orElseThrow());
        assertThat(KubernetesSyntax.amount("a lot")).isEmpty();
        assertThat(KubernetesSyntax.amount(null)).isEmpty();
    }
}
