package io.agentrun.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.AgentRunStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.NotFoundException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.queue.QueueQuery;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host on PostgreSQL, whose schema {@code public} has a table of its own; one context for all tests. */
@Timeout(120)
class PostgresHostTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static String url;
    private static Host host;

    @BeforeAll
    static void open() {
        url = TestPostgres.newDatabase();
        host = Host.onPostgres(url);
    }

    @AfterAll
    static void close() {
        host.close();
    }

    private static HostApplication.Orders orders() {
        return host.bean(HostApplication.Orders.class);
    }

    private static List<String> titles(String beginning) {
        return host.store().queue().list(QueueQuery.in(TenantScope.all())).items().stream()
                .map(task -> task.title())
                .filter(title -> title.startsWith(beginning))
                .sorted()
                .toList();
    }

    private static List<String> rows(String beginning) {
        return TestPostgres.query(url, "SELECT id FROM orders WHERE id LIKE '" + beginning + "%'");
    }

    @Test
    void a_row_of_the_host_and_a_task_are_committed_together_and_the_agent_works_on_it() {
        QueueTask task = orders().order("both");

        assertThat(rows("both")).containsExactly("both");
        assertThat(titles("both")).containsExactly("both");
        assertThat(Host.ended(host.store(), task.id()).state()).isEqualTo(TaskState.COMPLETED);
    }

    @Test
    void a_transaction_that_throws_leaves_neither() {
        assertThatThrownBy(() -> orders().orderInVain("vain")).hasMessage("no");
        assertThatThrownBy(() -> orders().orderTwice("twice")).isNotNull();

        assertThat(rows("vain")).isEmpty();
        assertThat(titles("vain")).isEmpty();
        assertThat(rows("twice")).isEmpty();
        assertThat(titles("twice")).isEmpty();
    }

    @Test
    void a_transaction_of_its_own_inside_stays_when_the_outer_one_is_rolled_back() {
        assertThatThrownBy(() -> orders().auditAndFail("nested")).hasMessage("no");

        assertThat(titles("nested")).containsExactly("nested audited");
    }

    @Test
    void a_transaction_sees_what_it_has_written_and_others_do_not_until_its_commit() {
        AgentRunStore store = host.store();
        orders().in(() -> {
            QueueTask task = store.queue().create(HostApplication.task("seen"));

            assertThat(store.queue().get(task.id())).isEqualTo(task);
            AgentRunStore outside = host.bean(PostgresAgentRunStore.class);
            assertThatThrownBy(() -> outside.queue().get(task.id())).isInstanceOf(NotFoundException.class);
        });

        assertThat(titles("seen")).hasSize(1);
    }

    @Test
    void a_tenant_view_is_in_the_transaction_too() {
        AgentRunStore view = host.store().within(TenantScope.tenant("tenant"));
        assertThatThrownBy(() -> orders().in(() -> {
                    view.queue().create(HostApplication.task("view"));
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(titles("view")).isEmpty();
        assertThat(view.within(TenantScope.tenant("another"))
                        .queue()
                        .list(QueueQuery.in(TenantScope.all()))
                        .items())
                .isEmpty();
    }

    @Test
    void what_is_refused_in_a_transaction_leaves_it_usable() {
        orders().in(() -> {
            assertThatThrownBy(() -> host.store().runs().get("run_none")).isInstanceOf(AgentRunException.class);
            host.store().queue().create(HostApplication.task("after"));
        });

        assertThat(titles("after")).hasSize(1);
    }

    @Test
    void waiting_in_a_transaction_is_refused() {
        Run run = run();

        assertThatThrownBy(() -> orders().awaitInTransaction(run.id())).isInstanceOf(AgentRunException.class);
    }

    private static Run run() {
        return host.store()
                .runs()
                .create(NewRun.builder(HostApplication.OWNER, RunSpec.of(BackendProfile.DEEPSEEK))
                        .build());
    }

    @Test
    void health_is_up_with_the_schema_that_is_in_place() throws Exception {
        HttpResponse<String> answer = host.get("/actuator/health");
        JsonNode component = JSON.readTree(answer.body()).path("components").path("agentrun");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(component.path("status").asText()).isEqualTo("UP");
        assertThat(component.path("details").path("adapter").asText()).isEqualTo("postgres");
        assertThat(component.path("details").path("migrationId").asText()).isNotEmpty();
    }

    @Test
    void an_error_is_answered_as_a_problem() throws Exception {
        HttpResponse<String> answer = host.get("/runs/run_none");
        JsonNode problem = JSON.readTree(answer.body());

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(problem.path("type").asText()).isEqualTo("urn:agentrun:not-found");
        assertThat(problem.path("retryable").isBoolean()).isTrue();
        assertThat(problem.path("failureKind").asText()).isEqualTo("schema-invalid");
        assertThat(problem.path("details").path("id").asText()).isEqualTo("run_none");
    }

    @Test
    void records_are_answered_and_read_as_json_by_the_mapper_that_spring_has() throws Exception {
        Run run = run();

        assertThat(JSON.readValue(host.get("/runs/" + run.id()).body(), Run.class))
                .isEqualTo(run);
        HttpResponse<String> created = host.post("/tasks", JSON.writeValueAsString(HostApplication.task("by json")));
        assertThat(created.statusCode()).isEqualTo(200);
        QueueTask task = JSON.readValue(created.body(), QueueTask.class);
        assertThat(task.content()).isEqualTo(HostApplication.task("by json").content());
    }

    @Test
    void input_that_is_refused_is_a_bad_request() throws Exception {
        HttpResponse<String> answer = host.get("/runs/" + "x".repeat(300));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(answer.body()).path("type").asText()).isEqualTo("urn:agentrun:invalid-input");
    }

    @Test
    void calls_turns_and_the_queue_are_metered() {
        QueueTask task = orders().order("metered");
        Host.ended(host.store(), task.id());
        MeterRegistry meters = host.bean(MeterRegistry.class);

        assertThat(meters.get("agentrun.store")
                        .tags("call", "queue.create", "code", "none")
                        .timer()
                        .count())
                .isPositive();
        assertThat(meters.get("agentrun.queue.tasks")
                        .tags("queue", "orders", "state", "completed")
                        .gauge()
                        .value())
                .isPositive();
        assertThat(meters.get("agentrun.turn").timers()).isNotEmpty();
    }

    @Test
    void flyway_which_the_store_brings_has_migrated_nothing_of_the_host() {
        assertThat(TestPostgres.query(
                        url, "SELECT tablename FROM pg_tables WHERE tablename LIKE '%schema_history' ORDER BY 1"))
                .containsExactly("agentrun_schema_history");
    }
}
