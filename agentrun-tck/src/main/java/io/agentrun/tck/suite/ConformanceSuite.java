package io.agentrun.tck.suite;

import io.agentrun.AgentRunStore;
import io.agentrun.event.RunEvent;
import io.agentrun.run.Run;
import io.agentrun.session.Session;
import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.StoreFixture.Persistence;
import io.agentrun.tck.StoreFixture.Reach;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What all suites share: a fresh fixture for every test, closed afterwards. Before it is closed, its store is examined for what
 * must never be in one ({@link io.agentrun.doctor.StoreDoctor}).
 *
 * <p>{@link StoreConformance} nests every suite of {@link Suites#all()}, and an adapter extends it; a suite that runs without
 * its siblings fails, so that none is left out silently.
 *
 * <p>Not thread-safe: one thread at a time.
 */
@ExtendWith({KitReport.class, AdapterOfSuite.class})
public abstract class ConformanceSuite {

    private @Nullable StoreConformance adapter;
    private boolean examined;
    private @Nullable StoreFixture fixture;
    private @Nullable Given given;
    private String storeName = "";
    private List<String> declarations = List.of();

    /** For the suites of the kit. */
    ConformanceSuite() {}

    /** Sets the adapter's test class, which gives the fixtures, and whether stores are examined after tests; called by {@link AdapterOfSuite} before each test. */
    final void adapter(StoreConformance given, boolean examined) {
        this.adapter = given;
        this.examined = examined;
    }

    /** A fixture on empty data, of the adapter's test class; the suite closes it. */
    protected StoreFixture createFixture(TestInfo test) {
        return Objects.requireNonNull(adapter, "a suite is nested in a StoreConformance")
                .createFixture(test);
    }

    @BeforeAll
    static void all_suites_of_the_kit_are_run(TestInfo test) {
        Suites.requireComplete(test.getTestClass().orElseThrow());
    }

    @BeforeEach
    final void openFixture(TestInfo test) {
        fixture = createFixture(test);
        storeName = fixture().name();
        declarations = List.copyOf(fixture().declarations());
        fixture().freeze();
    }

    @AfterEach
    final void closeFixture() {
        StoreFixture open = fixture;
        fixture = null;
        given = null;
        if (open == null) {
            return;
        }
        try {
            if (examined) {
                Health.check(open);
            }
        } finally {
            open.close();
        }
    }

    /** What the last fixture called its store. */
    final String storeName() {
        return storeName;
    }

    /** What the last fixture declared. */
    final List<String> declarations() {
        return declarations;
    }

    final StoreFixture fixture() {
        return Objects.requireNonNull(fixture, "createFixture returned null");
    }

    final AgentRunStore store() {
        return fixture().store();
    }

    final AgentRunStore second() {
        return fixture().second();
    }

    final void advance(Duration by) {
        fixture().advance(by);
    }

    /** Closes both instances and opens two new ones; {@link #given()} and {@link #watch()} then work on the new ones. */
    final Persistence reopen() {
        Persistence persistence = fixture().reopen();
        given = null;
        if (persistence == Persistence.NOTHING_KEPT) {
            List<String> more = new ArrayList<>(declarations);
            more.add("keeps nothing when it is closed");
            declarations = List.copyOf(more);
        }
        return persistence;
    }

    /** Takes the database away from both instances; the report repeats that a store is always there. */
    final Reach cutOff() {
        Reach reach = fixture().cutOff();
        if (reach == Reach.ALWAYS_THERE) {
            List<String> more = new ArrayList<>(declarations);
            more.add("cannot lose its database");
            declarations = List.copyOf(more);
        }
        return reach;
    }

    /** Records in the states that tests begin with, made through {@link #store()}; the same one throughout a test. */
    final Given given() {
        if (given == null) {
            given = new Given(store());
        }
        return given;
    }

    /** Records that must not change. */
    final Watch watch() {
        return Watch.on(store());
    }

    /** The session of a run that has one, as it is now. */
    final Session sessionOf(Run run) {
        return store().sessions().get(Objects.requireNonNull(run.sessionId(), "the run has no session"));
    }

    /** All events of a run, by number. */
    final List<RunEvent> events(String runId) {
        return Watch.events(store(), runId);
    }

    /**
     * What the events of a run say, in order: the phase of a status event, the type of any other.
     */
    final List<String> phases(String runId) {
        return events(runId).stream()
                .map(event ->
                        event.payload().string("phase").orElse(event.type().wire()))
                .toList();
    }

    /** The last event of a run. */
    final RunEvent lastEvent(String runId) {
        List<RunEvent> all = events(runId);
        return all.get(all.size() - 1);
    }
}
