package io.agentrun.postgres.internal.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pg_catalog",
                "pg_temp_1",
                "information_schema",
                "a'b",
                "a\\b",
                "a\nb",
                "a\u0000b",
                "1234567890123456789012345678901234567890123456789012345678901234"
            })
    void what_is_no_schema_of_a_host_or_would_end_a_literal_is_refused(String name) {
        assertThatThrownBy(() -> new SchemaName(name))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("schema");
    }

    @ParameterizedTest
    @ValueSource(strings = {"public", "agent\"run", "Agent Run", "Läufe", "a.b", "a:b", "a;b--", "{schema}"})
    void any_other_name_is_quoted(String name) {
        assertThat(new SchemaName(name).quoted()).isEqualTo('"' + name.replace("\"", "\"\"") + '"');
    }
}
