/**
 * The rules of agentrun as pure functions, for authors of stores: given the records as they stand, an input and the
 * time, each returns the {@link io.agentrun.rules.Change} to write, or throws and nothing is written.
 *
 * <p>Start with {@link io.agentrun.rules.RunRules} and {@link io.agentrun.rules.Change}; a store reads a view under its
 * locks, asks the rule, and writes the change as one atom. Views and changes hold the {@link io.agentrun.rules.RunHead}
 * of a stored run and the {@link io.agentrun.rules.CommandHead} of a stored command: no rule reads a specification or a
 * payload except when it creates that record.
 *
 * <table>
 * <caption>The rules by number</caption>
 * <tr><th>rule</th><th>what holds</th></tr>
 * <tr><td>G-1</td><td>Input is checked before anything is read or written, and the error names the field.</td></tr>
 * <tr><td>G-2</td><td>Checks come in this order: input, existence and tenant, replay of a key, fence, terminal, state.</td></tr>
 * <tr><td>G-3</td><td>A call that is refused changes nothing: no record, no version, no event.</td></tr>
 * <tr><td>G-4</td><td>After close every call but health, a waiting one too, ends with StoreClosedException.</td></tr>
 * <tr><td>G-5</td><td>Time is the store's, read once per operation, in microseconds.</td></tr>
 * <tr><td>G-6</td><td>Lists, feeds and statistics show what the tenant scope includes, and nothing else.</td></tr>
 * <tr><td>G-7</td><td>A cursor that this store did not give for this very list is refused.</td></tr>
 * <tr><td>G-8</td><td>Pages follow their order by keys: a record that does not change is shown exactly once.</td></tr>
 * <tr><td>G-9</td><td>A feed shows the latest state of every record changed since its cursor and never misses one.</td></tr>
 * <tr><td>G-10</td><td>A call for many answers for each item, and one that is refused stops none of the others.</td></tr>
 * <tr><td>G-11</td><td>A wait for many runs answers what is new to its caller, and nothing else.</td></tr>
 * <tr><td>G-12</td><td>While the database cannot be reached, each call says so, and what was acknowledged is there afterwards.</td></tr>
 * <tr><td>G-13</td><td>A page ends when its records have more than 8 MiB of JSON, has one at least, and the next one goes on behind it.</td></tr>
 * <tr><td>I-1</td><td>The same key with equal content returns the first record, with other content it is a conflict.</td></tr>
 * <tr><td>I-2</td><td>Callers that use one new key at the same moment get one record.</td></tr>
 * <tr><td>I-3</td><td>A run and a task are found by their owner's key, and by nobody else's.</td></tr>
 * <tr><td>R-1</td><td>A run begins pending, with its session created or touched in the same step.</td></tr>
 * <tr><td>R-2</td><td>A run moves forward only, and a terminal run never changes again.</td></tr>
 * <tr><td>R-3</td><td>The lease holder ends its run; a retry gets the stored record.</td></tr>
 * <tr><td>R-4</td><td>The host ends a pending run without a runner, and no other.</td></tr>
 * <tr><td>R-5</td><td>A pending run is cancelled at once, a leased one only by force; the fence keeps its runner out.</td></tr>
 * <tr><td>R-6</td><td>A graceful cancel of a leased run is a request: the first counts, its runner or its lease's end decides.</td></tr>
 * <tr><td>R-7</td><td>The end of a run ends its open commands, moves its task, and writes terminal_status as the last event.</td></tr>
 * <tr><td>R-8</td><td>A purge deletes old ended runs with all they own, never a session's active or last run, nor the run of the latest attempt of a task that has not ended.</td></tr>
 * <tr><td>R-9</td><td>finishTurn ends the turn, and its run with it unless another turn of the run is open.</td></tr>
 * <tr><td>R-10</td><td>A run says when a runner first claimed it, which never changes, and when it ended.</td></tr>
 * <tr><td>R-11</td><td>A run that has not begun or ended by its deadline fails, its runner asked first; that spends the attempt.</td></tr>
 * <tr><td>C-1</td><td>Commands are numbered from 1 in their run; an ended run, or one asked to cancel, takes none.</td></tr>
 * <tr><td>C-2</td><td>A session has one active turn; later turns wait in order and are not delivered.</td></tr>
 * <tr><td>C-3</td><td>On a busy session a turn is enqueued, refused, or interrupts, as its creator chose.</td></tr>
 * <tr><td>C-4</td><td>A steer or interrupt is for the active turn of its run; without one it is a conflict.</td></tr>
 * <tr><td>C-5</td><td>Await delivers pending deliverable commands in order, again and again until acknowledged.</td></tr>
 * <tr><td>C-6</td><td>Acknowledging delivers a command for good; the first turn sets its run running.</td></tr>
 * <tr><td>C-7</td><td>An acknowledged command ends as its runner reports; a retry gets the stored record.</td></tr>
 * <tr><td>C-8</td><td>The end of an active turn cancels what was pending for it and makes the next turn active.</td></tr>
 * <tr><td>C-9</td><td>The host cancels any open command; a waiting turn leaves the active one alone.</td></tr>
 * <tr><td>L-1</td><td>A fence is its claimer's for one epoch: another epoch, runner or token is refused, also after the end.</td></tr>
 * <tr><td>L-2</td><td>A claim leases a pending run to one runner and begins an epoch.</td></tr>
 * <tr><td>L-3</td><td>A claim under the live holder's id begins an epoch; with a turn begun it is a recovery; another runner is refused.</td></tr>
 * <tr><td>L-4</td><td>A claim of an expired lease recovers first, and is granted only if the run is pending then.</td></tr>
 * <tr><td>L-5</td><td>A release gives the run back with its commands, spends no attempt, and honours a cancel request.</td></tr>
 * <tr><td>L-6</td><td>A heartbeat extends the lease or says why not, and never throws for a lost one.</td></tr>
 * <tr><td>L-7</td><td>claimNext takes the oldest pending run in its filter that does not only wait, each run once.</td></tr>
 * <tr><td>L-8</td><td>Recovery of an expired lease cancels, re-queues or fails the run, for an attempt or a start, and re-checks.</td></tr>
 * <tr><td>L-9</td><td>A lease says until when it holds at least, by the ticker of the process that asked, from when that asked.</td></tr>
 * <tr><td>L-10</td><td>A pending run of which nothing was begun, and which nobody claims within its time, ends unclaimed.</td></tr>
 * <tr><td>E-1</td><td>Events are numbered from 1 without a gap and are never renumbered.</td></tr>
 * <tr><td>E-2</td><td>Only the lease holder or the host appends, a batch in one step, and nothing after the end.</td></tr>
 * <tr><td>E-3</td><td>A page says ended exactly when the run is terminal and no event lies after it.</td></tr>
 * <tr><td>E-4</td><td>Events, messages, titles, threads, session metadata, attempt details and what runners and backends report are stored redacted; turns, task payloads and specs are not.</td></tr>
 * <tr><td>E-5</td><td>Await returns as soon as there is something to see, and by its timeout at the latest.</td></tr>
 * <tr><td>E-6</td><td>A backend_status with a phase of the store's own is the store's; nobody else appends one.</td></tr>
 * <tr><td>E-7</td><td>A numbered batch that is repeated returns what it stored; an older one, or the same with other events, is refused.</td></tr>
 * <tr><td>S-1</td><td>A session belongs to one tenant and project for ever; any other is refused.</td></tr>
 * <tr><td>S-2</td><td>An upsert changes what it mentions and keeps the rest; nothing new takes no version.</td></tr>
 * <tr><td>S-3</td><td>A turn sets its session running and names it; an enqueued one only counts.</td></tr>
 * <tr><td>S-4</td><td>The end of the active turn or run runs the next turn or makes the session terminal; no other end does.</td></tr>
 * <tr><td>S-5</td><td>A reported thread and its last turn are remembered, and nothing else.</td></tr>
 * <tr><td>S-6</td><td>A read mark moves forward only, to a version that exists.</td></tr>
 * <tr><td>S-7</td><td>A list shows the sessions that its filter shows, before the page is cut.</td></tr>
 * <tr><td>S-8</td><td>A trace shows all events of one run of the session, an output the visible ones, filtered before the cut.</td></tr>
 * <tr><td>S-9</td><td>Every stored change of a session takes a new, higher version.</td></tr>
 * <tr><td>S-10</td><td>What a session remembers is forgotten only by who names it; an expected version that is not the session's is refused.</td></tr>
 * <tr><td>S-11</td><td>A run keeps its backend and a session its own: a run in it may have another one, and only an upsert changes the session's.</td></tr>
 * <tr><td>S-12</td><td>A purge of sessions deletes old idle or terminal ones without a volume and a task to do, with their ended runs; the id is new then.</td></tr>
 * <tr><td>Q-1</td><td>A task begins pending, with what it was given.</td></tr>
 * <tr><td>Q-2</td><td>Due tasks are dispatched by priority, then age, then id; a session with an open turn makes its task wait.</td></tr>
 * <tr><td>Q-3</td><td>A dispatch makes run, turn, session and link in one step, each task once.</td></tr>
 * <tr><td>Q-4</td><td>A task that its session refuses is blocked with the reason and does not stop the queue.</td></tr>
 * <tr><td>Q-5</td><td>The end of a run moves its task in the same step.</td></tr>
 * <tr><td>Q-6</td><td>A failed attempt goes back to pending after the delay while attempts remain.</td></tr>
 * <tr><td>Q-7</td><td>A host's report counts only for the attempt that is due or running, under the id that began it.</td></tr>
 * <tr><td>Q-8</td><td>Cancelling a task cancels its run; a task asked to cancel is never tried again.</td></tr>
 * <tr><td>Q-9</td><td>Statistics and snapshot count what is there at one moment.</td></tr>
 * <tr><td>Q-10</td><td>Every stored change of a task takes a new, higher version.</td></tr>
 * <tr><td>Q-11</td><td>A take leases pending runs of tasks, then due tasks, by priority, then age, each to one worker.</td></tr>
 * <tr><td>Q-12</td><td>The runs of a task are those that were begun for it, all that are left, oldest first.</td></tr>
 * <tr><td>Q-13</td><td>Tasks that are created together are created whole and in their order, or not at all.</td></tr>
 * <tr><td>Q-14</td><td>An unclaimed attempt is not spent: its task is due again after its delay or that time; the third in a row blocks it.</td></tr>
 * <tr><td>Q-15</td><td>An ended task that is retried is pending under the next number with all its attempts, once per key.</td></tr>
 * <tr><td>Q-16</td><td>A cancel of many cancels each open task of its filter as a cancel of it alone, in steps.</td></tr>
 * <tr><td>Q-17</td><td>A purge of tasks deletes old ended tasks of which no run is left, with what was read of them.</td></tr>
 * <tr><td>Q-18</td><td>A creation under the replace key of a task that waits and never began replaces it in place; one that began gave its key up.</td></tr>
 * <tr><td>Q-19</td><td>A task that has not begun or ended by its deadline is cancelled, its runner asked first, and is not tried again.</td></tr>
 * <tr><td>T-1</td><td>A schedule is created or changed from now on, the same changes nothing; its name is its owner's.</td></tr>
 * <tr><td>T-2</td><td>The first who advances from what is last makes the next occurrence, its task in the same step; all others change nothing.</td></tr>
 * <tr><td>T-3</td><td>A change, a pause or a deletion withdraws the task of a future occurrence that never began; a pause makes up for nothing.</td></tr>
 * <tr><td>T-4</td><td>Missed occurrences get one task, all theirs, or none, as the schedule says.</td></tr>
 * <tr><td>P-1</td><td>Evicting, evicted and missing storage refuses new runs and turns; expiry alone refuses nothing.</td></tr>
 * <tr><td>P-2</td><td>Provisioning remembers the claim's name and the namespace's uid before the claim is created, under a new generation.</td></tr>
 * <tr><td>P-3</td><td>Ready remembers the claim's uid; another uid or generation is refused.</td></tr>
 * <tr><td>P-4</td><td>A refresh changes what it mentions and never the state.</td></tr>
 * <tr><td>P-5</td><td>Eviction begins only while no run of the session is open, and for expiry only once it has come.</td></tr>
 * <tr><td>P-6</td><td>Evicted follows evicting, in the same generation, and nothing else.</td></tr>
 * <tr><td>P-7</td><td>Missing is said of a claim that the cluster has lost.</td></tr>
 * <tr><td>P-8</td><td>Collectors share expired and evicting sessions under short leases, one collector each.</td></tr>
 * <tr><td>J-1</td><td>Registering a runner inserts or replaces it and keeps its first registration time.</td></tr>
 * <tr><td>J-2</td><td>A runner job belongs to a command of its run and is saved once per key.</td></tr>
 * <tr><td>J-3</td><td>Every store knows the backends it starts with; saving one inserts or replaces it.</td></tr>
 * <tr><td>V-1</td><td>In a tenant view an id of another owner is as one that nobody has, in every operation, and nothing changes.</td></tr>
 * <tr><td>V-2</td><td>A view narrows every scope to its own, cursors and views of it included; nothing in common is an empty answer.</td></tr>
 * <tr><td>V-3</td><td>A view refuses new records of other owners, session ids that others have, and what has no owner.</td></tr>
 * <tr><td>M-1</td><td>A limit counts the tasks of one value, or of each value by itself; the limit of one value stands in place of the one for each.</td></tr>
 * <tr><td>M-2</td><td>Of a limit of what runs at once no more attempts are under way than it allows, from their dispatch to the end of their run.</td></tr>
 * <tr><td>M-3</td><td>Of a limit of starts no more attempts begin than it allows in any window of its period.</td></tr>
 * <tr><td>M-4</td><td>A dispatch and a take count in their own step towards every limit of the task, or pass the task over; others go before it.</td></tr>
 * <tr><td>M-5</td><td>A limit holds from when it is set: attempts under way count, none is ended, and nothing begins before fewer are left than it allows.</td></tr>
 * <tr><td>M-6</td><td>The end of a run gives back what it counted in the same step; a release and a recovery for another try do not.</td></tr>
 * <tr><td>M-7</td><td>Limits are set, read, listed and removed by their key and kind; a limit that is removed holds nothing back.</td></tr>
 * <tr><td>A-1</td><td>A question is asked by the run's holder for its acknowledged turn; a repeated key returns the first, with its answer.</td></tr>
 * <tr><td>A-2</td><td>A question ends once and what ends it first counts; the same answer by the same person, sent again, changes nothing.</td></tr>
 * <tr><td>A-3</td><td>An answer names one of the question's options if it has some, or declines; who answered is kept.</td></tr>
 * <tr><td>A-4</td><td>A question whose time is over cannot be answered; upkeep ends it, by its fallback or as expired, the longest over first.</td></tr>
 * <tr><td>A-5</td><td>The end of a turn or a run withdraws its open questions in the same change; a purge takes them with the run.</td></tr>
 * <tr><td>A-6</td><td>The end of a question becomes a command for its turn, delivered until it is acknowledged, to the next holder too.</td></tr>
 * <tr><td>A-7</td><td>A list of questions shows what its filter shows, before the cut, in its order; text is redacted, answers are not.</td></tr>
 * <tr><td>A-8</td><td>A runner parks its acknowledged turn until the questions that it names have ended; where none is open, nothing changes.</td></tr>
 * <tr><td>A-9</td><td>The end of the last question that a run waits for makes it pending in the same step; its turn is delivered with their results.</td></tr>
 * <tr><td>A-10</td><td>Nobody claims a waiting run; a cancel, an interruption from another run, the host and a deadline end it at once.</td></tr>
 * <tr><td>A-11</td><td>A park gives back what the run counts towards limits; the claim after it counts again, or waits where one is full.</td></tr>
 * <tr><td>X-1</td><td>An explanation names the one condition that holds a record, by the rules that move it, and changes nothing.</td></tr>
 * <tr><td>X-2</td><td>An examination reads within its bounds, finds what breaks a rule or cannot be read, goes on behind it, and changes nothing.</td></tr>
 * </table>
 */
@NullMarked
package io.agentrun.rules;

import org.jspecify.annotations.NullMarked;
