package io.agentrun.tck.script;

import io.agentrun.tck.script.Side.FenceChoice;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Writes scripts: which operations come, how often, and which of them come twice.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ScriptWriter {

    private static final int LOOK_BACK = 8;

    private final Dice dice;
    private final Queue<Step> story = new ArrayDeque<>();
    private final RunSteps runs;
    private final LeaseSteps leases;
    private final CommandSteps commands;
    private final EventSteps events;
    private final RunnerSteps runners;
    private final SessionSteps sessions;
    private final StorageSteps storage;
    private final QueueSteps queue;
    private final LimitSteps limits;
    private final QuestionSteps questions;

    ScriptWriter(Dice dice) {
        this.dice = dice;
        runs = new RunSteps(dice);
        leases = new LeaseSteps(dice);
        commands = new CommandSteps(dice);
        events = new EventSteps(dice);
        runners = new RunnerSteps(dice);
        sessions = new SessionSteps(dice);
        storage = new StorageSteps(dice);
        queue = new QueueSteps(dice);
        limits = new LimitSteps(dice);
        questions = new QuestionSteps(dice);
    }

    List<Step> write(int length) {
        List<Step> steps = new ArrayList<>(length);
        Dice.RUNS.forEach(run -> steps.add(runs.create(run)));
        steps.add(sessions.upsert(Dice.ONE, "s-4"));
        Dice.TASKS.forEach(task -> steps.add(queue.create(task)));
        while (steps.size() > length) {
            steps.remove(steps.size() - 1);
        }
        while (steps.size() < length) {
            Step step = !steps.isEmpty() && dice.percent(7) ? again(steps) : next();
            steps.add(dice.percent(25) ? step.onSecond() : step);
        }
        return steps;
    }

    /** A step that was taken before: a duplicate delivery, a retry, a client that is late. */
    private Step again(List<Step> steps) {
        return steps.get(steps.size() - 1 - dice.below(Math.min(LOOK_BACK, steps.size())));
    }

    /** The next step of what somebody has begun, or something else. */
    private Step next() {
        if (story.isEmpty() && dice.percent(14)) {
            begin(dice.run());
        }
        return !story.isEmpty() && dice.percent(55) ? story.remove() : any();
    }

    /** What a runner and its host do one after another, with whatever comes in between. */
    private void begin(String run) {
        switch (dice.below(9)) {
            case 0, 1 ->
                story.addAll(List.of(
                        runs.create(run),
                        commands.turn(run),
                        runners.saveJob(run),
                        runners.findJob(run),
                        leases.claim(run)));
            case 2, 3, 4 -> story.addAll(List.of(queue.create(dice.task()), queue.dispatch(run), leases.claim(run)));
            case 5, 6 -> story.addAll(List.of(leases.claimNext(run), commands.turn(run)));
            case 7 -> story.addAll(storage.life(dice.percent(50) ? "s-4" : dice.session()));
            default -> story.addAll(List.of(leases.claim(run), commands.turn(run), commands.turn(run)));
        }
        for (int turns = dice.below(3); turns > 0; turns--) {
            story.addAll(List.of(commands.await(run), commands.acknowledge(run), commands.finish(run)));
        }
        if (dice.percent(30)) {
            questions
                    .life(run, leases.claim(run), commands.await(run), commands.acknowledge(run))
                    .forEach(story::add);
        }
        if (dice.percent(40)) {
            story.add(runs.finish(run));
        }
    }

    private Step any() {
        if (dice.percent(7)) {
            return questions.next();
        }
        int roll = dice.below(100);
        if (roll < 12) {
            return runs.next();
        } else if (roll < 30) {
            return leases.next();
        } else if (roll < 56) {
            return commands.next();
        } else if (roll < 62) {
            return events.next();
        } else if (roll < 65) {
            return runners.next();
        } else if (roll < 76) {
            return sessions.next();
        } else if (roll < 82) {
            return storage.next();
        } else if (roll < 94) {
            return queue.next();
        } else if (roll < 96) {
            return limits.next();
        }
        return later(dice.hours(2));
    }

    private static Step later(Duration by) {
        return Step.of(by.toHours() + " hours later", side -> {
            side.advance(by);
            return null;
        });
    }

    /** The fence to come with: mostly the newest. */
    static FenceChoice fence(Dice dice) {
        return dice.percent(85) ? FenceChoice.NEWEST : FenceChoice.OLDER;
    }

    /** How a step says which fence it comes with. */
    static String words(FenceChoice choice) {
        return switch (choice) {
            case NEWEST -> "by its fence";
            case OLDER -> "by the fence before";
        };
    }
}
