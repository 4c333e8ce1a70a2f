package io.agentrun.postgres;

import io.agentrun.backend.Entry.MarkKind;
import io.agentrun.backend.PageBytes;
import io.agentrun.command.Command;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitKey;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.internal.db.PageSql;
import io.agentrun.postgres.internal.db.Script;
import io.agentrun.postgres.internal.db.Tx;
import io.agentrun.postgres.internal.query.Crowd;
import io.agentrun.postgres.internal.query.DueQueries;
import io.agentrun.postgres.internal.query.FeedTable;
import io.agentrun.postgres.internal.query.OverdueQueries;
import io.agentrun.postgres.internal.query.QuestionLists;
import io.agentrun.postgres.internal.query.RunLists;
import io.agentrun.postgres.internal.query.SessionQueries;
import io.agentrun.postgres.internal.query.TakeQueries;
import io.agentrun.postgres.internal.query.TaskQueries;
import io.agentrun.postgres.internal.query.TaskStatistics;
import io.agentrun.postgres.internal.query.TaskStatistics.SnapshotRow;
import io.agentrun.postgres.internal.register.BackendTable;
import io.agentrun.postgres.internal.register.RunnerJobTable;
import io.agentrun.postgres.internal.register.RunnerTable;
import io.agentrun.postgres.internal.register.ScheduleReads;
import io.agentrun.postgres.internal.register.SessionMarkTable;
import io.agentrun.postgres.internal.register.TaskMarkTable;
import io.agentrun.postgres.internal.table.CommandQueries;
import io.agentrun.postgres.internal.table.CommandTable;
import io.agentrun.postgres.internal.table.LimitTable;
import io.agentrun.postgres.internal.table.OwnerGuard;
import io.agentrun.postgres.internal.table.QuestionTable;
import io.agentrun.postgres.internal.table.RunColumns;
import io.agentrun.postgres.internal.table.RunTable;
import io.agentrun.postgres.internal.table.SessionTable;
import io.agentrun.postgres.internal.table.TaskTable;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionQuery;
import io.agentrun.queue.DispatchRequest;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueScope;
import io.agentrun.queue.QueueSnapshot;
import io.agentrun.queue.QueueStats;
import io.agentrun.queue.QueueTask;
import io.agentrun.rules.CommandHead;
import io.agentrun.rules.RunHead;
import io.agentrun.rules.limit.LimitSlot;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.runner.Backend;
import io.agentrun.runner.JobQuery;
import io.agentrun.runner.Runner;
import io.agentrun.runner.RunnerJob;
import io.agentrun.session.Session;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/**
 * Reads without a lock; each method is one round trip.
 *
 * <p>Not thread-safe: one thread at a time.
 */
class PostgresReads implements ScheduleReads {

    /** What commands that one of many runs is given may have at least: those that it knows are among them. */
    private static final long LEAST_OF_RUN = 1 << 20;

    private final Tx tx;
    private final OwnerGuard guard;
    private final EventReads events;
    private final Paging paging;
    private final Crowd crowd;

    PostgresReads(Tx tx, OwnerGuard guard, Crowd crowd) {
        this.crowd = crowd;
        this.tx = tx;
        this.guard = guard;
        this.events = new EventReads(tx, guard);
        this.paging = new Paging(tx);
    }

    @Override
    public final Tx tx() {
        return tx;
    }

    /** Returns the statement with the owner of the run of its row. */
    private String ofRun(String sql, String condition, String alias) {
        return guard.child(sql, condition, "agentrun_run_state", "v.run_id = " + alias + ".run_id");
    }

    private String head() {
        return guard.row(RunTable.GET, "r.", "r.id = :run_id");
    }

    private String heads() {
        return guard.row(RunTable.GET_ALL, "r.", RunTable.AMONG);
    }

    /** Returns the first row of the statement. */
    private <T> Optional<T> find(Script script, String sql, RowMapper<T> mapper) {
        Script.Rows<T> rows = script.query(sql, mapper);
        tx.read(script);
        return rows.first();
    }

    /** Returns all rows of the statement that is added to a new script. */
    private <T> List<T> list(Function<Script, Script.Rows<T>> statement) {
        Script script = new Script();
        Script.Rows<T> rows = statement.apply(script);
        tx.read(script);
        tx.skipped(rows.unreadable());
        return rows.readable();
    }

