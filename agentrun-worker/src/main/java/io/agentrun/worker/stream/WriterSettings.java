package io.agentrun.worker.stream;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.Redactor;
import java.time.Duration;

/**
 * How an {@link EventWriter} batches, waits and cleans.
 *
 * <p>Immutable.
 *
 * @param firstDelay how long the first event after a pause waits for others
 * @param interval how long it takes from one batch to the next while output flows
 * @param maxHold how long text is held back in which a secret may have begun
 * @param batchEvents the most events of one append
 * @param batchBytes the bytes of payload after which a batch takes no more
 * @param bufferBytes how much may wait for the store before writers wait
 * @param closeTimeout how long {@code close} waits for the store
 * @param text how output becomes lines
 * @param redactor what masks secrets that a stream of text cuts in two
 */
record WriterSettings(
        Duration firstDelay,
        Duration interval,
        Duration maxHold,
        int batchEvents,
        int batchBytes,
        long bufferBytes,
        Duration closeTimeout,
        OutputText text,
        Redactor redactor) {

    static final WriterSettings DEFAULTS = new WriterSettings(
            Duration.ofMillis(50),
            Duration.ofMillis(250),
            Duration.ofSeconds(1),
            500,
            1 << 20,
            4L << 20,
            Duration.ofSeconds(30),
            OutputText.standard(),
            Redactor.standard());

    WriterSettings {
        notNegative("firstDelay", firstDelay);
        notNegative("interval", interval);
        notNegative("maxHold", maxHold);
        Require.between("batchEvents", batchEvents, 1, 1_000_000);
        Require.between("batchBytes", batchBytes, 1, 32 << 20);
        Require.between("bufferBytes", bufferBytes, 1, 1L << 40);
        notNegative("closeTimeout", closeTimeout);
        Require.given("text", text);
        Require.given("redactor", redactor);
    }

    private static void notNegative(String field, Duration value) {
        if (Require.given(field, value).isNegative()) {
            throw new InvalidInputException(field, "must not be negative");
        }
    }
}
