package io.agentrun.k8s.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.AgentRunStore;
import io.agentrun.error.FailureKind;
import io.agentrun.error.InvalidInputException;
import io.agentrun.event.EventType;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.InstanceNames;
import io.agentrun.k8s.job.EnvValue;
import io.agentrun.k8s.job.JobTemplate;
import io.agentrun.k8s.job.JobTrouble;
import io.agentrun.k8s.job.RunnerContainer;
import io.agentrun.k8s.job.RunnerJobLauncher;
import io.agentrun.k8s.job.RunnerRescue;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import io.agentrun.k8s.kubectl.memory.ClusterCall;
import io.agentrun.k8s.kubectl.memory.Fault;
import io.agentrun.k8s.kubectl.memory.InMemoryCluster;
import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;
import io.agentrun.k8s.object.ContainerView;
import io.agentrun.k8s.object.JobView;
import io.agentrun.k8s.object.PodState;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TraceContext;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import io.agentrun.run.RunStatus;
import io.agentrun.worker.Agent;
import io.agentrun.worker.AgentWorker;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker whose agents are Jobs of a cluster in memory; the node's part is played by the test. */
@Timeout(120)
class JobAgentTest {

    private static final InstanceNames NAMES = InstanceNames.of("tests");

    private final InMemoryKubectlHandler kubectl = InMemoryKubectlHandler.create();
    private final InMemoryCluster cluster = kubectl.cluster();
    private final AgentRunStore store = InMemoryAgentRunStore.create();
    private final JobAgent agent = JobAgent.of(
                    new RunnerJobLauncher(
                            store,
                            kubectl,
                            NAMES,
                            JobTemplate.builder(
                                            "default",
                                            RunnerContainer.builder("image").build())
                                    .build()),
                    turn -> Map.of("PROMPT", EnvValue.of(turn.prompt())))
            .lookingEvery(Duration.ofMillis(5));

    @AfterEach
    void close() {
        store.close();
    }

    private AgentWorker worker() {
        return worker(1);
    }

    private AgentWorker worker(int slots) {
        return AgentWorker.builder(store, "host")
                .slots(slots)
                .lease(Duration.ofHours(1))
                .stopGrace(Duration.ofSeconds(30))
                .agent(agent)
                .start();
    }

