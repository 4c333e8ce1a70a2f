package io.agentrun.limit;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.Owner;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks a limit counts together: those of one value, such as one tenant, or those of each value by themselves.
 *
 * <p>Immutable.
 *
 * @param by what of a task it counts by
 * @param of the queue of a lane, the tenant of a project, the name of a label; null otherwise
 * @param value the one value; null for each value by itself
 */
public record LimitKey(
        LimitBy by, @Nullable String of, @Nullable String value) {

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when a part is missing or breaks the rule for labels (1..200 characters), or one is given that the
     *     kind does not have
     */
    public LimitKey {
        by = Require.given("by", by);
        of = Texts.labelOrNull("of", of);
        value = Texts.labelOrNull("value", value);
        boolean fits = switch (by) {
            case QUEUE, TENANT -> of == null;
            case LANE, PROJECT -> (of == null) == (value == null);
            case LABEL -> of != null;
        };
        if (!fits) {
            throw new InvalidInputException("of", "does not fit a limit by " + by.wire());
        }
    }

    /** Returns the key of each queue by itself. */
    public static LimitKey eachQueue() {
        return new LimitKey(LimitBy.QUEUE, null, null);
    }

    /**
     * Returns the key of one queue.
     *
     * @throws InvalidInputException when the name is missing or breaks the rule for labels
     */
    public static LimitKey queue(String queue) {
        return new LimitKey(LimitBy.QUEUE, null, Require.given("queue", queue));
    }

    /** Returns the key of each lane of each queue by itself. */
    public static LimitKey eachLane() {
        return new LimitKey(LimitBy.LANE, null, null);
    }

    /**
     * Returns the key of one lane of a queue.
     *
     * @throws InvalidInputException when a name is missing or breaks the rule for labels
     */
    public static LimitKey lane(String queue, String lane) {
        return new LimitKey(LimitBy.LANE, Require.given("queue", queue), Require.given("lane", lane));
    }

    /** Returns the key of each tenant by itself. */
    public static LimitKey eachTenant() {
        return new LimitKey(LimitBy.TENANT, null, null);
    }

    /**
     * Returns the key of one tenant.
     *
     * @throws InvalidInputException when the id is missing or breaks the rule for ids
     */
    public static LimitKey tenant(String tenantId) {
        return new LimitKey(LimitBy.TENANT, null, Require.given("tenantId", tenantId));
    }

    /** Returns the key of each project of each tenant by itself. */
    public static LimitKey eachProject() {
        return new LimitKey(LimitBy.PROJECT, null, null);
    }

    /**
     * Returns the key of one project.
     *
     * @throws InvalidInputException when the owner is missing
     */
    public static LimitKey project(Owner owner) {
        Owner given = Require.given("owner", owner);
        return new LimitKey(LimitBy.PROJECT, given.tenantId(), given.projectId());
    }

    /**
     * Returns the key of each value of a limit label by itself; tasks without the label are not counted.
     *
     * @throws InvalidInputException when the name is missing or breaks the rule for labels
     */
    public static LimitKey eachLabel(String name) {
        return new LimitKey(LimitBy.LABEL, Require.given("name", name), null);
    }

    /**
     * Returns the key of one value of a limit label.
     *
     * @throws InvalidInputException when the name or the value is missing or breaks the rule for labels
     */
    public static LimitKey label(String name, String value) {
        return new LimitKey(LimitBy.LABEL, Require.given("name", name), Require.given("value", value));
    }

    /** Returns whether it stands for each value by itself. */
    public boolean each() {
        return value == null;
    }

    /** Returns the key of each value of the same kind. */
    public LimitKey toEach() {
        return new LimitKey(by, by == LimitBy.LABEL ? of : null, null);
    }

    /** Returns the key in words for people, such as {@code tenant "acme"} or {@code each lane}. */
    public String text() {
        String name = by == LimitBy.LABEL ? "label \"" + of + "\"" : by.wire();
        if (value == null) {
            return by == LimitBy.LABEL ? "each value of " + name : "each " + name;
        }
        return switch (by) {
            case QUEUE, TENANT -> name + " \"" + value + "\"";
            case LANE, PROJECT -> name + " \"" + value + "\" of \"" + of + "\"";
            case LABEL -> name + " with the value \"" + value + "\"";
        };
    }
}
