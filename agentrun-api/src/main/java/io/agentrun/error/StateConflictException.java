package io.agentrun.error;

/**
 * The record is open, and not in the state that the call needs: a waiting turn is acknowledged, a steer comes without
 * an active turn, an older attempt is reported. Code {@code state-conflict}, status 409, {@code schema-invalid};
 * {@link #retryable()} says whether the state may come by itself (a waiting turn becomes the active one).
 *
 * <p>Immutable.
 */
public final class StateConflictException extends ConflictException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final String id;
    private final String state;

    /**
     * Says that a record is in the wrong state.
     *
     * @param what the kind of record in words: "run", "command", "session", "queue task"
     * @param id its id
     * @param state the wire string of the state it is in
     * @param problem what stands in the way, as the clause after "{what} {id}:": "it waits behind the active turn"
     * @param retryable whether the state that the call needs may come without the caller doing anything
     */
    public StateConflictException(String what, String id, String state, String problem, boolean retryable) {
        super(
                FailureKind.SCHEMA_INVALID,
                retryable,
                what + " " + id + ": " + problem,
                facts("what", what, "id", id, "state", state));
        this.what = what;
        this.id = id;
        this.state = state;
    }

    /** Returns the kind of record, in words: "run", "command", "session", "queue task". */
    public String what() {
        return what;
    }

    /** Returns the id of the record. */
    public String id() {
        return id;
    }

    /** Returns the wire string of the state that the record is in. */
    public String state() {
        return state;
    }

    /** Returns {@code state-conflict}. */
    @Override
    public String code() {
        return "state-conflict";
    }
}
