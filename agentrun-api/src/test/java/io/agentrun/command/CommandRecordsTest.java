package io.agentrun.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.LeaseSignal;
import io.agentrun.model.Idempotency;
import io.agentrun.model.Outcome;
import io.agentrun.question.QuestionResult;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CommandRecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final JsonObject PAYLOAD = JsonObject.of("prompt", "hello");

    @Test
    void closed_sets_go_to_wire_strings_and_back_and_refuse_unknown_ones() {
        for (CommandType type : CommandType.values()) {
            assertThat(CommandType.fromWire("type", type.wire())).isSameAs(type);
        }
        for (CommandState state : CommandState.values()) {
            assertThat(CommandState.fromWire("state", state.wire())).isSameAs(state);
        }
        for (OnBusy onBusy : OnBusy.values()) {
            assertThat(OnBusy.fromWire("onBusy", onBusy.wire())).isSameAs(onBusy);
        }
        for (String unknown : new String[] {null, "", "TURN", "blocked"}) {
            assertRefused("type", () -> CommandType.fromWire("type", unknown));
            assertRefused("state", () -> CommandState.fromWire("state", unknown));
            assertRefused("onBusy", () -> OnBusy.fromWire("onBusy", unknown));
        }
    }

    @Test
    void a_command_is_plain_json_and_comes_back_equal() throws Exception {
        Command command = turn();

        String text = JSON.writeValueAsString(command);

        assertThat(text)
                .isEqualTo("{\"id\":\"cmd_1\",\"runId\":\"run_1\",\"seq\":1,\"type\":\"turn\","
                        + "\"payload\":{\"prompt\":\"hello\"},\"state\":\"pending\",\"outcome\":null,"
                        + "\"order\":{\"ordinal\":4,\"deliverable\":true,\"targetCommandId\":null},"
                        + "\"idempotency\":{\"key\":\"k\",\"contentHash\":\"v1:abc\"},"
                        + "\"times\":{\"createdAt\":\"2026-01-01T00:00:00Z\","
                        + "\"updatedAt\":\"2026-01-01T00:00:00Z\",\"acknowledgedAt\":null},\"resumed\":null}");
        assertThat(JSON.readValue(text, Command.class)).isEqualTo(command);
    }

    @Test
    void a_turn_that_was_parked_is_plain_json_and_comes_back_equal() throws Exception {
        QuestionResult result =
                new QuestionResult("qst_1", "key", QuestionState.ANSWERED, Reply.text("this one"), "ann");
        Resumed waiting = new Resumed(2, List.of("qst_1", "qst_2"), List.of());
        Command command = turn().toBuilder().resumed(waiting.with(result)).build();

        Command again = JSON.readValue(JSON.writeValueAsString(command), Command.class);

        assertThat(again).isEqualTo(command);
        assertThat(again.resumed()).isEqualTo(new Resumed(2, List.of("qst_2"), List.of(result)));
        assertThat(waiting.with(result).settled().waitsFor()).isEmpty();
        assertRefused("times", () -> new Resumed(0, List.of(), List.of()));
        assertRefused("waitsFor", () -> new Resumed(1, List.of(" "), List.of()));
    }

    @Test
    void a_builder_changes_what_changes_in_a_commands_life() {
        Command command = turn();
        Command ended = command.toBuilder()
                .state(CommandState.COMPLETED)
                .outcome(Outcome.completed())
                .order(new CommandOrder(4, true, null))
                .times(new CommandTimes(NOW, NOW.plusSeconds(2), NOW.plusSeconds(1)))
                .build();

        assertThat(command.toBuilder().build()).isEqualTo(command);
        assertThat(ended.payload()).isEqualTo(PAYLOAD);
        assertThat(ended.idempotency()).isEqualTo(command.idempotency());
        assertThat(ended.state().terminal()).isTrue();
        assertThat(CommandState.ACKNOWLEDGED.terminal()).isFalse();
    }

    @Test
    void a_new_command_names_what_is_wrong_with_it() {
        assertRefused("payload", () -> NewCommand.turn(null));
        assertRefused("type", () -> new NewCommand(null, PAYLOAD, OnBusy.ENQUEUE, null, null));
        assertRefused("onBusy", () -> NewCommand.turn(PAYLOAD).withOnBusy(null));
        assertRefused("expectedCommandId", () -> NewCommand.turn(PAYLOAD).expecting("cmd_1"));
        assertRefused("expectedCommandId", () -> NewCommand.steer(PAYLOAD).expecting(""));
        assertRefused("onBusy", () -> NewCommand.steer(PAYLOAD).withOnBusy(OnBusy.REJECT));
        assertRefused("onBusy", () -> NewCommand.interrupt(PAYLOAD).withOnBusy(OnBusy.INTERRUPT));
        assertRefused("idempotencyKey", () -> NewCommand.turn(PAYLOAD).withIdempotencyKey("k".repeat(256)));
        assertThat(NewCommand.interrupt(PAYLOAD).expecting("cmd_1").expectedCommandId())
                .isEqualTo("cmd_1");
    }

    @Test
    void the_content_of_a_new_command_is_its_type_its_payload_and_the_turn_it_expects() {
        NewCommand turn = NewCommand.turn(PAYLOAD);

        assertThat(turn.withIdempotencyKey("k").contentHash()).isEqualTo(turn.contentHash());
        assertThat(turn.withOnBusy(OnBusy.REJECT).contentHash()).isEqualTo(turn.contentHash());
        assertThat(List.of(
                                turn.contentHash(),
                                NewCommand.turn(JsonObject.empty()).contentHash(),
                                NewCommand.steer(PAYLOAD).contentHash(),
                                NewCommand.steer(PAYLOAD).expecting("cmd_1").contentHash(),
                                NewCommand.interrupt(PAYLOAD).contentHash())
                        .stream()
                        .distinct())
                .hasSize(5);
    }

    @Test
    void a_delivery_carries_commands_only_while_the_lease_stands() throws Exception {
        CommandDelivery delivery = new CommandDelivery(LeaseSignal.CONTINUE, List.of(turn()), null);

        assertThat(JSON.readValue(JSON.writeValueAsString(delivery), CommandDelivery.class))
                .isEqualTo(delivery);
        assertThat(CommandDelivery.over(LeaseSignal.ENDED).commands()).isEmpty();
        assertRefused("commands", () -> new CommandDelivery(LeaseSignal.LEASE_LOST, List.of(turn()), null));
        assertRefused("commands", () -> new CommandDelivery(LeaseSignal.CONTINUE, null, null));
    }

    private static Command turn() {
        return new Command(
                "cmd_1",
                "run_1",
                1,
                CommandType.TURN,
                PAYLOAD,
                CommandState.PENDING,
                null,
                new CommandOrder(4, true, null),
                new Idempotency("k", "v1:abc"),
                new CommandTimes(NOW, NOW.plusNanos(999), null));
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }
}
