package io.agentrun.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.Owner;
import io.agentrun.model.TenantScope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SessionRecordsTest {

    private static final Owner OWNER = new Owner("t", "p");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.000001Z");

    @Test
    void wire_strings_go_both_ways_and_unknown_ones_are_refused() {
        for (ExecutionState state : ExecutionState.values()) {
            assertThat(ExecutionState.fromWire("state", state.wire())).isSameAs(state);
        }
        for (SessionFilter filter : SessionFilter.values()) {
            assertThat(SessionFilter.fromWire("filter", filter.wire())).isSameAs(filter);
        }
        for (String unknown : new String[] {"", "IDLE", "archived", null}) {
            assertRefused("state", () -> ExecutionState.fromWire("state", unknown));
            assertRefused("filter", () -> SessionFilter.fromWire("filter", unknown));
        }
    }

    @Test
    void an_upsert_that_says_nothing_leaves_everything() {
        SessionUpsert upsert =
                SessionUpsert.builder("s", OWNER, BackendProfile.CODEX).build();

        assertThat(upsert)
                .isEqualTo(
                        new SessionUpsert("s", OWNER, BackendProfile.CODEX, null, null, null, null, null, null, null));
        assertThat(upsert.toBuilder().expiry(Expiry.at(NOW)).build().expiry()).isEqualTo(Expiry.at(NOW));
        assertThat(upsert.toBuilder().expiry(Expiry.never()).build().expiry().at())
                .isNull();
    }

    @Test
    void an_upsert_is_checked() {
        SessionUpsert.Builder upsert = SessionUpsert.builder("s", OWNER, BackendProfile.CODEX);

        for (String bad : new String[] {null, "", " ", " s", "s ", "a\nb", "a\u0000", "\uD800", "x".repeat(201)}) {
            assertRefused(
                    "sessionId",
                    () -> SessionUpsert.builder(bad, OWNER, BackendProfile.CODEX)
                            .build());
        }
        assertRefused(
                "owner",
                () -> SessionUpsert.builder("s", null, BackendProfile.CODEX).build());
        assertRefused(
                "backendProfile", () -> SessionUpsert.builder("s", OWNER, null).build());
        assertRefused("title", () -> upsert.title("x".repeat(501)).build());
        assertThat(upsert.title("x".repeat(500)).build().title()).hasSize(500);
        assertRefused("rolloutSubdir", () -> upsert.rolloutSubdir("../x").build());
    }

    @Test
    void an_expiry_is_within_the_years_that_a_store_keeps() {
        assertThat(Expiry.at(Instant.parse("2026-01-01T00:00:00.123456789Z")).at())
                .isEqualTo(Instant.parse("2026-01-01T00:00:00.123456Z"));
        assertRefused("at", () -> Expiry.at(null));
        assertRefused("at", () -> Expiry.at(Times.MAX.plusSeconds(1)));
        assertRefused("at", () -> Expiry.at(Instant.MIN));
    }

    @Test
    void a_query_is_checked() {
        SessionQuery query = SessionQuery.in(TenantScope.all());

        assertThat(query.limit()).isEqualTo(50);
        assertThat(query.filter()).isEqualTo(SessionFilter.DEFAULT);
        assertRefused("scope", () -> SessionQuery.in(null));
        assertRefused("filter", () -> query.withFilter(null));
        assertRefused("limit", () -> query.withLimit(0));
        assertRefused("limit", () -> query.withLimit(-1));
        assertRefused("readerId", () -> query.withReaderId(""));
        assertRefused("cursor", () -> query.withCursor("x".repeat(2_001)));
        assertRefused("sessionId", () -> SessionTraceQuery.of(null));
        assertRefused("limit", () -> SessionTraceQuery.of("s").withLimit(0));
        assertRefused("runId", () -> SessionTraceQuery.of("s").withRunId(""));
    }

    @Test
    void the_fingerprint_tells_filters_apart_and_not_pages() {
        SessionQuery query = SessionQuery.in(TenantScope.all());

        assertThat(query.withCursor("c").withLimit(7).fingerprint()).isEqualTo(query.fingerprint());
        assertThat(List.of(
                        query,
                        SessionQuery.in(TenantScope.tenant("a")),
                        SessionQuery.in(TenantScope.project("a", "b")),
                        query.withFilter(SessionFilter.ALL),
                        query.withBackendProfile(BackendProfile.CODEX),
                        query.withReaderId("codex"),
                        query.withReaderId("reader=")))
                .extracting(SessionQuery::fingerprint)
                .doesNotHaveDuplicates();
    }

    @Test
    void a_session_is_unread_beyond_the_mark_or_without_a_reader() {
        Session session = session();

        assertThat(SessionSummary.of(session, "r", 6).unread()).isTrue();
        assertThat(SessionSummary.of(session, "r", 7).unread()).isFalse();
        assertThat(SessionSummary.of(session, null, 7).unread()).isTrue();
    }

    @Test
    void builders_begin_with_what_the_record_holds() {
        Session session = session();

        assertThat(session.toBuilder().build()).isEqualTo(session);
        assertThat(session.toBuilder().version(8).build().version()).isEqualTo(8);
        assertThat(session.activity().toBuilder().build()).isEqualTo(session.activity());
        assertRefused(
                "createdAt",
                () -> Session.builder("s", OWNER, BackendProfile.CODEX).build());
        assertRefused("metadata", () -> session.toBuilder().metadata(null).build());
    }

    @Test
    void a_session_is_plain_json() throws Exception {
        ObjectMapper mapper = new ObjectMapper();

        JsonNode json = mapper.readTree(mapper.writeValueAsString(session()));

        assertThat(mapper.treeToValue(json, Session.class)).isEqualTo(session());
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .containsExactly(
                        "id",
                        "owner",
                        "backendProfile",
                        "thread",
                        "title",
                        "metadata",
                        "activity",
                        "storage",
                        "expiresAt",
                        "version",
                        "createdAt",
                        "updatedAt");
        assertThat(json.at("/backendProfile").asText()).isEqualTo("codex");
        assertThat(json.at("/metadata/a").asInt()).isEqualTo(1);
        assertThat(json.at("/activity/state").asText()).isEqualTo("terminal");
        assertThat(json.at("/activity/outcome/status").asText()).isEqualTo("completed");
        assertThat(json.at("/storage/state").asText()).isEqualTo("none");
        assertThat(json.at("/expiresAt").isNull()).isTrue();
        assertThat(json.at("/createdAt").asText()).isEqualTo("2026-01-01T00:00:00.000001Z");
    }

    @Test
    void a_page_keeps_its_own_list() {
        List<io.agentrun.event.RunEvent> events = new ArrayList<>();
        SessionEventPage page = new SessionEventPage("s", "run_1", events, "c", false);

        events.add(null);

        assertThat(page.items()).isEmpty();
        assertRefused("items[]", () -> new SessionEventPage("s", "run_1", events, "c", false));
        assertRefused("items", () -> new SessionEventPage("s", "run_1", null, "c", false));
        assertThat(SessionEventPage.withoutRun("s")).isEqualTo(new SessionEventPage("s", null, List.of(), null, false));
    }

    private static Session session() {
        return Session.builder("s", OWNER, BackendProfile.CODEX)
                .metadata(JsonObject.of("a", 1))
                .activity(SessionActivity.idle().toBuilder()
                        .state(ExecutionState.TERMINAL)
                        .outcome(Outcome.completed())
                        .turns(1)
                        .build())
                .version(7)
                .createdAt(NOW)
                .updatedAt(NOW)
                .build();
    }

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .matches(e -> e.field().equals(field), "names " + field);
    }
}
