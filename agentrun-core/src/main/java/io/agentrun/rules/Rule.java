package io.agentrun.rules;

/**
 * The numbered rules that every store obeys; each conformance test names the ones that it proves.
 *
 * <p>G: general, I: idempotency, R: runs, C: commands, L: leases, E: events, S: sessions, Q: queue, T: schedules, P: storage, J: runners
 * and their jobs, M: limits, V: tenant views, A: questions and their answers, X: explanations. Immutable.
 */
public enum Rule {
    /** Input is checked before anything is read or written, and the error names the field. */
    G_1("Input is checked before anything is read or written, and the error names the field."),
    /** Checks come in this order: input, existence and tenant, replay of a key, fence, terminal, state. */
    G_2("Checks come in this order: input, existence and tenant, replay of a key, fence, terminal, state."),
    /** A call that is refused changes nothing: no record, no version, no event. */
    G_3("A call that is refused changes nothing: no record, no version, no event."),
    /** After close every call but health, a waiting one too, ends with StoreClosedException. */
    G_4("After close every call but health, a waiting one too, ends with StoreClosedException."),
    /** Time is the store's, read once per operation, in microseconds. */
    G_5("Time is the store's, read once per operation, in microseconds."),
    /** Lists, feeds and statistics show what the tenant scope includes, and nothing else. */
    G_6("Lists, feeds and statistics show what the tenant scope includes, and nothing else."),
    /** A cursor that this store did not give for this very list is refused. */
    G_7("A cursor that this store did not give for this very list is refused."),
    /** Pages follow their order by keys: a record that does not change is shown exactly once. */
    G_8("Pages follow their order by keys: a record that does not change is shown exactly once."),
    /** A feed shows the latest state of every record changed since its cursor and never misses one. */
    G_9("A feed shows the latest state of every record changed since its cursor and never misses one."),
    /** A call for many answers for each item, and one that is refused stops none of the others. */
    G_10("A call for many answers for each item, and one that is refused stops none of the others."),
    /** A wait for many runs answers what is new to its caller, and nothing else. */
    G_11("A wait for many runs answers what is new to its caller, and nothing else."),
    /** While the database cannot be reached, each call says so, and what was acknowledged is there afterwards. */
    G_12("While the database cannot be reached, each call says so, and what was acknowledged is there afterwards."),
    /** A page ends when its records have more than 8 MiB of JSON, has one at least, and the next one goes on behind it. */
    G_13(
            "A page ends when its records have more than 8 MiB of JSON, has one at least, and the next one goes on behind it."),
    /** The same key with equal content returns the first record, with other content it is a conflict. */
    I_1("The same key with equal content returns the first record, with other content it is a conflict."),
    /** Callers that use one new key at the same moment get one record. */
    I_2("Callers that use one new key at the same moment get one record."),
    /** A run and a task are found by their owner's key, and by nobody else's. */
    I_3("A run and a task are found by their owner's key, and by nobody else's."),
    /** A run begins pending, with its session created or touched in the same step. */
    R_1("A run begins pending, with its session created or touched in the same step."),
    /** A run moves forward only, and a terminal run never changes again. */
    R_2("A run moves forward only, and a terminal run never changes again."),
    /** The lease holder ends its run; a retry gets the stored record. */
    R_3("The lease holder ends its run; a retry gets the stored record."),
    /** The host ends a pending run without a runner, and no other. */
    R_4("The host ends a pending run without a runner, and no other."),
    /** A pending run is cancelled at once, a leased one only by force; the fence keeps its runner out. */
    R_5("A pending run is cancelled at once, a leased one only by force; the fence keeps its runner out."),
    /** A graceful cancel of a leased run is a request: the first counts, its runner or its lease's end decides. */
    R_6("A graceful cancel of a leased run is a request: the first counts, its runner or its lease's end decides."),
    /** The end of a run ends its open commands, moves its task, and writes terminal_status as the last event. */
    R_7("The end of a run ends its open commands, moves its task, and writes terminal_status as the last event."),
    /**
     * A purge deletes old ended runs with all they own, never a session's active or last run, nor the run of the latest attempt of a
     * task that has not ended.
     */
    R_8(
            "A purge deletes old ended runs with all they own, never a session's active or last run, nor the run of the latest attempt of a task that has not ended."),
    /** finishTurn ends the turn, and its run with it unless another turn of the run is open. */
    R_9("finishTurn ends the turn, and its run with it unless another turn of the run is open."),
    /** A run says when a runner first claimed it, which never changes, and when it ended. */
    R_10("A run says when a runner first claimed it, which never changes, and when it ended."),
    /** A run that has not begun or ended by its deadline fails, its runner asked first; that spends the attempt. */
    R_11("A run that has not begun or ended by its deadline fails, its runner asked first; that spends the attempt."),
    /** Commands are numbered from 1 in their run; an ended run, or one asked to cancel, takes none. */
    C_1("Commands are numbered from 1 in their run; an ended run, or one asked to cancel, takes none."),
    /** A session has one active turn; later turns wait in order and are not delivered. */
    C_2("A session has one active turn; later turns wait in order and are not delivered."),
    /** On a busy session a turn is enqueued, refused, or interrupts, as its creator chose. */
    C_3("On a busy session a turn is enqueued, refused, or interrupts, as its creator chose."),
    /** A steer or interrupt is for the active turn of its run; without one it is a conflict. */
    C_4("A steer or interrupt is for the active turn of its run; without one it is a conflict."),
    /** Await delivers pending deliverable commands in order, again and again until acknowledged. */
    C_5("Await delivers pending deliverable commands in order, again and again until acknowledged."),
    /** Acknowledging delivers a command for good; the first turn sets its run running. */
    C_6("Acknowledging delivers a command for good; the first turn sets its run running."),
    /** An acknowledged command ends as its runner reports; a retry gets the stored record. */
    C_7("An acknowledged command ends as its runner reports; a retry gets the stored record."),
    /** The end of an active turn cancels what was pending for it and makes the next turn active. */
    C_8("The end of an active turn cancels what was pending for it and makes the next turn active."),
    /** The host cancels any open command; a waiting turn leaves the active one alone. */
    C_9("The host cancels any open command; a waiting turn leaves the active one alone."),
    /** A fence is its claimer's for one epoch: another epoch, runner or token is refused, also after the end. */
    L_1("A fence is its claimer's for one epoch: another epoch, runner or token is refused, also after the end."),
    /** A claim leases a pending run to one runner and begins an epoch. */
    L_2("A claim leases a pending run to one runner and begins an epoch."),
    /** A claim under the live holder's id begins an epoch; with a turn begun it is a recovery; another runner is refused. */
    L_3(
            "A claim under the live holder's id begins an epoch; with a turn begun it is a recovery; another runner is refused."),
    /** A claim of an expired lease recovers first, and is granted only if the run is pending then. */
    L_4("A claim of an expired lease recovers first, and is granted only if the run is pending then."),
    /** A release gives the run back with its commands, spends no attempt, and honours a cancel request. */
    L_5("A release gives the run back with its commands, spends no attempt, and honours a cancel request."),
    /** A heartbeat extends the lease or says why not, and never throws for a lost one. */
    L_6("A heartbeat extends the lease or says why not, and never throws for a lost one."),
    /** claimNext takes the oldest pending run in its filter that does not only wait, each run once. */
    L_7("claimNext takes the oldest pending run in its filter that does not only wait, each run once."),
    /** Recovery of an expired lease cancels, re-queues or fails the run, for an attempt or a start, and re-checks. */
    L_8("Recovery of an expired lease cancels, re-queues or fails the run, for an attempt or a start, and re-checks."),
    /** A lease says until when it holds at least, by the ticker of the process that asked, from when that asked. */
    L_9("A lease says until when it holds at least, by the ticker of the process that asked, from when that asked."),
    /** A pending run of which nothing was begun, and which nobody claims within its time, ends unclaimed. */
    L_10("A pending run of which nothing was begun, and which nobody claims within its time, ends unclaimed."),
    /** Events are numbered from 1 without a gap and are never renumbered. */
    E_1("Events are numbered from 1 without a gap and are never renumbered."),
    /** Only the lease holder or the host appends, a batch in one step, and nothing after the end. */
    E_2("Only the lease holder or the host appends, a batch in one step, and nothing after the end."),
    /** A page says ended exactly when the run is terminal and no event lies after it. */
    E_3("A page says ended exactly when the run is terminal and no event lies after it."),
    /**
     * Events, messages, titles, threads, session metadata, attempt details and what runners and backends report are stored
     * redacted; turns, task payloads and specs are not.
     */
    E_4(
            "Events, messages, titles, threads, session metadata, attempt details and what runners and backends report are stored redacted; turns, task payloads and specs are not."),
    /** Await returns as soon as there is something to see, and by its timeout at the latest. */
    E_5("Await returns as soon as there is something to see, and by its timeout at the latest."),
    /** A backend_status with a phase of the store's own is the store's; nobody else appends one. */
    E_6("A backend_status with a phase of the store's own is the store's; nobody else appends one."),
    /** A numbered batch that is repeated returns what it stored; an older one, or the same with other events, is refused. */
    E_7(
            "A numbered batch that is repeated returns what it stored; an older one, or the same with other events, is refused."),
    /** A session belongs to one tenant and project for ever; any other is refused. */
    S_1("A session belongs to one tenant and project for ever; any other is refused."),
    /** An upsert changes what it mentions and keeps the rest; nothing new takes no version. */
    S_2("An upsert changes what it mentions and keeps the rest; nothing new takes no version."),
    /** A turn sets its session running and names it; an enqueued one only counts. */
    S_3("A turn sets its session running and names it; an enqueued one only counts."),
    /** The end of the active turn or run runs the next turn or makes the session terminal; no other end does. */
    S_4("The end of the active turn or run runs the next turn or makes the session terminal; no other end does."),
    /** A reported thread and its last turn are remembered, and nothing else. */
    S_5("A reported thread and its last turn are remembered, and nothing else."),
    /** A read mark moves forward only, to a version that exists. */
    S_6("A read mark moves forward only, to a version that exists."),
    /** A list shows the sessions that its filter shows, before the page is cut. */
    S_7("A list shows the sessions that its filter shows, before the page is cut."),
    /** A trace shows all events of one run of the session, an output the visible ones, filtered before the cut. */
    S_8("A trace shows all events of one run of the session, an output the visible ones, filtered before the cut."),
    /** Every stored change of a session takes a new, higher version. */
    S_9("Every stored change of a session takes a new, higher version."),
    /** What a session remembers is forgotten only by who names it; an expected version that is not the session's is refused. */
    S_10(
            "What a session remembers is forgotten only by who names it; an expected version that is not the session's is refused."),
    /** A run keeps its backend and a session its own: a run in it may have another one, and only an upsert changes the session's. */
    S_11(
            "A run keeps its backend and a session its own: a run in it may have another one, and only an upsert changes the session's."),
    /** A purge of sessions deletes old idle or terminal ones without a volume and a task to do, with their ended runs; the id is new then. */
    S_12(
            "A purge of sessions deletes old idle or terminal ones without a volume and a task to do, with their ended runs; the id is new then."),
    /** A task begins pending, with what it was given. */
    Q_1("A task begins pending, with what it was given."),
    /** Due tasks are dispatched by priority, then age, then id; a session with an open turn makes its task wait. */
    Q_2("Due tasks are dispatched by priority, then age, then id; a session with an open turn makes its task wait."),
    /** A dispatch makes run, turn, session and link in one step, each task once. */
    Q_3("A dispatch makes run, turn, session and link in one step, each task once."),
    /** A task that its session refuses is blocked with the reason and does not stop the queue. */
    Q_4("A task that its session refuses is blocked with the reason and does not stop the queue."),
    /** The end of a run moves its task in the same step. */
    Q_5("The end of a run moves its task in the same step."),
    /** A failed attempt goes back to pending after the delay while attempts remain. */
    Q_6("A failed attempt goes back to pending after the delay while attempts remain."),
    /** A host's report counts only for the attempt that is due or running, under the id that began it. */
    Q_7("A host's report counts only for the attempt that is due or running, under the id that began it."),
    /** Cancelling a task cancels its run; a task asked to cancel is never tried again. */
    Q_8("Cancelling a task cancels its run; a task asked to cancel is never tried again."),
    /** Statistics and snapshot count what is there at one moment. */
    Q_9("Statistics and snapshot count what is there at one moment."),
    /** Every stored change of a task takes a new, higher version. */
    Q_10("Every stored change of a task takes a new, higher version."),
    /** A take leases pending runs of tasks, then due tasks, by priority, then age, each to one worker. */
    Q_11("A take leases pending runs of tasks, then due tasks, by priority, then age, each to one worker."),
    /** The runs of a task are those that were begun for it, all that are left, oldest first. */
    Q_12("The runs of a task are those that were begun for it, all that are left, oldest first."),
    /** Tasks that are created together are created whole and in their order, or not at all. */
    Q_13("Tasks that are created together are created whole and in their order, or not at all."),
    /** An unclaimed attempt is not spent: its task is due again after its delay or that time; the third in a row blocks it. */
    Q_14(
            "An unclaimed attempt is not spent: its task is due again after its delay or that time; the third in a row blocks it."),
    /** An ended task that is retried is pending under the next number with all its attempts, once per key. */
    Q_15("An ended task that is retried is pending under the next number with all its attempts, once per key."),
    /** A cancel of many cancels each open task of its filter as a cancel of it alone, in steps. */
    Q_16("A cancel of many cancels each open task of its filter as a cancel of it alone, in steps."),
    /** A purge of tasks deletes old ended tasks of which no run is left, with what was read of them. */
    Q_17("A purge of tasks deletes old ended tasks of which no run is left, with what was read of them."),
    /** A creation under the replace key of a task that waits and never began replaces it in place; one that began gave its key up. */
    Q_18(
            "A creation under the replace key of a task that waits and never began replaces it in place; one that began gave its key up."),
    /** A task that has not begun or ended by its deadline is cancelled, its runner asked first, and is not tried again. */
    Q_19(
            "A task that has not begun or ended by its deadline is cancelled, its runner asked first, and is not tried again."),
    /** A schedule is created or changed from now on, the same changes nothing; its name is its owner's. */
    T_1("A schedule is created or changed from now on, the same changes nothing; its name is its owner's."),
    /** The first who advances from what is last makes the next occurrence, its task in the same step; all others change nothing. */
    T_2(
            "The first who advances from what is last makes the next occurrence, its task in the same step; all others change nothing."),
    /** A change, a pause or a deletion withdraws the task of a future occurrence that never began; a pause makes up for nothing. */
    T_3(
            "A change, a pause or a deletion withdraws the task of a future occurrence that never began; a pause makes up for nothing."),
    /** Missed occurrences get one task, all theirs, or none, as the schedule says. */
    T_4("Missed occurrences get one task, all theirs, or none, as the schedule says."),
    /** Evicting, evicted and missing storage refuses new runs and turns; expiry alone refuses nothing. */
    P_1("Evicting, evicted and missing storage refuses new runs and turns; expiry alone refuses nothing."),
    /**
     * Provisioning remembers the claim's name and the namespace's uid before the claim is created, under a new generation.
     */
    P_2(
            "Provisioning remembers the claim's name and the namespace's uid before the claim is created, under a new generation."),
    /** Ready remembers the claim's uid; another uid or generation is refused. */
    P_3("Ready remembers the claim's uid; another uid or generation is refused."),
    /** A refresh changes what it mentions and never the state. */
    P_4("A refresh changes what it mentions and never the state."),
    /** Eviction begins only while no run of the session is open, and for expiry only once it has come. */
    P_5("Eviction begins only while no run of the session is open, and for expiry only once it has come."),
    /** Evicted follows evicting, in the same generation, and nothing else. */
    P_6("Evicted follows evicting, in the same generation, and nothing else."),
    /** Missing is said of a claim that the cluster has lost. */
    P_7("Missing is said of a claim that the cluster has lost."),
    /** Collectors share expired and evicting sessions under short leases, one collector each. */
    P_8("Collectors share expired and evicting sessions under short leases, one collector each."),
    /** Registering a runner inserts or replaces it and keeps its first registration time. */
    J_1("Registering a runner inserts or replaces it and keeps its first registration time."),
    /** A runner job belongs to a command of its run and is saved once per key. */
    J_2("A runner job belongs to a command of its run and is saved once per key."),
    /** Every store knows the backends it starts with; saving one inserts or replaces it. */
    J_3("Every store knows the backends it starts with; saving one inserts or replaces it."),
    /** In a tenant view an id of another owner is as one that nobody has, in every operation, and nothing changes. */
    V_1("In a tenant view an id of another owner is as one that nobody has, in every operation, and nothing changes."),
    /** A view narrows every scope to its own, cursors and views of it included; nothing in common is an empty answer. */
    V_2(
            "A view narrows every scope to its own, cursors and views of it included; nothing in common is an empty answer."),
    /** A view refuses new records of other owners, session ids that others have, and what has no owner. */
    V_3("A view refuses new records of other owners, session ids that others have, and what has no owner."),
    /** A limit counts the tasks of one value, or of each value by itself; the limit of one value stands in place of the one for each. */
    M_1(
            "A limit counts the tasks of one value, or of each value by itself; the limit of one value stands in place of the one for each."),
    /** Of a limit of what runs at once no more attempts are under way than it allows, from their dispatch to the end of their run. */
    M_2(
            "Of a limit of what runs at once no more attempts are under way than it allows, from their dispatch to the end of their run."),
    /** Of a limit of starts no more attempts begin than it allows in any window of its period. */
    M_3("Of a limit of starts no more attempts begin than it allows in any window of its period."),
    /** A dispatch and a take count in their own step towards every limit of the task, or pass the task over; others go before it. */
    M_4(
            "A dispatch and a take count in their own step towards every limit of the task, or pass the task over; others go before it."),
    /** A limit holds from when it is set: attempts under way count, none is ended, and nothing begins before fewer are left than it allows. */
    M_5(
            "A limit holds from when it is set: attempts under way count, none is ended, and nothing begins before fewer are left than it allows."),
    /** The end of a run gives back what it counted in the same step; a release and a recovery for another try do not. */
    M_6(
            "The end of a run gives back what it counted in the same step; a release and a recovery for another try do not."),
    /** Limits are set, read, listed and removed by their key and kind; a limit that is removed holds nothing back. */
    M_7("Limits are set, read, listed and removed by their key and kind; a limit that is removed holds nothing back."),
    /** A question is asked by the run's holder for its acknowledged turn; a repeated key returns the first, with its answer. */
    A_1(
            "A question is asked by the run's holder for its acknowledged turn; a repeated key returns the first, with its answer."),
    /** A question ends once and what ends it first counts; the same answer by the same person, sent again, changes nothing. */
    A_2(
            "A question ends once and what ends it first counts; the same answer by the same person, sent again, changes nothing."),
    /** An answer names one of the question's options if it has some, or declines; who answered is kept. */
    A_3("An answer names one of the question's options if it has some, or declines; who answered is kept."),
    /** A question whose time is over cannot be answered; upkeep ends it, by its fallback or as expired, the longest over first. */
    A_4(
            "A question whose time is over cannot be answered; upkeep ends it, by its fallback or as expired, the longest over first."),
    /** The end of a turn or a run withdraws its open questions in the same change; a purge takes them with the run. */
    A_5("The end of a turn or a run withdraws its open questions in the same change; a purge takes them with the run."),
    /** The end of a question becomes a command for its turn, delivered until it is acknowledged, to the next holder too. */
    A_6(
            "The end of a question becomes a command for its turn, delivered until it is acknowledged, to the next holder too."),
    /** A list of questions shows what its filter shows, before the cut, in its order; text is redacted, answers are not. */
    A_7(
            "A list of questions shows what its filter shows, before the cut, in its order; text is redacted, answers are not."),
    /** A runner parks its acknowledged turn until the questions that it names have ended; where none is open, nothing changes. */
    A_8(
            "A runner parks its acknowledged turn until the questions that it names have ended; where none is open, nothing changes."),
    /** The end of the last question that a run waits for makes it pending in the same step; its turn is delivered with their results. */
    A_9(
            "The end of the last question that a run waits for makes it pending in the same step; its turn is delivered with their results."),
    /** Nobody claims a waiting run; a cancel, an interruption from another run, the host and a deadline end it at once. */
    A_10(
            "Nobody claims a waiting run; a cancel, an interruption from another run, the host and a deadline end it at once."),
    /** A park gives back what the run counts towards limits; the claim after it counts again, or waits where one is full. */
    A_11(
            "A park gives back what the run counts towards limits; the claim after it counts again, or waits where one is full."),
    /** An explanation names the one condition that holds a record, by the rules that move it, and changes nothing. */
    X_1("An explanation names the one condition that holds a record, by the rules that move it, and changes nothing."),
    /** An examination reads within its bounds, finds what breaks a rule or cannot be read, goes on behind it, and changes nothing. */
    X_2(
            "An examination reads within its bounds, finds what breaks a rule or cannot be read, goes on behind it, and changes nothing.");

    private final String sentence;

    Rule(String sentence) {
        this.sentence = sentence;
    }

    /** Returns the number as the documentation writes it, such as {@code L-4}. */
    public String number() {
        return name().replace('_', '-');
    }

    /** Returns what the rule says, in one sentence. */
    public String sentence() {
        return sentence;
    }
}
