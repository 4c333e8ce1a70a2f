package io.agentrun.console;

import io.agentrun.check.Texts;
import io.agentrun.console.Console.Route;
import io.agentrun.json.JsonObject;
import io.agentrun.model.TenantScope;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import java.util.Map;

/** The inbox: what agents ask, and the answers of people. Thread-safe. */
final class QuestionRoutes {

    private QuestionRoutes() {}

    static void addTo(Map<String, Route> routes) {
        routes.put("/api/questions", QuestionRoutes::questions);
        routes.put(ActionRoutes.PATH + "answer", QuestionRoutes::answer);
    }

    private static Object questions(Call call) {
        String state = call.optional("state");
        QuestionState of = state == null ? QuestionState.OPEN : QuestionState.fromWire("state", state);
        return call.store()
                .questions()
                .list(new QuestionQuery(
                        TenantScope.all(),
                        call.optional("session"),
                        call.optional("run"),
                        of,
                        of == QuestionState.OPEN ? QuestionOrder.DUE : QuestionOrder.OLDEST,
                        call.optional("cursor"),
                        call.limit()));
    }

    /** An option, a text, a text beside an option; none of both declines. */
    private static Object answer(Call call) throws Refusal {
        call.require(Action.ANSWER);
        String id = Texts.id("id", call.text("id"));
        String option = call.optionalText("option");
        String text = call.optionalText("text");
        JsonObject content = text == null || text.isBlank() ? null : JsonObject.of("text", text);
        return call.store()
                .questions()
                .answer(id, new Reply(option, content), call.access().who());
    }
}
