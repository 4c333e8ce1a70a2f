package io.agentrun.console.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.AgentRunStore;
import io.agentrun.console.Access;
import io.agentrun.console.Console;
import io.agentrun.console.ConsoleServer;
import io.agentrun.console.Sample;
import io.agentrun.event.EventType;
import io.agentrun.event.NewEvent;
import io.agentrun.json.JsonObject;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Outcome;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.queue.NewQueueTask;
import io.agentrun.queue.QueueTask;
import io.agentrun.queue.TaskState;
import io.agentrun.run.RunStatus;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators do in the console, in a real browser. Pictures are left in {@code target/screenshots}. */
@Tag("machine")
@Timeout(180)
class ConsoleInBrowserTest {

    /** What would run if any of it were taken for HTML or script; each sets a mark. */
    private static final List<String> INJECTIONS = List.of(
            "<script>window.hit = 1</script>",
            "\"><img src=x onerror=\"window.hit = 1\">",
            "<svg onload=window.hit=1>",
            "'-(window.hit=1)-'",
            "${window.hit=1}",
            "{{constructor.constructor('window.hit=1')()}}",
            "javascript:window.hit=1",
            "</pre></textarea></title><script>window.hit=1</script>",
            "<a href=\"javascript:window.hit=1\">click me</a>",
            "<iframe srcdoc=\"<script>parent.hit=1</script>\"></iframe>",
            "<style>*{display:none}</style>",
            "&lt;script&gt;window.hit=1&lt;/script&gt;",
            "<math><mtext></form><form><mglyph><style></math><img src onerror=window.hit=1>",
            "\\u003cscript\\u003ewindow.hit=1\\u003c/script\\u003e");

    private static Chromium browser;

    private AgentRunStore store;
    private Sample sample;
    private ConsoleServer server;
    private Tab tab;

    @BeforeAll
    static void launch() throws Exception {
        browser = Chromium.start();
    }

    @AfterAll
    static void quit() throws Exception {
        browser.close();
    }

    @BeforeEach
    void open() throws Exception {
        store = InMemoryAgentRunStore.create();
        sample = Sample.fill(store);
        server = ConsoleServer.start(store, Access.everything("ann", TenantScope.all()));
        tab = browser.open(1280, 820);
        tab.dark(false);
        tab.open(server.address());
    }

    @AfterEach
    void close() throws Exception {
        List<String> complaints = tab.complaints();
        tab.close();
        server.close();
        store.close();
        assertThat(complaints).isEmpty();
    }

    @Test
    void the_token_leaves_the_address_and_the_page_can_be_loaded_again() throws Exception {
        tab.awaitText("Upgrade the parser");
        assertThat(tab.evaluated("location.href").asText()).doesNotContain("token");
        assertThat(tab.evaluated("document.cookie").asText()).isEmpty();

        tab.evaluated("location.reload()");

        tab.await("document.readyState === 'complete' && document.querySelector('main table')");
        tab.awaitText("ann – all tenants");
    }

    @Test
    void without_the_token_the_page_shows_nothing() throws Exception {
        Tab another = browser.open(1280, 820);
        another.open(URI.create(server.address().toString().replaceFirst("#.*", "")));

        another.awaitText("this needs an access to the console");
        assertThat(another.text("body")).doesNotContain("Upgrade the parser");
        another.close();
    }

    @Test
    void the_failed_run_of_a_session_is_found() throws Exception {
        tab.click("#pages a", "Sessions");
        tab.click("main a", "Mend the login");
        tab.awaitText("Runs of the session");
        tab.picture("session");
        tab.click("main a", "failed");
        tab.await("document.querySelectorAll('main tbody tr').length === 1");
        tab.click("main td a", sample.failed().id());

        tab.awaitText("the agent ended with exit code 3");
        tab.awaitText("I cannot reach the test database.");
        tab.awaitText("these are all its events");
        tab.picture("failed-run");
    }

    @Test
    void why_a_task_waits_is_seen_in_the_list_and_on_its_page() throws Exception {
        tab.awaitText("it waits for the end of the turn " + sample.turn().id());
        tab.awaitText("no worker for codex has taken it");
        tab.picture("queue");
        tab.click("main td a", "Tidy the login page");

        tab.awaitText("Why it is where it is");
        assertThat(tab.text(".why")).contains(sample.running().id(), "The turn before it ends.");
        tab.picture("task");
        tab.click(".why a", sample.running().id());
        tab.awaitText("runner runner-7 holds it until");
    }

