package io.agentrun.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class EventRecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.000001Z");
    private static final RunEvent EVENT =
            new RunEvent("evt_1", "run_1", 1, EventType.COMMAND_OUTPUT, JsonObject.of("text", "ok"), NOW.plusNanos(1));

    @Test
    void types_go_to_wire_strings_and_back_and_unknown_ones_are_refused() {
        for (EventType type : EventType.values()) {
            assertThat(EventType.fromWire("type", type.wire())).isSameAs(type);
        }
        for (String unknown : new String[] {null, "", "TOOL_CALL", "tool-call"}) {
            assertRefused("type", () -> EventType.fromWire("type", unknown));
        }
    }

    @Test
    void every_type_but_the_backends_status_is_output() {
        assertThat(Stream.of(EventType.values()).filter(type -> !type.output()))
                .containsExactly(EventType.BACKEND_STATUS);
    }

    @Test
    void an_event_is_plain_json_and_comes_back_equal() throws Exception {
        String text = JSON.writeValueAsString(EVENT);

        assertThat(text)
                .isEqualTo("{\"id\":\"evt_1\",\"runId\":\"run_1\",\"seq\":1,\"type\":\"command_output\","
                        + "\"payload\":{\"text\":\"ok\"},\"createdAt\":\"2026-01-01T00:00:00.000001Z\"}");
        assertThat(JSON.readValue(text, RunEvent.class)).isEqualTo(EVENT);
    }

    @Test
    void a_page_of_events_is_plain_json_and_comes_back_equal() throws Exception {
        EventPage page = new EventPage("run_1", List.of(EVENT), 1, true);

        assertThat(JSON.readValue(JSON.writeValueAsString(page), EventPage.class))
                .isEqualTo(page);
        assertRefused("items", () -> new EventPage("run_1", null, 0, false));
        assertRefused("nextAfterSeq", () -> new EventPage("run_1", List.of(), -1, false));
    }

    @Test
    void nobody_but_the_store_writes_the_terminal_status() {
        assertRefused("type", () -> new NewEvent(EventType.TERMINAL_STATUS, JsonObject.empty()));
        assertRefused("type", () -> new NewEvent(null, JsonObject.empty()));
        assertRefused("payload", () -> new NewEvent(EventType.DIFF, null));
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }
}
