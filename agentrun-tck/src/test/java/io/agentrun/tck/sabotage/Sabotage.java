package io.agentrun.tck.sabotage;

import io.agentrun.json.Redactor;
import io.agentrun.rules.Rule;
import io.agentrun.tck.StoreFixture;
import io.agentrun.tck.suite.ConformanceSuite;
import java.util.ArrayList;
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

    static Sabotage of(String what, Set<Rule> breaks, Defect defect, Class<?>... suites) {
        return new Sabotage(what, breaks, list(suites), () -> new BrokenFixture(defect, Redactor.standard()));
    }

    /** A defect that remembers something: every fixture gets its own. */
    static Sabotage of(String what, Set<Rule> breaks, Supplier<Defect> defect, Class<?>... suites) {
        return new Sabotage(what, breaks, list(suites), () -> new BrokenFixture(defect.get(), Redactor.standard()));
    }

    /** A store that does something to its data when it is opened again. */
    static Sabotage reopening(String what, Set<Rule> breaks, BrokenFixture.Reopening reopening, Class<?>... suites) {
        Defect none = (store, clock) -> {};
        return new Sabotage(what, breaks, list(suites), () -> new BrokenFixture(none, Redactor.standard(), reopening));
    }

    private static List<Class<? extends ConformanceSuite>> list(Class<?>... suites) {
        List<Class<? extends ConformanceSuite>> list = new ArrayList<>();
        for (Class<?> suite : suites) {
            list.add(suite.asSubclass(ConformanceSuite.class));
        }
        return list;
    }

    @Override
    public String toString() {
        return what;
    }
}
