package io.agentrun.rules;

import static io.agentrun.samples.Runs.EPOCH;
import static io.agentrun.samples.Runs.HOLDER;
import static io.agentrun.samples.Runs.RUN;
import static io.agentrun.samples.Runs.TOKEN;
import static io.agentrun.samples.Runs.fence;
import static io.agentrun.samples.Runs.forgedFence;
import static io.agentrun.samples.Runs.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.error.OutdatedBatchException;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.lease.Fence;
import io.agentrun.rules.RunGuard.LastBatch;
import io.agentrun.samples.Runs.At;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventRulesTest {

    private static final NewEvent EVENT = new NewEvent(EventType.DIFF, JsonObject.empty());
    private static final LastBatch LAST = new LastBatch(4, 11, 2, "hash");

    private static RunHead after(At at, LastBatch batch) {
        RunHead run = run(at);
        return run.toBuilder().epoch(run.claim(), run.guard().with(batch)).build();
    }

    @Test
    void the_last_batch_repeated_is_known_on_a_leased_and_on_an_ended_run() {
        for (At at : List.of(At.CLAIMED, At.RUN_OUT, At.ASKED, At.COMPLETED)) {
            assertThat(EventRules.repeated(after(at, LAST), fence(), new BatchStamp(4, "hash")))
                    .isEqualTo(LAST);
        }
    }

    @Test
    void a_later_number_another_fence_and_another_epoch_know_no_last_batch() {
        RunHead run = after(At.RUNNING, LAST);

        assertThat(EventRules.repeated(run, fence(), new BatchStamp(5, "hash"))).isNull();
        assertThat(EventRules.repeated(run, forgedFence(), new BatchStamp(4, "hash")))
                .isNull();
        assertThat(EventRules.repeated(run, new Fence(RUN, HOLDER, EPOCH - 1, TOKEN), new BatchStamp(4, "hash")))
                .isNull();
        assertThat(EventRules.repeated(run(At.RUNNING), fence(), new BatchStamp(1, "hash")))
                .isNull();
    }

    @Test
    void a_lower_number_and_the_same_one_with_another_hash_are_outdated() {
        RunHead run = after(At.RUNNING, LAST);

        for (BatchStamp old : List.of(new BatchStamp(3, "hash"), new BatchStamp(4, "other"))) {
            assertThatExceptionOfType(OutdatedBatchException.class)
                    .isThrownBy(() -> EventRules.repeated(run, fence(), old))
                    .returns(4L, OutdatedBatchException::lastNumber);
        }
    }

    @Test
    void an_append_remembers_its_batch_and_leaves_the_last_one_without_a_number() {
        Change numbered =
                EventRules.append(after(At.RUNNING, LAST), 20, new BatchStamp(9, "new"), List.of(EVENT, EVENT));
        Change plain = EventRules.append(after(At.RUNNING, LAST), 20, null, List.of(EVENT));

        assertThat(numbered.run(RUN).orElseThrow().guard())
                .isEqualTo(new RunGuard(TOKEN.hash(), new LastBatch(9, 21, 2, "new")));
        assertThat(numbered.events()).hasSize(2);
        assertThat(plain.replaced().runs()).isEmpty();
        assertThat(plain.events()).hasSize(1);
    }

    @Test
    void phases_of_the_store_are_refused_in_a_backend_status_alone() {
        for (String phase : StreamEvents.PHASES) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> EventRules.requireForeign(
                            new NewEvent(EventType.BACKEND_STATUS, JsonObject.of("phase", phase))))
                    .returns("phase", InvalidInputException::field);
            EventRules.requireForeign(new NewEvent(EventType.TOOL_CALL, JsonObject.of("phase", phase)));
        }
        EventRules.requireForeign(new NewEvent(EventType.BACKEND_STATUS, JsonObject.of("phase", "mine")));
        EventRules.requireForeign(new NewEvent(EventType.BACKEND_STATUS, JsonObject.of("phase", 7)));
    }
}
