package io.agentrun.console.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One tab of the browser, over the DevTools protocol. Not thread-safe: one thread at a time. */
final class Tab implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MOST_SECONDS = 30;

    private final Messages messages = new Messages();
    private final AtomicInteger number = new AtomicInteger();
    private final WebSocket socket;

    private Tab(URI address) throws Exception {
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, messages)
                .get(MOST_SECONDS, TimeUnit.SECONDS);
    }

    static Tab of(String description, int width, int height) throws Exception {
        Tab tab = new Tab(URI.create(
                MAPPER.readTree(description).get("webSocketDebuggerUrl").asText()));
        tab.send("Page.enable", Map.of());
        tab.send("Runtime.enable", Map.of());
        tab.send("Log.enable", Map.of());
        tab.resize(width, height);
        return tab;
    }

    void resize(int width, int height) throws Exception {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    void dark(boolean dark) throws Exception {
        send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    void open(URI address) throws Exception {
        send("Page.navigate", Map.of("url", address.toString()));
        await("document.readyState === 'complete' && document.querySelector('main h1')");
    }

    /** Waits, in the page, until the expression is true there. */
    void await(String expression) throws Exception {
        String look = "new Promise((done, failed) => { const begun = Date.now(); const look = () => {"
                + " let value = false; try { value = " + expression + "; } catch (e) { value = false; }"
                + " if (value) { done(true); } else if (Date.now() - begun > " + MOST_SECONDS * 1000
                + ") { failed(new Error(document.body.innerText)); } else { setTimeout(look, 30); } }; look(); })";
        assertThat(evaluated(look).asBoolean()).as(expression).isTrue();
    }

    /** Waits until the text is to be seen in the page. */
    void awaitText(String text) throws Exception {
        await("document.body.innerText.includes(" + quoted(text) + ")");
    }

    String text(String selector) throws Exception {
        return evaluated("document.querySelector(" + quoted(selector) + ").innerText")
                .asText();
    }

    /** Returns the value of the expression; what is promised is waited for. */
    JsonNode evaluated(String expression) throws Exception {
        JsonNode answer = send(
                "Runtime.evaluate",
                Map.of("expression", expression, "awaitPromise", true, "returnByValue", true, "userGesture", true));
        assertThat(answer.has("exceptionDetails"))
                .as(expression + "\n" + answer)
                .isFalse();
        return answer.at("/result/value");
    }

    static String quoted(String text) throws Exception {
        return MAPPER.writeValueAsString(text);
    }

    /** Presses the tab key until what has the focus says the text. */
    void tabTo(String text) throws Exception {
        for (int i = 0; i < 200; i++) {
            press("Tab", "Tab", 9, "");
            String focused = evaluated("(document.activeElement.innerText || document.activeElement.id || '').trim()")
                    .asText();
            if (focused.equals(text)) {
                return;
            }
        }
        throw new AssertionError("the tab key does not reach \"" + text + "\"");
    }

    void enter() throws Exception {
        press("Enter", "Enter", 13, "\r");
    }

    void escape() throws Exception {
        press("Escape", "Escape", 27, "");
    }

    void type(String text) throws Exception {
        send("Input.insertText", Map.of("text", text));
    }

    private void press(String key, String code, int number, String text) throws Exception {
        send(
                "Input.dispatchKeyEvent",
                Map.of(
                        "type", text.isEmpty() ? "rawKeyDown" : "keyDown",
                        "key", key,
                        "code", code,
                        "windowsVirtualKeyCode", number,
                        "text", text));
        send(
                "Input.dispatchKeyEvent",
                Map.of("type", "keyUp", "key", key, "code", code, "windowsVirtualKeyCode", number));
    }

    /** Clicks in the middle of the first element that the selector names and that says the text. */
    void click(String selector, String text) throws Exception {
        String find = "[...document.querySelectorAll(" + quoted(selector) + ")].find(e => e.innerText.trim() === "
                + quoted(text) + ")";
        await(find);
        JsonNode at = evaluated("(() => { const e = " + find + "; e.scrollIntoView({block: 'center'});"
                + " const r = e.getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2]; })()");
        for (String type : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "x",
                            at.get(0).asDouble(),
                            "y",
                            at.get(1).asDouble(),
                            "button",
                            "left",
                            "clickCount",
                            1));
        }
    }

    /** Keeps a picture of the whole page among the output of the build. */
    void picture(String name) throws Exception {
        JsonNode answer = send("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", false));
        Path file = Path.of("target", "screenshots", name + ".png");
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(answer.get("data").asText()));
    }

    /** Returns what the page has complained about: errors of scripts, of the policy, dialogs. */
    List<String> complaints() {
        return List.copyOf(messages.complaints);
    }

    private JsonNode send(String method, Map<String, ?> parameters) throws Exception {
        int id = number.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        messages.waiting.put(id, answer);
        String text = MAPPER.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
        socket.sendText(text, true).get(MOST_SECONDS, TimeUnit.SECONDS);
        JsonNode message = answer.get(MOST_SECONDS * 2, TimeUnit.SECONDS);
        assertThat(message.has("error")).as(method + "\n" + message).isFalse();
        return message.get("result");
    }

    @Override
    public void close() throws Exception {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(MOST_SECONDS, TimeUnit.SECONDS);
    }

    /** What comes from the browser. Thread-safe. */
    private static final class Messages implements WebSocket.Listener {

        private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
        private final List<String> complaints = new CopyOnWriteArrayList<>();
        private final StringBuilder part = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                String whole = part.toString();
                part.setLength(0);
                arrived(whole);
            }
            socket.request(1);
            return null;
        }

        private void arrived(String text) {
            JsonNode message;
            try {
                message = MAPPER.readTree(text);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            if (message.has("id")) {
                CompletableFuture<JsonNode> answer =
                        waiting.remove(message.get("id").asInt());
                if (answer != null) {
                    answer.complete(message);
                }
                return;
            }
            switch (message.path("method").asText()) {
                case "Runtime.exceptionThrown", "Page.javascriptDialogOpening" ->
                    complaints.add(message.get("params").toString());
                case "Log.entryAdded" -> {
                    if (message.at("/params/entry/source").asText().equals("security")) {
                        complaints.add(message.get("params").toString());
                    }
                }
                default -> {}
            }
        }
    }
}
