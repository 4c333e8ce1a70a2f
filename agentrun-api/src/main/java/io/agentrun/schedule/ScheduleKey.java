package io.agentrun.schedule;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.model.Owner;

/**
 * Which schedule: names are unique within a tenant and project.
 *
 * <p>Immutable.
 *
 * @param owner the tenant and project
 * @param name 1 to {@value #MAX_NAME} plain characters
 */
public record ScheduleKey(Owner owner, String name) {

    /** How long a name may be: the keys of its tasks have it in them. */
    public static final int MAX_NAME = 180;

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException when the owner is missing, or the name is not one of 1 to {@value #MAX_NAME} plain characters
     */
    public ScheduleKey {
        owner = Require.given("owner", owner);
        name = Texts.id("name", name);
        if (name.length() > MAX_NAME) {
            throw new InvalidInputException("name", "must not be longer than " + MAX_NAME + " characters");
        }
    }
}
