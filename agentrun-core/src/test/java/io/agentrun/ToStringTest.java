package io.agentrun;

import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.command.NewCommand;
import io.agentrun.error.FailureKind;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.event.RunEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.CancelRequest;
import io.agentrun.model.Outcome;
import io.agentrun.model.TenantScope;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskCancel;
import io.agentrun.queue.TaskContent;
import io.agentrun.queue.TaskPlace;
import io.agentrun.session.Session;
import io.agentrun.session.SessionUpsert;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToStringTest {

    private static final String TOLD = "confidential";
    private static final JsonObject PAYLOAD = JsonObject.of("prompt", TOLD, TOLD, 1);

    @Test
    void what_goes_into_a_log_shows_sizes_and_never_what_was_said() {
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        TaskPlace place =
                NewQueueTask.builder(OWNER, "builds", TOLD, SPEC).build().place();
        List<Object> records = List.of(
                PAYLOAD,
                NewCommand.turn(PAYLOAD),
                new NewEvent(EventType.DIFF, PAYLOAD),
                new RunEvent("evt_1", "run_1", 1, EventType.DIFF, PAYLOAD, now),
                NewQueueTask.builder(OWNER, "builds", TOLD, SPEC)
                        .payload(PAYLOAD)
                        .build(),
                QueueTask.builder("qt_1", OWNER, place, TOLD, SPEC)
                        .content(TaskContent.of(PAYLOAD))
                        .createdAt(now)
                        .updatedAt(now)
                        .build(),
                Outcome.failed(FailureKind.BACKEND_FAILED, TOLD),
                Outcome.cancelled(TOLD),
                new CancelRequest(TOLD, now),
                TaskCancel.in(TenantScope.all(), TOLD),
                Session.builder("s", OWNER, BackendProfile.CODEX)
                        .title(TOLD)
                        .metadata(PAYLOAD)
                        .createdAt(now)
                        .updatedAt(now)
                        .build(),
                SessionUpsert.builder("s", OWNER, BackendProfile.CODEX)
                        .title(TOLD)
                        .metadata(PAYLOAD)
                        .build());

        for (Object each : records) {
            assertThat(each.toString()).doesNotContain(TOLD).containsAnyOf("bytes]", "12 characters");
        }
        assertThat(PAYLOAD).hasToString("JsonObject[2 keys, " + PAYLOAD.sizeInBytes() + " bytes]");
    }
}
