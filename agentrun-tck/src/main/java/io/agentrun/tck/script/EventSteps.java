package io.agentrun.tck.script;

import io.agentrun.event.EventBatch;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.tck.script.Side.FenceChoice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Steps that append and read events. */
final class EventSteps {

    private static final List<EventType> TYPES = List.of(
            EventType.BACKEND_STATUS,
            EventType.BACKEND_STATUS,
            EventType.ASSISTANT_MESSAGE,
            EventType.TOOL_CALL,
            EventType.COMMAND_OUTPUT,
            EventType.DIFF,
            EventType.ERROR);

    private final Dice dice;

    EventSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        String run = dice.run();
        int roll = dice.below(100);
        if (roll < 20) {
            FenceChoice fence = ScriptWriter.fence(dice);
            EventBatch batch = EventBatch.numbered(1 + dice.below(4), batch());
            return Step.of(
                    "append to " + run + " " + ScriptWriter.words(fence) + ": " + batch,
                    side -> side.store().events().append(side.fence(run, fence), batch));
        }
        if (roll < 45) {
            FenceChoice fence = ScriptWriter.fence(dice);
            List<NewEvent> events = batch();
            return Step.of(
                    "append to " + run + " " + ScriptWriter.words(fence) + ": " + events,
                    side -> side.store().events().append(side.fence(run, fence), events));
        } else if (roll < 65) {
            List<NewEvent> events = batch();
            return Step.of(
                    "append to " + run + " for the host: " + events,
                    side -> side.store().events().appendUnfenced(side.id(run), events));
        }
        int after = dice.below(12);
        int limit = dice.page() * 3;
        if (roll < 85) {
            return Step.of(
                    "events of " + run + " after " + after + ", at most " + limit,
                    side -> side.store().events().list(side.id(run), after, limit));
        }
        return Step.of(
                "look at events of " + run + " after " + after,
                side -> side.store().events().await(side.id(run), after, limit, Duration.ZERO));
    }

    private List<NewEvent> batch() {
        List<NewEvent> events = new ArrayList<>();
        for (int i = dice.below(3); i >= 0; i--) {
            JsonObject payload = dice.percent(20)
                    ? JsonObject.of("tried", List.of(JsonObject.of("password", "a secret")), "size", 1.50)
                    : JsonObject.of("text", "line " + dice.below(10));
            events.add(new NewEvent(dice.of(TYPES), payload));
        }
        return events;
    }

    /** The whole stream of the run with that number in the script. */
    static Step all(int run) {
        return Step.of(
                "in the end, all events of run " + (run + 1),
                side -> side.store().events().list(side.runs().get(run), 0, 500));
    }
}
