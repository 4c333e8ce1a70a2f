package io.agentrun.doctor;

import java.util.Arrays;
import java.util.Comparator;

/** The order of ids. */
final class Order {

    /** By code point, as every list orders text; differs from {@link String#compareTo} beyond the basic plane. */
    static final Comparator<String> BY_CODE_POINT =
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

    private Order() {}
}
