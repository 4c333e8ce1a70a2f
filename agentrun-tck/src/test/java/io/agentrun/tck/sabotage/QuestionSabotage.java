package io.agentrun.tck.sabotage;

import io.agentrun.command.Command;
import io.agentrun.command.CommandDelivery;
import io.agentrun.command.CommandType;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.lease.Fence;
import io.agentrun.model.ChangePage;
import io.agentrun.model.Page;
import io.agentrun.model.TenantScope;
import io.agentrun.model.TurnResult;
import io.agentrun.model.Upkeep;
import io.agentrun.question.NewQuestion;
import io.agentrun.question.Question;
import io.agentrun.question.QuestionEnd;
import io.agentrun.question.QuestionOrder;
import io.agentrun.question.QuestionQuery;
import io.agentrun.question.QuestionState;
import io.agentrun.question.Reply;
import io.agentrun.run.Run;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Stores that are wrong about questions. */
final class QuestionSabotage {

    private static final Duration MICRO = Duration.ofNanos(1_000);

    private QuestionSabotage() {}

    static void aKeyIsForgotten(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Question ask(Fence fence, NewQuestion question) {
                return real.ask(fence, question == null ? null : question.withIdempotencyKey(null));
            }
        };
    }

    static void theFallbackIsForgotten(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Question ask(Fence fence, NewQuestion question) {
                return real.ask(fence, question == null ? null : question.withFallback(null));
            }
        };
    }

    /** The last answer wins, in the answer at least. */
    static Defect theLastAnswerWins() {
        return (store, clock) -> store.questions = new PassingQuestions(store.questions) {
            private final Map<String, Question> last = new HashMap<>();

            @Override
            public Question get(String questionId) {
                Question question = real.get(questionId);
                return last.getOrDefault(question.id(), question);
            }

            @Override
            public Question answer(String questionId, Reply reply, String answeredBy) {
                try {
                    return real.answer(questionId, reply, answeredBy);
                } catch (AlreadyTerminalException e) {
                    Question ended = real.get(questionId);
                    QuestionEnd end = ended.end();
                    if (end == null) {
                        throw e;
                    }
                    Question other = ended.ended(
                            QuestionState.ANSWERED,
                            new QuestionEnd(reply, answeredBy, null, end.commandId(), end.at()));
                    last.put(questionId, other);
                    return other;
                }
            }
        };
    }

    static void whoAnsweredIsForgotten(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Question answer(String questionId, Reply reply, String answeredBy) {
                return real.answer(questionId, reply, answeredBy == null || answeredBy.isBlank() ? answeredBy : "host");
            }
        };
    }

    static void theyExpireAMicrosecondLate(PassingStore store, SkewedClock clock) {
        skewed(store, clock, MICRO.negated());
    }

    static void theyExpireAMicrosecondEarly(PassingStore store, SkewedClock clock) {
        skewed(store, clock, MICRO);
    }

    private static void skewed(PassingStore store, SkewedClock clock, Duration by) {
        store.upkeep = () -> clock.off(by, () -> store.real.upkeep());
    }

    static void aLateAnswerCounts(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Question answer(String questionId, Reply reply, String answeredBy) {
                return clock.off(MICRO.negated(), () -> real.answer(questionId, reply, answeredBy));
            }
        };
    }

    static void theyNeverExpire(PassingStore store, SkewedClock clock) {
        store.upkeep = () -> {
            Upkeep done = clock.off(Duration.ofDays(365).negated(), () -> store.real.upkeep());
            return done.withQuestionsExpired(0);
        };
    }

    /** The run ends, and what it asked stays open. */
    static void theEndOfARunLeavesThemOpen(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Question get(String questionId) {
                return reopened(real.get(questionId));
            }

            private Question reopened(Question question) {
                QuestionEnd end = question.end();
                return end != null && "its run ended".equals(end.reason())
                        ? new Question(
                                question.id(),
                                question.runId(),
                                question.turnId(),
                                question.owner(),
                                question.sessionId(),
                                question.content(),
                                QuestionState.OPEN,
                                null,
                                question.idempotency(),
                                question.version(),
                                question.createdAt(),
                                question.expiresAt())
                        : question;
            }
        };
    }

    /** The count on the run is what it was. */
    static void theRunForgetsItsCount(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run get(String runId) {
                return real.get(runId).toBuilder().openQuestions(0).build();
            }
        };
    }

    /** What becomes of a question is taken by the runner that hears of it, acknowledged or not. */
    static Defect anAnswerIsDeliveredOnce() {
        return (store, clock) -> {
            Map<String, String> seen = new HashMap<>();
            store.commands = new PassingCommands(store.commands) {
                @Override
                public CommandDelivery await(Fence fence, int limit, Duration timeout) {
                    var delivery = real.await(fence, limit, timeout);
                    List<Command> left = delivery.commands().stream()
                            .filter(command -> command.type() != CommandType.ANSWER
                                    || seen.put(command.id(), command.runId()) == null)
                            .toList();
                    return new CommandDelivery(delivery.signal(), left, delivery.cancelRequest());
                }
            };
        };
    }

    static void theInboxIsInAnyOrder(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Page<Question> list(QuestionQuery query) {
                return real.list(
                        query == null || query.order() == QuestionOrder.DUE
                                ? query
                                : query.withOrder(QuestionOrder.DUE));
            }
        };
    }

    static void theInboxShowsWhatIsAnswered(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Page<Question> list(QuestionQuery query) {
                return real.list(query == null ? null : query.withState(null));
            }
        };
    }

    /** A feed passes what has changed since its cursor, unless it is new. */
    static void theFeedShowsNewOnesOnly(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public ChangePage<Question> changes(TenantScope scope, @Nullable String cursor, int limit) {
                ChangePage<Question> page = real.changes(scope, cursor, limit);
                return new ChangePage<>(
                        page.items().stream()
                                .filter(question -> !question.state().terminal())
                                .toList(),
                        page.cursor(),
                        page.more(),
                        page.restarted());
            }
        };
    }

    static void anAnswerAfterTheEndIsSwallowed(PassingStore store, SkewedClock clock) {
        store.questions = new PassingQuestions(store.questions) {
            @Override
            public Question answer(String questionId, Reply reply, String answeredBy) {
                try {
                    return real.answer(questionId, reply, answeredBy);
                } catch (AlreadyTerminalException e) {
                    return real.get(questionId);
                }
            }
        };
    }

    static void questionsEndAfterTheRun(PassingStore store, SkewedClock clock) {
        store.runs = new PassingRuns(store.runs) {
            @Override
            public Run finish(Fence fence, TurnResult result) {
                Run run = real.finish(fence, result);
                return run.toBuilder().openQuestions(run.openQuestions() + 1).build();
            }

            @Override
            public Run get(String runId) {
                Run run = real.get(runId);
                return run.isTerminal() ? run.toBuilder().openQuestions(1).build() : run;
            }
        };
    }
}