    @Test
    void a_stream_goes_on_over_a_break_of_the_connection_without_a_gap() throws Exception {
        Console console = Console.of(store, exchange -> Optional.of(Access.reading("ann", TenantScope.tenant("acme"))));
        try (MountedHost host = new MountedHost(console)) {
            tab.open(URI.create(host.address() + "#/run/" + sample.running().id()));
            tab.awaitText("I read LogoutTest first.");
            tab.await("document.querySelector('.live.is-live')");
            Sample.say(store, sample.live(), "before the break");
            tab.awaitText("before the break");

            host.cut();
            tab.await("document.querySelector('.live.is-broken')");
            Sample.say(store, sample.live(), "during the break");
            tab.picture("stream-broken");
            host.mend();
            tab.awaitText("during the break");
            Sample.say(store, sample.live(), "after the break");
            tab.awaitText("after the break");
            store.runs().finish(sample.live(), TurnResult.of(Outcome.completed()));

            tab.await("document.querySelector('.live.is-ended')");
            String numbers = tab.evaluated(
                            "[...document.querySelectorAll('.event .seq')].map(e => e.textContent).join(' ')")
                    .asText();
            int count =
                    store.events().list(sample.running().id(), 0, 100).items().size();
            StringBuilder all = new StringBuilder("1");
            for (int i = 2; i <= count; i++) {
                all.append(' ').append(i);
            }
            assertThat(numbers).isEqualTo(all.toString());
            assertThat(tab.text("main")).doesNotContain("Cancel run");
        }
    }

