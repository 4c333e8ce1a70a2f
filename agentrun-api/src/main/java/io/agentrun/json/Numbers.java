package io.agentrun.json;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Numbers by value: a {@link Long} if integral and in range, else a {@link BigDecimal} without trailing zeros. */
final class Numbers {

    /** More bits than any number of the permitted length has; asked first, because counting digits is not cheap. */
    private static final int MAX_BITS = 3400;

    private Numbers() {}

    static Object canonical(Number number) {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return number.longValue();
        }
        if (number instanceof BigDecimal decimal) {
            return canonical(decimal);
        }
        if (number instanceof BigInteger integer) {
            return integer.bitLength() < Long.SIZE ? (Object) integer.longValue() : canonical(new BigDecimal(integer));
        }
        if (number instanceof Double real) {
            if (!Double.isFinite(real)) {
                throw notFinite();
            }
            return canonical(BigDecimal.valueOf(real));
        }
        if (number instanceof Float real) {
            if (!Float.isFinite(real)) {
                throw notFinite();
            }
            return canonical(new BigDecimal(real.toString()));
        }
        throw Intake.refused(
                "holds a number of an unknown type, " + number.getClass().getName());
    }

    private static Object canonical(BigDecimal decimal) {
        if (decimal.signum() == 0) {
            return 0L;
        }
        if (decimal.unscaledValue().bitLength() > MAX_BITS) {
            throw tooLong();
        }
        BigDecimal stripped;
        try {
            stripped = decimal.stripTrailingZeros();
        } catch (ArithmeticException e) {
            // The exponent left the range of an int.
            throw tooLong();
        }
        if (length(stripped) > JsonObject.MAX_NUMBER_LENGTH) {
            throw tooLong();
        }
        // 19 digits may be out of range, and are looked at exactly.
        if (stripped.scale() <= 0 && (long) stripped.precision() - stripped.scale() <= 19) {
            BigInteger integer = stripped.toBigInteger();
            if (integer.bitLength() < Long.SIZE) {
                return integer.longValue();
            }
        }
        return stripped;
    }

    /** Characters of {@link Long#toString()}. */
    static int length(long number) {
        if (number == Long.MIN_VALUE) {
            return 20;
        }
        int length = number < 0 ? 2 : 1;
        for (long rest = Math.abs(number) / 10; rest > 0; rest /= 10) {
            length++;
        }
        return length;
    }

    /** Characters of {@link BigDecimal#toPlainString()}, without writing it: an exponent may be in the billions. */
    static long length(BigDecimal number) {
        long precision = number.precision();
        long scale = number.scale();
        long sign = number.signum() < 0 ? 1 : 0;
        if (scale <= 0) {
            return sign + precision - scale;
        }
        return sign + 1 + Math.max(precision, scale + 1);
    }

    static RuntimeException notFinite() {
        return Intake.refused("holds a number that is not finite");
    }

    static RuntimeException tooLong() {
        return Intake.refused("holds a number of over " + JsonObject.MAX_NUMBER_LENGTH
                + " characters when written without an exponent");
    }
}