    /** Returns the first rows that can be read; see {@link Paging}. */
    final <T> List<T> list(int limit, Paging.Limited<T> statement) {
        return paging.list(limit, statement);
    }

    private static Script byId(String name, String id) {
        return new Script().bind(name, id);
    }

    private static Script byKey(Owner owner, String idempotencyKey) {
        return new Script()
                .bind("tenant_id", owner.tenantId())
                .bind("project_id", owner.projectId())
                .bind("idempotency_key", idempotencyKey);
    }

    private static Script byKey(String runId, String idempotencyKey) {
        return byId("run_id", runId).bind("idempotency_key", idempotencyKey);
    }

    @Override
    public Optional<Run> findRun(String runId) {
        return find(byId("run_id", runId), RunTable.GET, RunColumns::run);
    }

    @Override
    public Optional<RunHead> findHead(String runId) {
        return find(guard.bind(byId("run_id", runId)), head(), RunColumns::head);
    }

    @Override
    public Optional<Run> findRun(Owner owner, String idempotencyKey) {
        return find(byKey(owner, idempotencyKey), RunTable.BY_KEY, RunColumns::run);
    }

    @Override
    public Optional<Command> findCommand(String commandId) {
        String sql = ofRun(CommandTable.GET, "c.id = :command_id", "c");
        return find(guard.bind(byId("command_id", commandId)), sql, CommandTable::command);
    }

    @Override
    public Optional<Command> findCommand(String runId, String idempotencyKey) {
        String sql = ofRun(CommandTable.BY_KEY, "c.run_id = :run_id", "c");
        return find(guard.bind(byKey(runId, idempotencyKey)), sql, CommandTable::command);
    }

    @Override
    public Optional<Session> findSession(String sessionId) {
        return find(byId("session_id", sessionId), SessionTable.GET, SessionTable::session);
    }

    @Override
    public Optional<QueueTask> findTask(String taskId) {
        return find(byId("task_id", taskId), TaskTable.GET, TaskTable::task);
    }

    @Override
    public Optional<QueueTask> findTask(Owner owner, String idempotencyKey) {
        return find(byKey(owner, idempotencyKey), TaskTable.BY_KEY, TaskTable::task);
    }

    @Override
    public List<QueueTask> findTasks(Owner owner, Collection<String> idempotencyKeys) {
        Script script = new Script()
                .bind("tenant_id", owner.tenantId())
                .bind("project_id", owner.projectId())
                .bindArray("idempotency_keys", "text", idempotencyKeys.toArray());
        Script.Rows<QueueTask> found = script.query(TaskTable.BY_KEYS, TaskTable::task);
        tx.read(script);
        return found.all();
    }

    @Override
    public Optional<Question> findQuestion(String questionId) {
        return find(byId("question_id", questionId), QuestionTable.GET, QuestionTable::question);
    }

    @Override
    public Optional<Question> findQuestion(String runId, String idempotencyKey) {
        return find(byKey(runId, idempotencyKey), QuestionTable.BY_KEY, QuestionTable::question);
    }

    @Override
    public List<Question> questions(QuestionQuery query, List<String> after, int limit) {
        return paging.page(
                limit, PageBytes.QUESTIONS, (script, size) -> QuestionLists.list(script, query, after, size));
    }

    @Override
    public FeedSlice<Question> questionChanges(TenantScope scope, @Nullable String position, int limit) {
        return ChangeFeed.read(tx, FeedTable.QUESTIONS, scope, position, limit);
    }

    @Override
    public Optional<Runner> findRunner(String runnerId) {
        return find(byId("runner_id", runnerId), RunnerTable.GET, RunnerTable::runner);
    }

    @Override
    public Optional<RunnerJob> findJob(String runId, String idempotencyKey) {
        String sql = ofRun(RunnerJobTable.BY_KEY, "j.run_id = :run_id", "j");
        return find(guard.bind(byKey(runId, idempotencyKey)), sql, RunnerJobTable::job);
    }

    @Override
    public Optional<ReadMark> findMark(MarkKind kind, String subjectId, String readerId) {
        Script script = guard.bind(byId("subject_id", subjectId).bind("reader_id", readerId));
        return switch (kind) {
            case SESSION -> find(script, SessionMarkTable.get(guard), SessionMarkTable::mark);
            case TASK -> find(script, TaskMarkTable.get(guard), TaskMarkTable::mark);
        };
    }

