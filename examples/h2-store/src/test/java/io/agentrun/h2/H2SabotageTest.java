package io.agentrun.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.JsonObject;
import io.agentrun.json.Redactor;
import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.AwaitSuite;
import io.agentrun.tck.suite.ClaimNextSuite;
import io.agentrun.tck.suite.CrossingSuite;
import io.agentrun.tck.suite.DispatchSuite;
import io.agentrun.tck.suite.EventSuite;
import io.agentrun.tck.suite.FenceSuite;
import io.agentrun.tck.suite.MomentSuite;
import io.agentrun.tck.suite.QueueSuite;
import io.agentrun.tck.suite.RaceSuite;
import io.agentrun.tck.suite.RecoverySuite;
import io.agentrun.tck.suite.RunListSuite;
import io.agentrun.tck.suite.RunSuite;
import io.agentrun.tck.suite.SessionChangesSuite;
import io.agentrun.tck.suite.StorageClaimSuite;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What the kit says of this store when it is broken; each line names the test that must find it. */
class H2SabotageTest {

    private static final UnaryOperator<String> WHOLE = UnaryOperator.identity();

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> what_is_broken_is_found() {
        return Stream.of(
                sabotage(
                        "lost update: nobody locks, and what was read too early is written back",
                        () -> broken(H2SabotageTest::noLock),
                        CrossingSuite.class,
                        "finishing_a_turn_crosses_a_cancel_request"),
                sabotage(
                        "missing lock: one of the two instances does not lock",
                        () -> broken(WHOLE, H2SabotageTest::noLock),
                        RaceSuite.class,
                        "of_several_claimers_one_gets_the_lease"),
                sabotage(
                        "wrong tie-break: of tasks of one moment the highest id is dispatched first",
                        () -> broken(sql -> highestIdFirst(sql, "ORDER BY priority DESC, created_at")),
                        DispatchSuite.class,
                        "of_tasks_made_at_one_moment_the_order_is_that_of_the_list"),
                sabotage(
                        "wrong tie-break, in claimNext",
                        () -> broken(sql -> highestIdFirst(sql, "ORDER BY status, created_at")),
                        ClaimNextSuite.class,
                        "the_oldest_run_comes_first_and_each_comes_once"),
                sabotage(
                        "the clock of the host: one of the two instances has a time of its own",
                        () -> broken(WHOLE, sql -> sql.equals(Table.CLOCK) ? "SELECT CURRENT_TIMESTAMP(6)" : sql),
                        MomentSuite.class,
                        "time_moves_for_both_instances_and_never_back"),
                sabotage(
                        "no fence on one write: a runner appends as the host does",
                        () -> new Unfenced(H2Fixture.inMemory()),
                        FenceSuite.class,
                        "a_recovery_ends_the_epoch_for_every_write"),
                sabotage(
                        "< for <=: a lease that is over at this moment is not listed",
                        () -> broken(sql -> sql.replace("lease_until <= ?", "lease_until < ?")),
                        RecoverySuite.class,
                        "a_lease_is_listed_once_it_has_run_out_and_not_before"),
                sabotage(
                        "< for <=: a session that expires at this moment is not collected",
                        () -> broken(sql -> sql.replace("expires_at <= ?", "expires_at < ?")),
                        StorageClaimSuite.class,
                        "an_expiry_and_a_lease_that_end_now_have_ended"),
                sabotage(
                        "feed by sequence only: versions are taken before the lock",
                        EarlyVersions::fixture,
                        SessionChangesSuite.class,
                        "a_reader_that_follows_the_feed_while_others_write_misses_nothing"),
                sabotage(
                        "filter after the page: the list is cut first",
                        () -> broken(H2SabotageTest::cutFirst),
                        RunListSuite.class,
                        "the_filter_works_before_the_page_is_cut"),
                sabotage(
                        "redaction skipped in arrays",
                        H2SabotageTest::flat,
                        EventSuite.class,
                        "secrets_in_payloads_are_not_stored_at_any_depth_and_in_arrays"),
                sabotage(
                        "key scope too wide: a run's key is looked for in all projects of the tenant",
                        () -> broken(sql -> sql.replace("project = ? AND idem", "? <> '' AND idem")),
                        RunSuite.class,
                        "a_key_belongs_to_its_tenant_and_project_and_no_key_means_another_run"),
                sabotage(
                        "key scope too wide, for tasks",
                        () -> broken(sql -> sql.replace("project = ? AND idem", "? <> '' AND idem")),
                        QueueSuite.class,
                        "a_key_is_its_project_s_own_and_tasks_without_one_are_never_the_same"));
    }

    @Test
    void on_a_file_it_is_whole() {
        assertThat(KitOnTrial.failures(() -> H2Fixture.onFile(directory), AwaitSuite.class))
                .isEmpty();
    }

    private static DynamicTest sabotage(String what, Supplier<StoreFixture> stores, Class<?> suite, String test) {
        return DynamicTest.dynamicTest(
                what, () -> assertThat(KitOnTrial.failures(stores, suite, test)).containsOnlyKeys(test));
    }

    private static H2Fixture broken(UnaryOperator<String> both) {
        return broken(both, both);
    }

    private static H2Fixture broken(UnaryOperator<String> first, UnaryOperator<String> second) {
        String name = H2Fixture.newName();
        return H2Fixture.of(
                H2AgentRunStore.inMemory(name).statements(first),
                H2AgentRunStore.inMemory(name).statements(second));
    }

    private static H2Fixture flat() {
        String name = H2Fixture.newName();
        Redactor redactor = new FlatRedactor();
        return H2Fixture.of(
                H2AgentRunStore.inMemory(name).redactor(redactor),
                H2AgentRunStore.inMemory(name).redactor(redactor));
    }

    private static String noLock(String sql) {
        return sql.replace(" FOR UPDATE", "");
    }

    /** Where ids alone are read, which is where candidates are: of those with one time, the highest id first. */
    private static String highestIdFirst(String sql, String order) {
        return sql.startsWith("SELECT id") ? sql.replace(order + ", id", order + ", id DESC") : sql;
    }

    /** Takes the condition on the status out of the list of runs and lays it around it. */
    private static String cutFirst(String sql) {
        String filter = " AND status = ?";
        if (!sql.startsWith("SELECT document FROM runs WHERE TRUE") || !sql.contains(filter + " ORDER BY")) {
            return sql;
        }
        int[] number = {0};
        String numbered = Pattern.compile("\\?").matcher(sql).replaceAll(hole -> "?" + ++number[0]);
        String numberedFilter = filter + number[0];
        return "SELECT document FROM ("
                + numbered.replace("document", "document, status").replace(numberedFilter, "")
                + ") WHERE TRUE"
                + numberedFilter;
    }

    /** Leaves arrays at the top of a payload as they are. */
    private static final class FlatRedactor implements Redactor {
        @Override
        public JsonObject redact(JsonObject payload) {
            JsonObject redacted = Redactor.standard().redact(payload);
            for (String key : payload.keys()) {
                if (payload.list(key).isPresent()) {
                    redacted = redacted.with(key, payload.list(key).orElseThrow());
                }
            }
            return redacted;
        }

        @Override
        public String redact(String text) {
            return Redactor.standard().redact(text);
        }
    }
}