    private QueueTask task(String prompt) {
        return store.queue()
                .create(NewQueueTask.builder(new Owner("t", "p"), "q", "T", RunSpec.of(BackendProfile.CODEX))
                        .payload(JsonObject.of("prompt", prompt))
                        .build());
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private JobView job() {
        until(() -> !cluster.jobs().isEmpty());
        return cluster.jobs().get(0);
    }

    private void logs(JobView job, String text) {
        cluster.pods().stream()
                .filter(pod -> job.meta().uid().equals(pod.ownerUid()))
                .forEach(pod -> cluster.log(pod.meta().ref(), text));
    }

    private Outcome outcome(QueueTask task) {
        until(() -> store.queue().get(task.id()).state().terminal());
        Outcome outcome = store.queue().get(task.id()).outcome();
        assertThat(outcome).isNotNull();
        return outcome;
    }

    private List<String> output() {
        Run run = store.runs().list(RunQuery.in(TenantScope.all())).items().get(0);
        return store.events().list(run.id(), 0, 500).items().stream()
                .filter(event -> event.type() == EventType.COMMAND_OUTPUT)
                .map(event -> event.payload().string("text").orElse(""))
                .toList();
    }

    @Test
    void the_log_becomes_output_and_the_end_of_the_job_is_that_of_the_turn() {
        try (AgentWorker worker = worker()) {
            QueueTask task = task("fix it");
            JobView job = job();
            cluster.startJob(job.meta().ref());
            logs(job, "one\n");
            until(() -> output().equals(List.of("one")));
            logs(job, "one\ntwo\n");
            cluster.completeJob(job.meta().ref());

            assertThat(outcome(task)).isEqualTo(Outcome.completed());
            assertThat(output()).containsExactly("one", "two");
            assertThat(cluster.jobs()).hasSize(1);
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_job_learns_the_trace_of_its_turn() {
        TraceContext below = new TraceContext("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01", "vendor=1");
        Agent observed = turn -> {
            turn.traceBy(() -> Optional.of(below));
            return agent.run(turn);
        };
        try (AgentWorker worker =
                AgentWorker.builder(store, "host").agent(observed).start()) {
            QueueTask task = task("fix it");
            JobView job = job();

            assertThat(cluster.manifest(job.meta().ref()).toJson())
                    .contains("{\"name\":\"TRACEPARENT\",\"value\":\"" + below.traceparent() + "\"}")
                    .contains("{\"name\":\"TRACESTATE\",\"value\":\"vendor=1\"}")
                    .contains("{\"name\":\"PROMPT\",\"value\":\"fix it\"}");
            cluster.startJob(job.meta().ref());
            cluster.completeJob(job.meta().ref());
            assertThat(outcome(task)).isEqualTo(Outcome.completed());
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_job_that_fails_fails_the_turn_and_one_that_is_gone_is_a_matter_of_the_infrastructure() {
        try (AgentWorker worker = worker()) {
            QueueTask bad = task("bad");
            cluster.startJob(job().meta().ref());
            cluster.failJob(job().meta().ref());
            assertThat(outcome(bad).message()).contains("failed");
            cluster.removeJob(job().meta().ref());

            QueueTask lost = task("lost");
            cluster.startJob(job().meta().ref());
            cluster.removeJob(job().meta().ref());

            assertThat(outcome(lost).failureKind()).isEqualTo(FailureKind.INFRA_FAILED);
            assertThat(outcome(lost).message()).contains("is gone");
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_cluster_that_cannot_be_asked_for_a_while_is_asked_again() {
        cluster.inject(new Fault("create jobs.batch", Reason.UNAVAILABLE, Fault.Moment.BEFORE, 3));
        try (AgentWorker worker = worker()) {
            QueueTask task = task("patient");
            JobView job = job();
            cluster.startJob(job.meta().ref());
            cluster.inject(new Fault("get jobs.batch", Reason.UNAVAILABLE, Fault.Moment.BEFORE, 5));
            cluster.inject(new Fault("get pods/log", Reason.TIMEOUT, Fault.Moment.BEFORE, 2));
            logs(job, "said\n");
            until(() -> output().equals(List.of("said")));
            cluster.completeJob(job.meta().ref());

            assertThat(outcome(task)).isEqualTo(Outcome.completed());
            assertThat(output()).containsExactly("said");
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_parked_turn_has_no_job_and_another_one_when_it_goes_on() {
        Agent asking = Agent.resuming(turn -> {
            TurnResult looked = agent.run(turn);
            if (turn.resumed().isEmpty()) {
                turn.ask(NewQuestion.of("go on?"));
            }
            return looked;
        });
        try (AgentWorker worker = AgentWorker.builder(store, "host")
                .parkAfter(Duration.ZERO)
                .agent(asking)
                .start()) {
            QueueTask task = task("ask");
            JobView first = job();
            cluster.startJob(first.meta().ref());
            cluster.completeJob(first.meta().ref());
            RunQuery waiting = RunQuery.in(TenantScope.all()).withStatus(RunStatus.WAITING);
            until(() -> !store.runs().list(waiting).items().isEmpty());
            cluster.removeJob(first.meta().ref());
            assertThat(cluster.jobs()).isEmpty();
            QuestionQuery inbox = QuestionQuery.in(TenantScope.all()).withState(QuestionState.OPEN);
            store.questions()
                    .answer(store.questions().list(inbox).items().get(0).id(), Reply.text("yes"), "ann");
            JobView second = job();
            cluster.startJob(second.meta().ref());
            cluster.completeJob(second.meta().ref());

            assertThat(outcome(task)).isEqualTo(Outcome.completed());
            assertThat(second.meta().ref()).isNotEqualTo(first.meta().ref());
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_job_that_cannot_be_launched_fails_the_turn_and_says_why() {
        cluster.deny("create jobs.batch");
        try (AgentWorker worker = worker()) {
            QueueTask task = task("refused");

            assertThat(outcome(task).failureKind()).isEqualTo(FailureKind.INFRA_FAILED);
            assertThat(outcome(task).message()).startsWith("cannot start a Job: ");
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_cancel_deletes_the_job_also_when_the_cluster_is_away_for_a_while() {
        try (AgentWorker worker = worker()) {
            QueueTask task = task("endless");
            cluster.startJob(job().meta().ref());
            cluster.inject(new Fault("delete jobs.batch", Reason.UNAVAILABLE, Fault.Moment.BEFORE, 2));

            store.queue().cancel(task.id(), "changed my mind");

            assertThat(outcome(task).message()).isEqualTo("changed my mind");
            assertThat(store.queue().get(task.id()).state()).isEqualTo(TaskState.CANCELLED);
            assertThat(cluster.jobs()).isEmpty();
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void a_close_deletes_the_job_and_gives_the_run_back() {
        AgentWorker worker = worker();
        task("held");
        cluster.startJob(job().meta().ref());

        worker.close(Duration.ZERO);

        assertThat(cluster.jobs()).isEmpty();
        assertThat(store.runs().list(RunQuery.in(TenantScope.all())).items())
                .singleElement()
                .satisfies(run -> assertThat(run.lease()).isEmpty());
    }

    @Test
    void all_jobs_of_a_worker_are_looked_at_together() {
        try (AgentWorker worker = worker(3)) {
            List<QueueTask> tasks = List.of(task("a"), task("b"), task("c"));
            until(() -> cluster.jobs().size() == 3);
            cluster.forgetCalls();
            for (JobView job : cluster.jobs()) {
                cluster.startJob(job.meta().ref());
                logs(job, "said\n");
                cluster.completeJob(job.meta().ref());
            }

            tasks.forEach(task -> assertThat(outcome(task)).isEqualTo(Outcome.completed()));

            // Each Job is in the lists; none is asked for by itself, and its log is read once or twice.
            assertThat(cluster.calls())
                    .extracting(ClusterCall::permission)
                    .doesNotContain("get jobs.batch")
                    .filteredOn("get pods/log"::equals)
                    .hasSizeBetween(3, 6);
            assertThat(worker).isNotNull();
        }
    }

    @Test
    void what_keeps_a_job_from_starting_is_an_event_with_what_a_person_can_do() {
        try (AgentWorker worker = worker()) {
            QueueTask task = task("x");
            JobView job = job();
            until(() -> !cluster.pods().isEmpty());
            ContainerView waiting = new ContainerView(
                    "runner", ContainerView.State.WAITING, "ImagePullBackOff", "Back-off pulling image", null);
            cluster.podState(
                    cluster.pods().get(0).meta().ref(), new PodState("Pending", "node-1", List.of(), List.of(waiting)));

            until(() -> errors().size() == 1);

            assertThat(errors().get(0))
                    .contains(job.meta().ref().name(), "image: ImagePullBackOff: Back-off pulling image")
                    .contains(JobTrouble.Kind.IMAGE.advice());
            cluster.startJob(job.meta().ref());
            cluster.completeJob(job.meta().ref());
            assertThat(outcome(task)).isEqualTo(Outcome.completed());
            assertThat(errors()).hasSize(1);
            assertThat(worker).isNotNull();
        }
    }

    private List<String> errors() {
        Run run = store.runs().list(RunQuery.in(TenantScope.all())).items().get(0);
        return store.events().list(run.id(), 0, 500).items().stream()
                .filter(event -> event.type() == EventType.ERROR)
                .map(event -> event.payload().string("text").orElse(""))
                .toList();
    }

    @Test
    void bad_input_is_refused() {
        RunnerRescue rescue = new RunnerRescue(store, kubectl, NAMES, "default", Clock.systemUTC());

        assertThatThrownBy(() -> agent.lookingEvery(Duration.ZERO)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> RescueWitness.of(store, rescue, Set.of(), told -> {}))
                .isInstanceOf(InvalidInputException.class);
    }
}