    @Override
    public List<Run> runs(RunQuery query, List<String> after, int limit) {
        return paging.page(limit, PageBytes.RUNS, (script, size) -> RunLists.runs(script, query, after, size));
    }

    @Override
    public Optional<List<Run>> runsOfTask(String taskId, List<String> after, int limit) {
        List<Script.Rows<Boolean>> known = new ArrayList<>(1);
        List<Run> runs = paging.page(limit, PageBytes.RUNS, (script, size) -> {
            guard.bind(script).bind("task_id", taskId);
            known.add(script.exists(guard.row(TaskTable.EXISTS, "", "id = :task_id")));
            return RunLists.ofTask(script, after, size);
        });
        return known.get(0).first().map(exists -> runs);
    }

    @Override
    public List<Run> expiredRuns(TenantScope scope, Set<String> without, int limit) {
        return paging.page(limit, PageBytes.RUNS, (script, size) -> RunLists.expired(script, scope, without, size));
    }

    @Override
    public List<Run> overdueRuns(TenantScope scope, Set<String> without, int limit) {
        return paging.page(limit, PageBytes.RUNS, (script, size) -> RunLists.overdue(script, scope, without, size));
    }

    @Override
    public List<Overdue> overdue(int limit) {
        return OverdueQueries.find(tx, limit);
    }

    @Override
    public Optional<List<Command>> commands(String runId, long afterSeq, int limit) {
        List<Script.Rows<Boolean>> known = new ArrayList<>(1);
        List<Command> commands = paging.page(limit, PageBytes.COMMANDS, (script, size) -> {
            guard.bind(script).bind("run_id", runId).bind("after_seq", afterSeq).bind("limit", size);
            known.add(script.exists(guard.row(RunTable.EXISTS, "", "run_id = :run_id")));
            return script.page(CommandQueries.PAGE, CommandQueries.OBJECTS, CommandTable::command);
        });
        return known.get(0).first().map(exists -> commands);
    }

    @Override
    public Optional<Deliverable> deliverable(String runId, int limit) {
        Script script = guard.bind(byId("run_id", runId)).bind("limit", limit).bind("page_bytes", PageSql.MOST);
        Script.Rows<RunHead> run = script.query(head(), RunColumns::head);
        Script.Rows<Command> commands =
                script.page(CommandQueries.DELIVERABLE, CommandQueries.OBJECTS, CommandTable::command);
        tx.read(script);
        tx.skipped(commands.unreadable());
        return run.first().map(found -> new Deliverable(found, commands.readable()));
    }

    @Override
    public Map<String, Deliverable> deliverables(Collection<String> runIds, int limit) {
        Script script = guard.bind(new Script())
                .bindArray("run_ids", "text", runIds.toArray())
                .bind("limit", limit)
                .bind("page_bytes", Math.max(LEAST_OF_RUN, PageSql.MOST / Math.max(1, runIds.size())));
        Script.Rows<RunHead> runs = script.query(heads(), RunColumns::head);
        Script.Rows<Command> commands = script.query(CommandQueries.DELIVERABLE_OF_ALL, CommandTable::command);
        tx.read(script);
        tx.skipped(commands.unreadable());
        Map<String, List<Command>> byRun = commands.readable().stream().collect(Collectors.groupingBy(Command::runId));
        return runs.all().stream()
                .collect(Collectors.toMap(
                        RunHead::id, run -> new Deliverable(run, byRun.getOrDefault(run.id(), List.of()))));
    }

    @Override
    public Map<String, EventSlice> eventsOfAll(Map<String, Long> after, int limit) {
        return events.ofAll(after, limit);
    }

    @Override
    public Optional<EventSlice> events(String runId, long afterSeq, int limit, Visibility visibility) {
        return events.of(runId, afterSeq, limit, visibility);
    }

    @Override
    public Optional<TraceSlice> trace(
            String sessionId, @Nullable String runId, long afterSeq, int limit, Visibility visibility) {
        return events.trace(sessionId, runId, afterSeq, limit, visibility);
    }

    @Override
    public List<SessionSummary> sessions(SessionQuery query, List<String> after, int limit) {
        return paging.page(
                limit, PageBytes.SUMMARIES, (script, size) -> SessionQueries.list(script, query, size, after));
    }

    @Override
    public List<QueueTask> tasks(QueueQuery query, List<String> after, int limit) {
        return paging.page(limit, PageBytes.TASKS, (script, size) -> TaskQueries.list(script, query, size, after));
    }

