package io.agentrun.postgres.soak;

import com.zaxxer.hikari.HikariDataSource;
import io.agentrun.AgentRunStore;
import io.agentrun.doctor.StoreDoctor;
import io.agentrun.inspect.Bounds;
import io.agentrun.inspect.Diagnosis;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.testing.Everything;
import io.agentrun.postgres.testing.Invariants;
import io.agentrun.postgres.testing.ServerPair;
import io.agentrun.queue.QueueTask;
import io.agentrun.session.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * The soak: two processes live on a synchronous pair of servers, readers read on, and all of them are hurt until the time is over.
 * Then the rest of the work is done, and everything is compared: what was acknowledged, what readers were shown, what must hold in
 * every store.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class Soak {

    private static final int PROCESSES = 2;
    private static final int CONNECTIONS = 8;
    private static final int FAULTS_TOLD = 50;

    /** More records than these are examined by the queries alone. */
    private static final int EXAMINED = 20_000;

    private final SoakPlan plan;
    private final List<String> faults = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();

    private Soak(SoakPlan plan) {
        this.plan = plan;
    }

    /** Runs the program; its properties are {@code soak.seconds}, 120 unless given, and {@code soak.seed}, drawn unless given. */
    public static void main(String[] args) throws Exception {
        String given = System.getProperty("soak.seed", "");
        long seed = given.isEmpty() ? new Random().nextInt(1_000_000) : Long.parseLong(given);
        SoakReport report = run(new SoakPlan(Duration.ofSeconds(Integer.getInteger("soak.seconds", 120)), seed));
        report.faults().stream().limit(FAULTS_TOLD).forEach(System.out::println);
        System.out.println(report.line());
        System.exit(report.faults().isEmpty() ? 0 : 1);
    }

    /** Does as planned; what the processes wrote down is kept if something is wrong. */
    public static SoakReport run(SoakPlan plan) throws Exception {
        Path directory = Files.createTempDirectory("agentrun-soak");
        SoakReport report = new Soak(plan).in(directory);
        if (report.faults().isEmpty()) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } else {
            System.out.println("soak: the journals of the processes are in " + directory);
        }
        return report;
    }

    private SoakReport in(Path directory) throws Exception {
        try (ServerPair servers = ServerPair.start();
                HikariDataSource pool = servers.pool(CONNECTIONS);
                PostgresAgentRunStore store = SoakProcess.store(pool)) {
            servers.makeSynchronous();
            EventTail tail = new EventTail(store, over);
            FeedReader<Session> sessions = new FeedReader<>(
                    cursor -> store.sessions().changes(TenantScope.all(), cursor, 50),
                    Session::id,
                    Session::version,
                    session -> {},
                    over);
            FeedReader<QueueTask> tasks = new FeedReader<>(
                    cursor -> store.queue().changes(TenantScope.all(), cursor, 50),
                    QueueTask::id,
                    QueueTask::version,
                    task -> follow(task, tail),
                    over);
            List<Thread> readers =
                    Stream.of(tail, sessions, tasks).map(Thread::new).toList();
            readers.forEach(Thread::start);

            List<SoakChild> children = new ArrayList<>();
            for (int i = 0; i < PROCESSES; i++) {
                String name = (char) ('a' + i) + "";
                children.add(new SoakChild(servers.url(), directory, name, plan.seed() * PROCESSES + i));
            }
            SoakFaults hurts = new SoakFaults(servers, children, new Random(plan.seed()));
            List<Path> journals = new ArrayList<>(hurt(hurts, children));
            Path last = directory.resolve("drain.journal");
            try (SoakJournal journal = new SoakJournal(last)) {
                new SoakDrain(store, new SoakCalls(journal, over)).drain();
            } catch (AssertionError e) {
                faults.add("what is left cannot be worked off: " + e.getMessage());
            }
            journals.add(last);
            over.set(true);
            for (Thread reader : readers) {
                reader.join();
            }

            SoakJudge judge = new SoakJudge(store, tail);
            for (Path journal : journals) {
                judge.read(journal);
            }
            faults.addAll(judge.judge());
            Everything everything = new Everything(store);
            faults.addAll(sessions.faults(everything.sessions()));
            faults.addAll(tasks.faults(everything.tasks()));
            faults.addAll(tail.faults());
            faults.addAll(Invariants.broken(servers::queryOnPrimary));
            Diagnosis diagnosis = examine(store);
            diagnosis.findings().forEach(finding -> faults.add(finding.toString()));
            return new SoakReport(
                    plan,
                    hurts.done(),
                    judge.counts(),
                    judge.events(),
                    sessions.restarts() + tasks.restarts(),
                    Math.max(sessions.longestGapMillis(), tasks.longestGapMillis()),
                    diagnosis.runs() + diagnosis.sessions() + diagnosis.tasks(),
                    List.copyOf(faults));
        }
    }

    /** Returns the journals of all processes that there were. */
    private List<Path> hurt(SoakFaults hurts, List<SoakChild> children) throws Exception {
        try {
            hurts.goOn(plan.time());
        } finally {
            for (SoakChild child : children) {
                child.stop();
            }
        }
        children.forEach(child -> faults.addAll(child.faults()));
        return children.stream().flatMap(child -> child.journals().stream()).toList();
    }

    private static void follow(QueueTask task, EventTail tail) {
        if (task.latestAttempt() != null && task.latestAttempt().runId() != null) {
            tail.follow(task.latestAttempt().runId());
        }
    }

    private static Diagnosis examine(AgentRunStore store) {
        return StoreDoctor.of(store)
                .within(Bounds.DEFAULTS.withRecords(EXAMINED).withPage(500))
                .examine();
    }
}
