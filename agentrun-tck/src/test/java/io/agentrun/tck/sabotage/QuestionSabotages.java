package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.*;

import io.agentrun.tck.suite.QuestionEndSuite;
import io.agentrun.tck.suite.QuestionSuite;
import io.agentrun.tck.suite.QuestionWithdrawalSuite;
import java.util.List;
import java.util.Set;

/** What is done to a store that keeps questions. */
final class QuestionSabotages {

    static final List<Sabotage> ALL = List.of(
            Sabotage.of(
                    "a question's key is forgotten",
                    Set.of(A_1, I_1),
                    QuestionSabotage::aKeyIsForgotten,
                    QuestionSuite.class),
            Sabotage.of(
                    "what counts as the answer when the time is over is forgotten",
                    Set.of(A_4),
                    QuestionSabotage::theFallbackIsForgotten,
                    QuestionEndSuite.class),
            Sabotage.of(
                    "the last answer wins", Set.of(A_2), QuestionSabotage::theLastAnswerWins, QuestionEndSuite.class),
            Sabotage.of(
                    "who answered is forgotten",
                    Set.of(A_2, A_3),
                    QuestionSabotage::whoAnsweredIsForgotten,
                    QuestionEndSuite.class),
            Sabotage.of(
                    "questions expire a microsecond late",
                    Set.of(A_4),
                    QuestionSabotage::theyExpireAMicrosecondLate,
                    QuestionEndSuite.class),
            Sabotage.of(
                    "questions expire a microsecond early",
                    Set.of(A_4),
                    QuestionSabotage::theyExpireAMicrosecondEarly,
                    QuestionEndSuite.class),
            Sabotage.of(
                    "questions never expire", Set.of(A_4), QuestionSabotage::theyNeverExpire, QuestionEndSuite.class),
            Sabotage.of(
                    "an answer that comes too late counts",
                    Set.of(A_4),
                    QuestionSabotage::aLateAnswerCounts,
                    QuestionEndSuite.class),
            Sabotage.of(
                    "the end of a run leaves its questions open",
                    Set.of(A_5),
                    QuestionSabotage::theEndOfARunLeavesThemOpen,
                    QuestionWithdrawalSuite.class),
            Sabotage.of(
                    "a run forgets how many questions it has",
                    Set.of(A_1),
                    QuestionSabotage::theRunForgetsItsCount,
                    QuestionSuite.class),
            Sabotage.of(
                    "a run that has ended has a question",
                    Set.of(A_5),
                    QuestionSabotage::questionsEndAfterTheRun,
                    QuestionWithdrawalSuite.class),
            Sabotage.of(
                    "an answer is delivered once",
                    Set.of(A_6),
                    QuestionSabotage::anAnswerIsDeliveredOnce,
                    QuestionEndSuite.class),
            Sabotage.of(
                    "an inbox is in the order of expiry",
                    Set.of(A_7),
                    QuestionSabotage::theInboxIsInAnyOrder,
                    QuestionSuite.class),
            Sabotage.of(
                    "an inbox shows what is answered",
                    Set.of(A_7),
                    QuestionSabotage::theInboxShowsWhatIsAnswered,
                    QuestionSuite.class),
            Sabotage.of(
                    "a feed of questions shows open ones only",
                    Set.of(A_7, G_9),
                    QuestionSabotage::theFeedShowsNewOnesOnly,
                    QuestionSuite.class),
            Sabotage.of(
                    "an answer after the end is not refused",
                    Set.of(A_2, A_4),
                    QuestionSabotage::anAnswerAfterTheEndIsSwallowed,
                    QuestionEndSuite.class));

    private QuestionSabotages() {}
}
