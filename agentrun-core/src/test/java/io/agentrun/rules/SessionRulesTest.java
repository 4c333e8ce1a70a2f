package io.agentrun.rules;

import static io.agentrun.samples.Runs.EARLIER;
import static io.agentrun.samples.Runs.NOW;
import static io.agentrun.samples.Runs.OTHER_RUN;
import static io.agentrun.samples.Runs.OWNER;
import static io.agentrun.samples.Runs.RUN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.command.Command;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.ReadMark;
import io.agentrun.samples.Answers;
import io.agentrun.samples.Runs;
import io.agentrun.samples.Story;
import io.agentrun.samples.Turns;
import io.agentrun.session.ExecutionState;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionUpsert;
import io.agentrun.storage.StorageState;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionRulesTest {

    private static Session in(ExecutionState state) {
        return switch (state) {
            case IDLE -> Turns.idle();
            case RUNNING -> Turns.running(RUN, "cmd_1");
            case TERMINAL -> Turns.ended();
        };
    }

    private static String after(ExecutionState state, UnaryOperator<Session> step) {
        Session session = in(state);
        return Story.of(() -> Change.builder().put(step.apply(session)).build(), session);
    }

    @Test
    void a_new_run_touches_its_session() {
        Answers.in(ExecutionState.class)
                .otherwise("ses_1: activity.lastRunId=run_2 activity.lastActivityAt=now")
                .verify(state -> after(state, session -> SessionRules.runCreated(session, OTHER_RUN, NOW)));
    }

    @Test
    void a_turn_that_starts_runs_its_session() {
        Command turn = Turns.whole(Turns.active("cmd_5", OTHER_RUN, io.agentrun.command.CommandState.PENDING));
        String names = " activity.lastRunId=run_2 activity.lastCommandId=cmd_5 activity.activeRunId=run_2"
                + " activity.activeCommandId=cmd_5";
        Answers.in(ExecutionState.class)
                .on(
                        "ses_1: activity.state=running" + names + " activity.lastActivityAt=now activity.turns=1",
                        ExecutionState.IDLE)
                .on("ses_1:" + names + " activity.lastActivityAt=now activity.turns=2", ExecutionState.RUNNING)
                .on(
                        "ses_1: activity.state=running" + names
                                + " activity.outcome=none activity.lastActivityAt=now activity.turns=2",
                        ExecutionState.TERMINAL)
                .verify(state -> after(state, session -> SessionRules.turnStarted(session, turn, NOW)));
    }

    @Test
    void a_turn_that_waits_is_counted_only() {
        Command turn = Turns.whole(Turns.waiting("cmd_5", OTHER_RUN, 1, 2));
        String counted = "ses_1: activity.lastRunId=run_2 activity.lastCommandId=cmd_5 activity.lastActivityAt=now";
        Answers.in(ExecutionState.class)
                .on(counted + " activity.turns=1", ExecutionState.IDLE)
                .otherwise(counted + " activity.turns=2")
                .verify(state -> after(state, session -> SessionRules.turnEnqueued(session, turn, NOW)));
    }

    @Test
    void the_active_turn_ends_into_the_next_one_or_into_the_end() {
        CommandHead next = Turns.waiting("cmd_9", OTHER_RUN, 1, 2);
        Outcome outcome = Outcome.completed();

        assertThat(after(ExecutionState.RUNNING, session -> SessionRules.turnEnded(session, next, outcome, NOW)))
                .isEqualTo("ses_1: activity.activeRunId=run_2 activity.activeCommandId=cmd_9"
                        + " activity.lastActivityAt=now");
        assertThat(after(ExecutionState.RUNNING, session -> SessionRules.turnEnded(session, null, outcome, NOW)))
                .isEqualTo("ses_1: activity.state=terminal activity.activeRunId=none"
                        + " activity.activeCommandId=none activity.outcome=completed activity.lastActivityAt=now");
    }

    @Test
    void a_title_is_the_first_words_of_the_prompt() {
        assertThat(SessionRules.titleOfPrompt("  fix\n\tthe   build \u0007 now "))
                .isEqualTo("fix the build now");
        assertThat(SessionRules.titleOfPrompt(" \n ")).isNull();
        assertThat(SessionRules.titleOfPrompt("")).isNull();
        assertThat(SessionRules.titleOfPrompt("x".repeat(200))).isEqualTo("x".repeat(80));
        assertThat(SessionRules.titleOfPrompt("\uD83D\uDE00".repeat(200))).isEqualTo("\uD83D\uDE00".repeat(80));
        assertThat(SessionRules.titleOfPrompt("x".repeat(79) + " y z")).isEqualTo("x".repeat(79));
        assertThat(SessionRules.titleOfPrompt("x".repeat(78) + " y z")).isEqualTo("x".repeat(78) + " y");
    }

    private static SessionUpsert.Builder upsert() {
        return SessionUpsert.builder(Turns.SESSION, OWNER, BackendProfile.CODEX);
    }

    private static String upsert(SessionUpsert input, Session stored) {
        return Story.of(() -> SessionRules.upsert(input, stored, NOW), stored);
    }

    @Test
    void an_upsert_of_an_unknown_session_opens_it() {
        SessionUpsert input = upsert().threadId("thread-1")
                .metadata(JsonObject.of("title", "from metadata"))
                .expiry(Expiry.at(NOW.plusSeconds(5)))
                .rolloutSubdir("logs")
                .build();

        assertThat(SessionRules.upsert(input, null, NOW).created().sessions())
                .singleElement()
                .satisfies(session -> {
                    assertThat(session.title()).isEqualTo("from metadata");
                    assertThat(session.thread().threadId()).isEqualTo("thread-1");
                    assertThat(session.metadata()).isEqualTo(JsonObject.of("title", "from metadata"));
                    assertThat(session.expiresAt()).isEqualTo(NOW.plusSeconds(5));
                    assertThat(session.storage().contents().rolloutSubdir()).isEqualTo("logs");
                    assertThat(session.activity().state()).isEqualTo(ExecutionState.IDLE);
                    assertThat(session.version()).isZero();
                    assertThat(session.createdAt()).isEqualTo(NOW);
                    assertThat(session.updatedAt()).isEqualTo(NOW);
                });
        assertThat(SessionRules.upsert(upsert().build(), null, NOW).created().sessions())
                .hasSize(1);
    }

    @Test
    void an_upsert_changes_what_it_mentions() {
        Session stored = in(ExecutionState.RUNNING).toBuilder()
                .expiresAt(NOW)
                .metadata(JsonObject.of("a", 1))
                .build();

        assertThat(upsert(upsert().build(), stored)).isEqualTo("nothing");
        assertThat(upsert(
                        upsert().title("a title")
                                .metadata(JsonObject.of("a", 1))
                                .expiry(Expiry.at(NOW))
                                .build(),
                        stored))
                .isEqualTo("nothing");
        assertThat(upsert(upsert().title("other").build(), stored)).isEqualTo("ses_1: title=other");
        assertThat(upsert(upsert().threadId("t").conversationId("c").build(), stored))
                .isEqualTo("ses_1: thread.conversationId=c thread.threadId=t");
        assertThat(upsert(upsert().metadata(JsonObject.of("title", "x")).build(), stored))
                .as("the title that it has stays")
                .isEqualTo("ses_1: metadata={\"title\":\"x\"}");
        assertThat(upsert(upsert().expiry(Expiry.never()).build(), stored)).isEqualTo("ses_1: expiresAt=none");
        assertThat(upsert(upsert().rolloutSubdir("logs").build(), stored))
                .isEqualTo("ses_1: storage.contents.rolloutSubdir=logs");
        assertThat(upsert(
                        SessionUpsert.builder(Turns.SESSION, OWNER, BackendProfile.DEEPSEEK)
                                .build(),
                        stored))
                .isEqualTo("ses_1: backendProfile.wire=deepseek");
    }

    @Test
    void another_owner_is_refused_in_every_state() {
        for (ExecutionState state : ExecutionState.values()) {
            for (Owner owner : List.of(new Owner("acme", "other"), new Owner("other", "web"))) {
                SessionUpsert input = SessionUpsert.builder(Turns.SESSION, owner, BackendProfile.CODEX)
                        .build();

                assertThat(upsert(input, in(state))).isEqualTo("TenantPolicy (tenant-policy-denied)");
                assertThatExceptionOfType(TenantPolicyException.class)
                        .isThrownBy(() -> SessionRules.requireOwner(in(state), owner))
                        .returns(Turns.SESSION, TenantPolicyException::id);
            }
            SessionRules.requireOwner(in(state), OWNER);
        }
    }

    @Test
    void a_usable_session_is_its_owners_and_keeps_its_files() {
        for (StorageState state : StorageState.values()) {
            Session session = Turns.stored(Turns.idle(), state);
            String story = Story.of(() ->
                    Change.builder().put(SessionRules.usable(session, OWNER)).build());
            assertThat(story.startsWith("ses_1")).as(state.wire()).isEqualTo(!state.refusesWork());
        }
    }

    @Test
    void a_list_shows_what_its_filter_shows() {
        // Version 7 of each; read up to 0, 6 and 7.
        Answers.in(SessionFilter.class)
                .on("idle 0 6 7, running 0 6 7, terminal 0 6 7", SessionFilter.ALL)
                .on("idle 0 6 7, running 0 6 7, terminal 0 6", SessionFilter.DEFAULT)
                .on("idle 0 6 7, running, terminal", SessionFilter.IDLE)
                .on("idle, running 0 6 7, terminal", SessionFilter.RUNNING)
                .on("idle, running, terminal 0 6 7", SessionFilter.TERMINAL)
                .on("idle 0 6, running 0 6, terminal 0 6", SessionFilter.UNREAD)
                .verify(filter -> String.join(
                        ", ",
                        List.of(ExecutionState.values()).stream()
                                .map(state -> shown(filter, state))
                                .toList()));
    }

    private static String shown(SessionFilter filter, ExecutionState state) {
        StringBuilder line = new StringBuilder(state.wire());
        for (long read : new long[] {0, 6, 7}) {
            if (SessionRules.shows(filter, in(state), read)) {
                line.append(' ').append(read);
            }
        }
        return line.toString();
    }

    @Test
    void a_trace_is_of_the_active_run_or_else_the_last() {
        assertThat(SessionRules.tracedRun(Turns.idle())).isNull();
        assertThat(SessionRules.tracedRun(Turns.ended())).isEqualTo(RUN);
        assertThat(SessionRules.tracedRun(SessionRules.runCreated(Turns.running(RUN, "cmd_1"), OTHER_RUN, NOW)))
                .isEqualTo(RUN);
        assertThat(SessionRules.traces(Turns.idle(), Runs.run(RUN, Runs.At.PENDING, Turns.SESSION, null)))
                .isTrue();
        assertThat(SessionRules.traces(Turns.idle(), Runs.run(RUN, Runs.At.PENDING, "ses_2", null)))
                .isFalse();
        assertThat(SessionRules.traces(Turns.idle(), Runs.run(Runs.At.PENDING))).isFalse();
    }

    @Test
    void a_read_mark_moves_forward_to_what_exists() {
        ReadMark five = new ReadMark(Turns.SESSION, "ann", 5, EARLIER);

        assertThat(mark(6, five)).isEqualTo(new ReadMark(Turns.SESSION, "ann", 6, NOW));
        assertThat(mark(7, null)).isEqualTo(new ReadMark(Turns.SESSION, "ann", 7, NOW));
        assertThat(mark(5, five)).isSameAs(five);
        assertThat(mark(1, five)).isSameAs(five);
        for (long version : new long[] {-1, 0, 8}) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> mark(version, five))
                    .returns("version", InvalidInputException::field);
        }
    }

    private static ReadMark mark(long version, @Nullable ReadMark stored) {
        return SessionRules.markRead(Turns.SESSION, "ann", version, 7, stored, NOW);
    }

    @Test
    void a_title_is_the_first_words_of_a_prompt_without_what_nobody_sees() {
        assertThat(SessionRules.titleOfPrompt("  fix \n\t the\u200b build  ")).isEqualTo("fix the build");
        assertThat(SessionRules.titleOfPrompt("a\u202eb\ufeffc")).isEqualTo("abc");
        assertThat(SessionRules.titleOfPrompt("x".repeat(79) + " yz")).isEqualTo("x".repeat(79));
        assertThat(SessionRules.titleOfPrompt("x".repeat(78) + " yz")).isEqualTo("x".repeat(78) + " y");
        assertThat(SessionRules.titleOfPrompt("x".repeat(90))).isEqualTo("x".repeat(80));
    }
}
