package io.agentrun.k8s.object;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import io.agentrun.storage.KubernetesNames;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of labels, annotations, quantities and uids, so that a bad one is refused with the name of its field
 * before a cluster is asked. Names are checked by {@link KubernetesNames}.
 *
 * <p>Thread-safe.
 */
public final class KubernetesSyntax {

    private static final Pattern LABEL_PART = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern QUANTITY =
            Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][0-9]{1,2})?");
    private static final Pattern UID = Pattern.compile("[A-Za-z0-9][-A-Za-z0-9_.:]{0,127}");
    private static final Pattern ENV_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,252}");
    private static final Pattern KEY = Pattern.compile("[-._A-Za-z0-9]{1,253}");
    private static final int MAX_ANNOTATIONS = 256 * 1024;
    private static final Map<String, BigDecimal> UNITS = units();

    private KubernetesSyntax() {}

    private static Map<String, BigDecimal> units() {
        Map<String, BigDecimal> units = new HashMap<>(Map.of("", BigDecimal.ONE, "m", BigDecimal.ONE.movePointLeft(3)));
        String[] prefixes = {"K", "M", "G", "T", "P", "E"};
        for (int i = 0; i < prefixes.length; i++) {
            String prefix = prefixes[i];
            units.put(prefix + "i", BigDecimal.valueOf(1024).pow(i + 1));
            units.put(i == 0 ? "k" : prefix, BigDecimal.TEN.pow(3 * (i + 1)));
        }
        return Map.copyOf(units);
    }

    /**
     * Returns the value of a label: empty, or 1 to 63 of {@code A-Z a-z 0-9 - _ .} with a letter or digit at both ends.
     *
     * @throws InvalidInputException naming {@code field} when it is null or anything else
     */
    public static String labelValue(String field, @Nullable String value) {
        String given = Require.given(field, value);
        if (!given.isEmpty() && !LABEL_PART.matcher(given).matches()) {
            throw new InvalidInputException(field, "must be a label value of at most 63 characters");
        }
        return given;
    }

    /**
     * Returns the key of a label or annotation: a name of 1 to 63 characters, with or without a DNS subdomain and a
     * slash in front.
     *
     * @throws InvalidInputException naming {@code field} when it is null or anything else
     */
    public static String labelKey(String field, @Nullable String key) {
        String given = Require.given(field, key);
        int slash = given.indexOf('/');
        if (slash >= 0) {
            KubernetesNames.subdomain(field, given.substring(0, slash));
        }
        if (!LABEL_PART.matcher(given.substring(slash + 1)).matches()) {
            throw new InvalidInputException(
                    field, "must be a label key: an optional DNS prefix and a name of at most 63");
        }
        return given;
    }

    /**
     * Returns a sorted, unmodifiable copy of the labels, keys and values checked.
     *
     * @throws InvalidInputException naming {@code field} when one is null or not a label
     */
    public static Map<String, String> labels(String field, @Nullable Map<String, String> labels) {
        TreeMap<String, String> copy = new TreeMap<>();
        Require.given(field, labels).forEach((key, value) -> copy.put(labelKey(field, key), labelValue(field, value)));
        return Collections.unmodifiableMap(copy);
    }

    /**
     * Returns a sorted, unmodifiable copy of the annotations: keys as for labels, values of any text, 256 KiB in all.
     *
     * @throws InvalidInputException naming {@code field} when a key is not one, a value is missing, or they are too long
     */
    public static Map<String, String> annotations(String field, @Nullable Map<String, String> annotations) {
        TreeMap<String, String> copy = new TreeMap<>();
        long size = 0;
        for (Map.Entry<String, String> entry : Require.given(field, annotations).entrySet()) {
            String value = Require.given(field, entry.getValue());
            copy.put(labelKey(field, entry.getKey()), value);
            size += entry.getKey().length() + value.length();
        }
        if (size > MAX_ANNOTATIONS) {
            throw new InvalidInputException(field, "must not be longer than 256 KiB together");
        }
        return Collections.unmodifiableMap(copy);
    }

    /**
     * Returns the quantity ({@code 10Gi}, {@code 500m}, {@code 2}), which is more than zero.
     *
     * @throws InvalidInputException naming {@code field} when it is null, not a quantity, negative or zero
     */
    public static String quantity(String field, @Nullable String quantity) {
        String given = Require.given(field, quantity);
        Matcher matcher = QUANTITY.matcher(given);
        if (!matcher.matches() || new BigDecimal(matcher.group(1)).signum() == 0) {
            throw new InvalidInputException(field, "must be a quantity of more than zero, such as 10Gi or 500m");
        }
        return given;
    }

    /**
     * Returns how much a quantity is, so that two can be compared: {@code 1Gi} and {@code 1024Mi} are the same. Nothing when it
     * is none.
     */
    public static Optional<BigDecimal> amount(@Nullable String quantity) {
        Matcher matcher = QUANTITY.matcher(quantity == null ? "" : quantity);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        String unit = matcher.group(2) == null ? "" : matcher.group(2);
        BigDecimal amount = unit.matches("[eE][0-9]+")
                ? number.scaleByPowerOfTen(Integer.parseInt(unit.substring(1)))
                : number.multiply(UNITS.get(unit));
        return Optional.of(amount.stripTrailingZeros());
    }

    /**
     * Returns a uid as the cluster gave it.
     *
     * @throws InvalidInputException naming {@code field} when it is null or cannot be one
     */
    public static String uid(String field, @Nullable String uid) {
        String given = Require.given(field, uid);
        if (!UID.matcher(given).matches()) {
            throw new InvalidInputException(field, "must be a uid as the cluster gives them");
        }
        return given;
    }

    /**
     * Returns the name of an environment variable: a letter or underscore, then letters, digits and underscores.
     *
     * @throws InvalidInputException naming {@code field} when it is null or anything else
     */
    public static String envName(String field, @Nullable String name) {
        String given = Require.given(field, name);
        if (!ENV_NAME.matcher(given).matches()) {
            throw new InvalidInputException(field, "must be the name of an environment variable");
        }
        return given;
    }

    /**
     * Returns a key of a Secret or ConfigMap: 1 to 253 of {@code A-Z a-z 0-9 - _ .}, not {@code .} or {@code ..}.
     *
     * @throws InvalidInputException naming {@code field} when it is null or anything else
     */
    public static String dataKey(String field, @Nullable String key) {
        String given = Require.given(field, key);
        if (!KEY.matcher(given).matches() || given.equals(".") || given.startsWith("..")) {
            throw new InvalidInputException(field, "must be a key of a Secret");
        }
        return given;
    }
}
