package io.agentrun.tck.sabotage;

import static io.agentrun.rules.Rule.V_1;
import static io.agentrun.rules.Rule.V_2;
import static io.agentrun.rules.Rule.V_3;

import io.agentrun.rules.Rule;
import io.agentrun.tck.suite.ViewScopeSuite;
import io.agentrun.tck.suite.ViewSuite;
import java.util.List;
import java.util.Set;

/** What is done to tenant views. */
final class ViewSabotages {

    static final List<Sabotage> ALL = List.of(
            view("a view forgets cancel", V_1, ViewSabotage::forgetsCancel),
            view("a view finds the runs of all by their keys", V_1, ViewSabotage::keysIgnoreTheScope),
            view("a view lists the runs of another owner's task", V_1, ViewSabotage::runsOfATaskIgnoreTheScope),
            view("a view forgets to check read marks", V_1, ViewSabotage::forgetsToCheckMarks),
            view("an append in one statement ignores the view", V_1, ViewSabotage::shortcutIgnoresTheScope),
            view("a heartbeat in one statement ignores the view", V_1, ViewSabotage::heartbeatIgnoresTheScope),
            view("a numbered append ignores the view", V_1, ViewSabotage::numberedAppendIgnoresTheScope),
            view("heartbeats of many ignore the view", V_1, ViewSabotage::heartbeatsIgnoreTheScope),
            view("acknowledgements of many ignore the view", V_1, ViewSabotage::acknowledgementsIgnoreTheScope),
            view("the end of a turn ignores the view", V_1, ViewSabotage::finishTurnIgnoresTheScope),
            view("a view takes the tasks of others", V_2, ViewSabotage::takesForOthers),
            view("a view waits for any of another owner's runs", V_1, ViewSabotage::waitsForAnyOutside),
            view("an own fence acknowledges another owner's command", V_1, ViewSabotage::acknowledgeLooksOutside),
            view("a view waits for another owner's events", V_1, ViewSabotage::waitsOutside),
            view("a view says that a run is another owner's", V_1, ViewSabotage::saysThatItIsAnothers),
            view("a view says not found in other words", V_1, ViewSabotage::otherWords),
            view("a view filters after the page was cut", V_2, ViewSabotage::filtersAfterTheCut),
            view("statistics of a view are everybody's", V_2, ViewSabotage::scopesAreNotNarrowed),
            view("a view ignores the scope that is asked for", V_2, ViewSabotage::askedScopesAreIgnored),
            view("of two views the last one counts", V_2, ViewSabotage::theLastViewCounts),
            view("closing a view closes its store", V_1, ViewSabotage::closesItsStore),
            view("a view creates runs for others", V_3, ViewSabotage::createsForOthers),
            view("a view changes the sessions of others", V_3, ViewSabotage::changesForOthers),
            view("a view takes the session id of another owner", V_3, ViewSabotage::takesSessionIdsAgain),
            view("a view registers runners", V_3, ViewSabotage::registersRunners));

    private ViewSabotages() {}

    private static Sabotage view(String what, Rule broken, Defect defect) {
        return Sabotage.of(what, Set.of(broken), defect, ViewSuite.class, ViewScopeSuite.class);
    }
}
