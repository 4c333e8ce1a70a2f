package io.agentrun.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.NewCommand;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.Idempotency;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeysTest {

    @Test
    void a_hash_is_made_only_for_a_key() {
        AtomicInteger made = new AtomicInteger();

        assertThat(Keys.of(null, () -> "hash" + made.incrementAndGet())).isNull();
        assertThat(made).hasValue(0);
        assertThat(Keys.of("key-1", () -> "hash" + made.incrementAndGet()))
                .isEqualTo(new Idempotency("key-1", "hash1"));
    }

    @Test
    void equal_content_is_a_replay_and_other_content_a_conflict() {
        NewCommand first = NewCommand.turn(JsonObject.of("n", 1, "m", 2));
        Idempotency stored = new Idempotency("key-1", first.contentHash());

        Keys.requireSameContent(
                stored, NewCommand.turn(JsonObject.of("m", 2.0, "n", 1.0)).contentHash());
        assertThatExceptionOfType(IdempotencyConflictException.class)
                .isThrownBy(() -> Keys.requireSameContent(
                        stored, NewCommand.turn(JsonObject.of("n", 1)).contentHash()))
                .returns("key-1", IdempotencyConflictException::key);
        assertThatExceptionOfType(IdempotencyConflictException.class)
                .isThrownBy(() -> Keys.requireSameContent(
                        stored, NewCommand.steer(JsonObject.of("n", 1, "m", 2)).contentHash()));
    }
}