    @Test
    void a_run_is_cancelled_and_an_agent_is_steered_by_the_keyboard_alone() throws Exception {
        tab.awaitText("Upgrade the parser");
        tab.tabTo("Running");
        tab.enter();
        tab.awaitText("Runs that are running");
        tab.tabTo(sample.running().id());
        tab.enter();
        tab.awaitText("I read LogoutTest first.");
        tab.tabTo("Steer");
        tab.enter();
        tab.await("document.activeElement.id === 'asked'");
        tab.escape();
        tab.await("!document.querySelector('dialog') && document.activeElement.innerText === 'Steer'");
        tab.enter();
        tab.await("document.activeElement.id === 'asked'");
        tab.type("Leave the old test alone.");
        tab.picture("steer");
        tab.tabTo("Send");
        tab.enter();
        tab.awaitText("Leave the old test alone.");
        tab.tabTo("Cancel run");
        tab.enter();
        tab.await("document.activeElement.id === 'asked'");
        tab.type("not today");
        tab.tabTo("Cancel the run");
        tab.enter();
        tab.awaitText("not today (ann, in the console)");

        assertThat(store.runs().get(sample.running().id()).cancelRequest()).isNotNull();
        assertThat(store.runs().get(sample.running().id()).status()).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void a_task_is_opened_by_its_id_and_cancelled() throws Exception {
        tab.tabTo("find-id");
        tab.type(sample.due().id());
        tab.enter();
        tab.awaitText("Rename the settings file");
        tab.click(".actions button", "Cancel task");
        tab.click("dialog button", "Cancel the task");

        tab.await("document.querySelector('.heading .badge').innerText === 'cancelled'");
        assertThat(store.queue().get(sample.due().id()).state()).isEqualTo(TaskState.CANCELLED);
    }

    @Test
    void a_failed_task_is_tried_again() throws Exception {
        tab.click("main td a", "Upgrade the parser");
        tab.click(".actions button", "Try again");

        tab.await("document.querySelector('.heading .badge').innerText === 'pending'");
        assertThat(store.queue().get(sample.broken().id()).state()).isEqualTo(TaskState.PENDING);
    }

    @Test
    void a_question_of_an_agent_is_answered_by_the_keyboard() throws Exception {
        Question options = store.questions()
                .ask(
                        sample.live(),
                        NewQuestion.of("Keep the old test?")
                                .withOptions(List.of(
                                        QuestionOption.of("keep", "Keep it"), QuestionOption.of("drop", "Drop it"))));
        Question free = store.questions().ask(sample.live(), NewQuestion.of("Which name shall the file have?"));
        tab.awaitText("Upgrade the parser");
        tab.tabTo("Questions");
        tab.enter();
        tab.awaitText("Keep the old test?");
        tab.picture("questions");
        tab.tabTo("Keep it");
        tab.enter();
        tab.await("document.querySelectorAll('.inbox > li').length === 1");
        tab.tabTo("answer-" + free.id());
        tab.type("settings.toml");
        tab.tabTo("Answer");
        tab.enter();

        tab.awaitText("Nobody waits for an answer.");
        assertThat(store.questions().get(options.id()).state()).isEqualTo(QuestionState.ANSWERED);
        assertThat(store.questions().get(free.id()).end())
                .matches(end -> Reply.text("settings.toml").equals(end.reply()));
    }

    @Test
    void an_id_is_explained_and_the_store_is_examined() throws Exception {
        tab.click("#pages a", "Explain");
        tab.await("document.querySelector('#explain-id')");
        tab.evaluated("document.querySelector('#explain-id').focus()");
        tab.type(sample.turn().id());
        tab.enter();
        tab.awaitText("runner runner-7 holds it until");
        tab.picture("explain");
        tab.click("#pages a", "Doctor");
        tab.click("main button", "Examine the store");

        tab.awaitText("Nothing was found.");
        tab.picture("doctor");
    }

    @Test
    void what_looks_like_html_or_script_is_shown_and_never_run() throws Exception {
        String everything = String.join(" ", INJECTIONS);
        QueueTask task = store.queue()
                .create(NewQueueTask.builder(
                                Sample.OWNER, "<b>q</b>", INJECTIONS.get(1), RunSpec.of(BackendProfile.CODEX))
                        .payload(JsonObject.of("prompt", everything))
                        .build());
        for (String text : INJECTIONS) {
            Sample.say(store, sample.live(), text);
            store.events().append(sample.live(), new NewEvent(EventType.TOOL_CALL, JsonObject.of(text, text)));
        }
        store.runs().cancel(sample.running().id(), everything);

        tab.click("#pages a", "Sessions");
        tab.awaitText("Mend the login");
        tab.click("#pages a", "Queue");
        tab.awaitText(INJECTIONS.get(1));
        tab.click("main td a", INJECTIONS.get(1));
        tab.awaitText("</pre></textarea></title>");
        tab.evaluated(
                "location.hash = '#/run/' + " + Tab.quoted(sample.running().id()));
        for (String text : INJECTIONS) {
            tab.awaitText(text);
        }
        tab.picture("injections");

        assertThat(tab.evaluated("'hit' in window").asBoolean()).isFalse();
        assertThat(tab.evaluated("document.querySelectorAll('main img, main svg, main script, main iframe, main style,"
                                + " main math, main [onerror], main a[href^=javascript]').length")
                        .asInt())
                .isZero();
        assertThat(tab.evaluated("getComputedStyle(document.querySelector('main')).display")
                        .asText())
                .isEqualTo("block");
        assertThat(task.title()).isEqualTo(INJECTIONS.get(1));
    }

    @Test
    void every_page_has_landmarks_labels_and_one_heading_and_fits_narrow_and_wide_light_and_dark() throws Exception {
        List<String> pages = List.of(
                "running",
                "queue",
                "sessions",
                "questions",
                "explain",
                "doctor",
                "run/" + sample.running().id(),
                "task/" + sample.behind().id(),
                "session/" + sample.session());
        for (String page : pages) {
            tab.evaluated("location.hash = '#/" + page + "'");
            tab.await(
                    "document.querySelector('main h1') && document.activeElement === document.querySelector('main h1')");
            String name = page.replaceFirst("/.*", "");
            assertThat(tab.evaluated("document.querySelectorAll('h1').length").asInt())
                    .isEqualTo(1);
            assertThat(tab.evaluated("document.querySelectorAll('header, main, nav').length")
                            .asInt())
                    .isGreaterThanOrEqualTo(3);
            assertThat(tab.evaluated("document.title").asText()).endsWith(" – agentrun");
            assertThat(tab.evaluated(
                                    "[...document.querySelectorAll('input, textarea')].every(e => e.labels.length === 1)")
                            .asBoolean())
                    .as(page)
                    .isTrue();
            assertThat(tab.evaluated(
                                    "[...document.querySelectorAll('a, button')].every(e => e.innerText.trim() !== '')")
                            .asBoolean())
                    .as(page)
                    .isTrue();
            tab.dark(true);
            tab.picture(name + "-dark");
            tab.dark(false);
            for (int width : List.of(380, 1280, 1900)) {
                tab.resize(width, 820);
                assertThat(tab.evaluated("document.documentElement.scrollWidth <= window.innerWidth")
                                .asBoolean())
                        .as(page + " at " + width)
                        .isTrue();
                if (width == 380) {
                    tab.picture(name + "-narrow");
                }
            }
            tab.resize(1280, 820);
        }
    }
}
