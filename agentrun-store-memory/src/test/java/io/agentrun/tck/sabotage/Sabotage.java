package io.agentrun.tck.sabotage;

import io.agentrun.json.Redactor;
import io.agentrun.rules.Rule;
import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.ConformanceSuite;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A store with one defect, and what the kit must say of it.
 *
 * @param what the defect, in a sentence
 * @param breaks the rules of which at least one test must fail
 * @param suites where to look; a defect that is not found there is not found
 */
record Sabotage(
        String what,
        Set<Rule> breaks,
        List<Class<? extends ConformanceSuite>> suites,
        Supplier<StoreFixture> fixtures) {

    @SafeVarargs
    static Sabotage of(String what, Set<Rule> breaks, Defect defect, Class<? extends ConformanceSuite>... suites) {
        return of(what, breaks, () -> defect, suites);
    }

    /** A defect that remembers something: every fixture gets its own. */
    @SafeVarargs
    static Sabotage of(
            String what, Set<Rule> breaks, Supplier<Defect> defect, Class<? extends ConformanceSuite>... suites) {
        return new Sabotage(what, breaks, List.of(suites), () -> new BrokenFixture(defect.get(), Redactor.standard()));
    }

    @Override
    public String toString() {
        return what;
    }
}
