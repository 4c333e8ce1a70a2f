package io.agentrun.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StoredRecordsTest {

    private static final RunEvent EVENT = event(JsonObject.of("b", 1, "a", JsonObject.of("text", "\"é\n")));

    private static RunEvent event(JsonObject payload) {
        return new RunEvent("evt_1", "run_1", 1, EventType.DIFF, payload, Instant.parse("2026-01-02T03:04:05Z"));
    }

    @Test
    void a_record_is_read_as_it_was_written() {
        String json = StoredRecords.write(EVENT).toString();

        assertThat(StoredRecords.read(json, RunEvent.class)).isEqualTo(EVENT);
    }

    @Test
    void a_payload_is_a_text_within_the_record() {
        JsonNode tree = StoredRecords.write(EVENT);

        assertThat(tree.path("payload").textValue()).isEqualTo(EVENT.payload().toJson());
        assertThat(tree.path("seq").longValue()).isEqualTo(1);
    }

    @Test
    void a_payload_that_nobody_can_read_is_read_and_written_as_it_is() {
        String json = StoredRecords.write(event(JsonObject.stored("{no JSON"))).toString();

        RunEvent read = StoredRecords.read(json, RunEvent.class);

        assertThat(StoredRecords.write(read)).hasToString(json);
        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> read.payload().toMap())
                .matches(e -> e.reason() == Reason.CORRUPT);
    }

    @Test
    void what_is_no_record_of_the_type_is_corrupt_and_not_quoted() {
        String secret = "{\"id\":\"evt_1\",\"sk-secret\":1}";

        assertThatExceptionOfType(StoreUnavailableException.class)
                .isThrownBy(() -> StoredRecords.read(secret, RunEvent.class))
                .withNoCause()
                .matches(e -> e.reason() == Reason.CORRUPT)
                .withMessageNotContaining("secret");
    }
}
