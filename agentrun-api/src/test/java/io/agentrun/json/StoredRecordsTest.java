package io.agentrun.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import io.agentrun.event.EventType;
import io.agentrun.event.RunEvent;
import io.agentrun.model.Outcome;
import io.agentrun.queue.TaskAttempt;
import java.time.Instant;
import java.util.List;
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

    @Test
    void a_part_is_read_as_it_was_written() {
        TaskAttempt part = TaskAttempt.reported(
                        2, "attempt", JsonObject.of("b", 1, "a", JsonObject.of("text", "\"é\n")), Instant.EPOCH)
                .ended(Outcome.failed(FailureKind.of("backend_error"), "it broke"), Instant.EPOCH.plusSeconds(1));

        assertThat(StoredRecords.part(StoredRecords.text(part), TaskAttempt.class))
                .isEqualTo(part);
        assertThat(JsonObject.parse(StoredRecords.text(part))).isEqualTo(JsonObject.fromBean(part));
    }

    @Test
    void what_is_no_part_of_the_type_is_refused_and_not_quoted() {
        for (String text :
                List.of("{\"number\":\"sk-secret\"}", "{\"number\":1,sk-secret", "null sk-secret", "null", "")) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .as(text)
                    .isThrownBy(() -> StoredRecords.part(text, TaskAttempt.class))
                    .withNoCause()
                    .withMessageNotContaining("secret");
        }
    }

    @Test
    void what_jackson_cannot_write_is_refused_and_not_quoted() {
        record Unwritable(Object at) {}

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> StoredRecords.text(new Unwritable(new Object())))
                .withNoCause()
                .withMessageContaining("at");
    }

    @Test
    void the_text_of_an_object_that_nobody_has_looked_into_is_the_stored_one() {
        JsonObject stored = JsonObject.stored("{ \"b\": 1.0, \"a\": 2 }");

        assertThat(stored.storedText()).isEqualTo("{ \"b\": 1.0, \"a\": 2 }");
        assertThat(stored.keys()).hasSize(2);
        assertThat(stored.storedText()).isEqualTo("{\"a\":2,\"b\":1}");
        assertThat(JsonObject.of("b", 1, "a", 2).storedText()).isEqualTo("{\"a\":2,\"b\":1}");
    }
}