    @Override
    public FeedSlice<Session> sessionChanges(TenantScope scope, @Nullable String position, int limit) {
        return ChangeFeed.read(tx, FeedTable.SESSIONS, scope, position, limit);
    }

    @Override
    public FeedSlice<QueueTask> taskChanges(TenantScope scope, @Nullable String position, int limit) {
        return ChangeFeed.read(tx, FeedTable.TASKS, scope, position, limit);
    }

    @Override
    public QueueStats stats(QueueScope scope) {
        return list(script -> TaskStatistics.stats(script, scope)).get(0);
    }

    @Override
    public TakeCandidates takeCandidates(DispatchRequest filter, Collection<String> passed, int limit) {
        Both found = both(filter, passed, limit);
        return new TakeCandidates(found.runs().all(), found.due().tasks());
    }

    /** What is due, and the pending runs of tasks: looked at afterwards, so that a task that is dispatched in between is seen as a run. */
    record Both(DueQueries.Found due, Script.Rows<String> runs) {}

    final Both both(DispatchRequest filter, Collection<String> passed, int limit) {
        List<Script.Rows<String>> runs = new ArrayList<>(2);
        DueQueries.Found due = find(filter, passed, limit, script -> runs.add(TakeQueries.pending(script, filter)));
        return new Both(due, runs.get(runs.size() - 1));
    }

    final DueQueries.Found find(DispatchRequest filter, Collection<String> passed, int limit, Consumer<Script> after) {
        return DueQueries.find(this::run, after, filter, limit, passed, crowd);
    }

    /** Executes the statements. */
    void run(Script script) {
        tx.read(script);
    }

    @Override
    public List<RunHead> findHeads(Collection<String> runIds) {
        Script script = guard.bind(new Script()).bindArray("run_ids", "text", runIds.toArray());
        Script.Rows<RunHead> found = script.query(heads(), RunColumns::head);
        tx.read(script);
        return found.all();
    }

    @Override
    public List<Limit> limits(List<String> after, int limit) {
        return list(script -> LimitTable.list(script, after, limit));
    }

    @Override
    public List<Limit> limits(Collection<LimitKey> keys) {
        return list(script -> LimitTable.byKeys(script, keys));
    }

    @Override
    public List<LimitSlot> slots(Collection<LimitKey> values) {
        return list(script -> LimitTable.slots(script, values));
    }

    @Override
    public List<RunnerJob> jobs(String runId, @Nullable String commandId) {
        return list(script -> jobs(guard.bind(script).bind("run_id", runId), commandId));
    }

    private Script.Rows<RunnerJob> jobs(Script script, @Nullable String commandId) {
        String sql = commandId == null ? RunnerJobTable.LIST : RunnerJobTable.LIST_OF_COMMAND;
        if (commandId != null) {
            script.bind("command_id", commandId);
        }
        return script.query(ofRun(sql, "j.run_id = :run_id", "j"), RunnerJobTable::job);
    }

    @Override
    public List<Backend> backends() {
        return list(script -> script.query(BackendTable.LIST, BackendTable::backend));
    }

    @Override
    public Optional<SessionSummary> summary(String sessionId, @Nullable String readerId) {
        return list(script -> SessionQueries.summary(script, sessionId, readerId)).stream()
                .findFirst();
    }

    @Override
    public QueueSnapshot snapshot(QueueScope scope, int items) {
        List<SnapshotRow> rows = list(script -> TaskStatistics.snapshot(script, scope, items));
        List<QueueTask> tasks =
                rows.stream().map(SnapshotRow::task).filter(Objects::nonNull).toList();
        return new QueueSnapshot(rows.get(0).stats(), tasks);
    }

    @Override
    public JobSlice jobs(JobQuery query) {
        Script script = guard.bind(byId("run_id", query.runId()));
        Script.Rows<Boolean> run = script.exists(guard.row(RunTable.EXISTS, "", "run_id = :run_id"));
        String commandId = query.commandId();
        Script.Rows<RunnerJob> jobs = jobs(script, commandId);
        Script.Rows<CommandHead> command =
                commandId == null ? null : script.query(CommandTable.GET_HEAD, CommandTable::head);
        tx.read(script);
        return new JobSlice(run.first().isPresent(), command == null ? null : command.firstOrNull(), jobs.all());
    }
}
