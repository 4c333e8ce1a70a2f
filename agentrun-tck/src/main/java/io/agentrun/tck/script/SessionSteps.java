package io.agentrun.tck.script;

import io.agentrun.SessionStore;
import io.agentrun.json.JsonObject;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Owner;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.session.Expiry;
import io.agentrun.session.Session;
import io.agentrun.session.SessionEventPage;
import io.agentrun.session.SessionFilter;
import io.agentrun.session.SessionQuery;
import io.agentrun.session.SessionSummary;
import io.agentrun.session.SessionText;
import io.agentrun.session.SessionTraceQuery;
import io.agentrun.session.SessionUpsert;
import java.util.List;
import java.util.function.BiFunction;

/** Steps that change, list, follow and read sessions. */
final class SessionSteps {

    private static final int BEYOND = 1_000_000;

    private final Dice dice;

    SessionSteps(Dice dice) {
        this.dice = dice;
    }

    Step next() {
        int roll = dice.below(100);
        if (roll < 25) {
            Owner owner = dice.owner();
            return upsert(owner, dice.session(owner));
        } else if (roll < 32) {
            String session = dice.session();
            return Step.ofSessions(
                    "find " + session, side -> side.store().sessions().find(session));
        } else if (roll < 38) {
            String session = dice.session();
            String reader = reader();
            return Step.ofSessions(
                    "summary of " + session + " for " + reader,
                    side -> side.store().sessions().summary(session, reader));
        } else if (roll < 55) {
            return list();
        } else if (roll < 67) {
            return changes(dice.scope(), dice.page());
        } else if (roll < 76) {
            return trace("trace", SessionStore::trace);
        } else if (roll < 85) {
            return trace("output", SessionStore::output);
        } else if (roll < 90) {
            return forget(dice.session());
        }
        return markRead();
    }

    private Step forget(String session) {
        SessionText text = dice.of(List.of(SessionText.values()));
        String expected = (text == SessionText.TITLE ? "title " : "th-") + dice.below(3);
        return Step.ofSessions(
                "forget " + text.wire() + " " + expected + " of " + session,
                side -> side.store().sessions().forget(session, text, expected));
    }

    private String reader() {
        return dice.percent(75) ? "reader-1" : "reader-2";
    }

    Step upsert(Owner owner, String session) {
        SessionUpsert.Builder builder = SessionUpsert.builder(session, owner, dice.profile());
        if (dice.percent(40)) {
            builder.title("title " + dice.below(3));
        }
        if (dice.percent(30)) {
            builder.metadata(JsonObject.of("title", "of metadata", "n", dice.below(2)));
        }
        if (dice.percent(20)) {
            builder.threadId("th-" + dice.below(3));
        }
        if (dice.percent(10)) {
            builder.rolloutSubdir("sub-" + dice.below(2));
        }
        if (dice.percent(10)) {
            builder.expiry(Expiry.never());
        }
        SessionUpsert upsert = builder.build();
        int expiry = dice.below(12);
        return Step.ofSessions(
                "upsert " + upsert + ", expiry " + expiry,
                side -> side.store()
                        .sessions()
                        .upsert(
                                expiry < 6
                                        ? upsert.toBuilder()
                                                .expiry(Expiry.at(side.at(expiry)))
                                                .build()
                                        : upsert));
    }

    private Step list() {
        SessionFilter filter = dice.of(List.of(SessionFilter.values()));
        SessionQuery query = SessionQuery.in(dice.scope()).withFilter(filter).withLimit(dice.page());
        SessionQuery asked = dice.percent(70) ? query.withReaderId(reader()) : query;
        String list = "sessions " + asked.fingerprint();
        return Step.ofSessions("next page of " + asked, side -> {
            Page<SessionSummary> page = side.store().sessions().list(asked.withCursor(side.cursor(list)));
            side.keepCursor(list, page.nextCursor());
            return page;
        });
    }

    /** The next page of the feed. */
    static Step changes(TenantScope scope, int limit) {
        String list = "session changes " + scope.fingerprint();
        return Step.ofSessions("next " + limit + " session changes of " + scope, side -> {
            ChangePage<Session> page = side.store().sessions().changes(scope, side.cursor(list), limit);
            side.keepCursor(list, page.cursor());
            return page;
        });
    }

    private Step trace(String what, BiFunction<SessionStore, SessionTraceQuery, SessionEventPage> call) {
        String session = dice.session();
        String run = dice.percent(40) ? dice.run() : null;
        int limit = dice.page() * 2;
        String list = (dice.percent(95) ? what : "trace") + " " + session;
        boolean fromTheStart = dice.percent(30);
        String text =
                (fromTheStart ? "first " : "next ") + limit + " of the " + what + " of " + session + ", run " + run;
        return Step.of(text, side -> {
            SessionTraceQuery query = SessionTraceQuery.of(session)
                    .withRunId(side.idOrNull(run))
                    .withCursor(fromTheStart ? null : side.cursor(list))
                    .withLimit(limit);
            SessionEventPage page = call.apply(side.store().sessions(), query);
            side.keepCursor(list, page.cursor());
            return page;
        });
    }

    private Step markRead() {
        String session = dice.session();
        String reader = reader();
        return switch (dice.below(4)) {
            case 0 ->
                Step.ofSessions(
                        "mark " + session + " read by " + reader + " beyond its version",
                        side -> mark(side, session, reader, version(side, session) + BEYOND));
            case 1 ->
                Step.ofSessions(
                        "mark " + session + " read by " + reader + " at an early version",
                        side -> mark(side, session, reader, side.firstVersion(session, version(side, session))));
            default ->
                Step.ofSessions(
                        "mark " + session + " read by " + reader,
                        side -> mark(side, session, reader, version(side, session)));
        };
    }

    private static Object mark(Side side, String session, String reader, long version) {
        return side.store().sessions().markRead(session, reader, version);
    }

    private static long version(Side side, String session) {
        return side.store().sessions().get(session).version();
    }

    /** The session as one reader sees it. */
    static Step end(String session) {
        return Step.ofSessions(
                "in the end, " + session, side -> side.store().sessions().summary(session, "reader-1"));
    }
}
