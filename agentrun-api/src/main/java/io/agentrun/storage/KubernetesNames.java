package io.agentrun.storage;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The shapes that names must have before they come near a cluster. Audience: store authors and the Kubernetes module.
 *
 * <p>Immutable.
 */
public final class KubernetesNames {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int MAX_SUBDOMAIN = 253;

    private KubernetesNames() {}

    /**
     * Returns the name, which is a DNS label (RFC 1123): 1 to 63 of {@code a-z 0-9 -}, with a letter or digit at both
     * ends.
     *
     * @throws InvalidInputException naming {@code field} when it is null or anything else
     */
    public static String label(String field, @Nullable String name) {
        String given = Require.given(field, name);
        if (!LABEL.matcher(given).matches()) {
            throw new InvalidInputException(field, "must be a DNS label of at most 63 characters");
        }
        return given;
    }

    /**
     * Returns the name, which is a DNS subdomain (RFC 1123): 1 to 253 characters, labels joined by dots.
     *
     * @throws InvalidInputException naming {@code field} when it is null or anything else
     */
    public static String subdomain(String field, @Nullable String name) {
        String given = Require.given(field, name);
        if (given.length() > MAX_SUBDOMAIN || !SUBDOMAIN.matcher(given).matches()) {
            throw new InvalidInputException(field, "must be a DNS subdomain of at most 253 characters");
        }
        return given;
    }

    /**
     * Returns the path, which stays inside the volume that it is read on: 1 to 200 characters, relative, no empty,
     * {@code .} or {@code ..} segment, no backslash.
     *
     * @throws InvalidInputException naming {@code field} when it is null or anything else
     */
    public static String relativePath(String field, @Nullable String path) {
        String given = Texts.label(field, Require.given(field, path));
        for (String segment : given.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..") || segment.contains("\\")) {
                throw new InvalidInputException(field, "must be a relative path without . and ..");
            }
        }
        return given;
    }
}
