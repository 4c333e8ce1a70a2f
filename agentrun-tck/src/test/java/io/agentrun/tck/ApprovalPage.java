package io.agentrun.tck;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agentrun.AgentRunStore;
import io.agentrun.error.AgentRunException;
import io.agentrun.model.TenantScope;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionOption;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** The page of docs/questions.md, which quotes it. Thread-safe. */
record ApprovalPage(
        AgentRunStore store, Function<HttpExchange, TenantScope> tenant, Function<HttpExchange, String> user) {

    // begin: page
    /** Shows the open questions of the user's tenant, and takes the answers. */
    void handle(HttpExchange exchange) throws IOException {
        AgentRunStore view = store.within(tenant.apply(exchange));
        try {
            if (exchange.getRequestMethod().equals("POST")) {
                String[] form =
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).split("[=&]");
                Reply reply = Reply.option(decoded(form[3]));
                view.questions().answer(decoded(form[1]), reply, user.apply(exchange));
            }
            send(exchange, 200, page(view));
        } catch (AgentRunException e) {
            // Somebody else was faster, the time is over, the run has ended; or the question is another tenant's.
            send(exchange, e.httpStatus(), escaped(e.code()));
        }
    }

    private static String page(AgentRunStore view) {
        QuestionQuery inbox = QuestionQuery.in(TenantScope.all()).withState(QuestionState.OPEN);
        StringBuilder html = new StringBuilder("<!doctype html><title>Questions</title>");
        for (Question question : view.questions().list(inbox).items()) {
            html.append("<form method=post><p>")
                    .append(escaped(question.content().text()));
            html.append("<input type=hidden name=id value=\"")
                    .append(escaped(question.id()))
                    .append("\">");
            for (QuestionOption option : question.content().options()) {
                html.append("<button name=option value=\"")
                        .append(escaped(option.id()))
                        .append("\">");
                html.append(escaped(option.title())).append("</button>");
            }
            html.append("</form>");
        }
        return html.toString();
    }
    // end: page

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** Puts the page at {@code /} of the server. */
    void on(HttpServer server) {
        server.createContext("/", this::handle);
    }
}
