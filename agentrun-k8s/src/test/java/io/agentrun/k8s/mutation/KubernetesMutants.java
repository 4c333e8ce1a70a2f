package io.agentrun.k8s.mutation;

import io.agentrun.tck.mutation.Mutant;
import io.agentrun.tck.mutation.MutationProgram;
import io.agentrun.tck.mutation.MutationTarget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The mutants of this module against its own tests: those in memory, and a few with the kubectl on the {@code PATH}. Not thread-safe:
 * one thread at a time.
 */
public final class KubernetesMutants implements MutationTarget {

    private KubernetesMutants() {}

    /** Runs the program; see {@link MutationProgram} for its properties. */
    public static void main(String[] args) throws IOException {
        System.exit(MutationProgram.run(new KubernetesMutants()));
    }

    @Override
    public String rootPackage() {
        return "io.agentrun.k8s";
    }

    @Override
    public List<TestClass> tests(Mutant mutant, ClassLoader loader) throws ClassNotFoundException {
        List<TestClass> tests = new ArrayList<>();
        for (String name : mutant.tests()) {
            tests.add(new TestClass(loader.loadClass(rootPackage() + "." + name), null));
        }
        return tests;
    }
}
