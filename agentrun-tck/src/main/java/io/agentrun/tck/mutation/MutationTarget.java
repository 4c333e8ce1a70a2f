package io.agentrun.tck.mutation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A module whose source is changed, and the tests that have to notice. The program runs in the module's folder: its source is in
 * {@code src/main}, its mutants are in {@code src/test/mutants}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public interface MutationTarget {

    /**
     * Returns the package that has all classes of the module, main and test, such as {@code io.agentrun.k8s}. They are loaded anew
     * for each mutant, but for those of its subpackage {@code mutation}.
     */
    String rootPackage();

    /**
     * Returns the classes of the tests that the mutant names.
     *
     * @param loader what to load classes of the module by
     * @throws ReflectiveOperationException when there is no such class
     */
    List<TestClass> tests(Mutant mutant, ClassLoader loader) throws ReflectiveOperationException;

    /**
     * Releases what the tests of one mutant have left behind; does nothing unless overridden. It is called after each run.
     *
     * @param loader what the classes of the module were loaded by
     * @throws ReflectiveOperationException when a class to release it by cannot be loaded
     */
    default void afterTests(ClassLoader loader) throws ReflectiveOperationException {}

    /**
     * A test class. Immutable.
     *
     * @param type the class
     * @param enclosing the test class in which the class is nested, also by inheritance; null when it stands for itself
     */
    record TestClass(Class<?> type, @Nullable Class<?> enclosing) {}
}
