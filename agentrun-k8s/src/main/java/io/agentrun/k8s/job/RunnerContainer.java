package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.KubernetesSyntax;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The container that a runner runs in. Make one with {@link #builder}.
 *
 * <p>Immutable.
 *
 * @param image the image, 1 to 500 characters without white space
 * @param command the command, empty for the image's own
 * @param args its arguments, empty for the image's own; anybody who may read Jobs sees them
 * @param env its variables; secrets by reference only
 * @param requests what it asks for, quantities by resource ({@code cpu}, {@code memory}, …)
 * @param limits what it may use at most
 * @param pullPolicy {@code Always}, {@code IfNotPresent} (unless given) or {@code Never}
 */
public record RunnerContainer(
        String image,
        List<String> command,
        List<String> args,
        Map<String, EnvValue> env,
        Map<String, String> requests,
        Map<String, String> limits,
        String pullPolicy) {

    private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][^\\s\\p{Cntrl}]{0,499}");
    private static final Set<String> PULL_POLICIES = Set.of("Always", "IfNotPresent", "Never");

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException naming the component that Kubernetes would refuse
     */
    public RunnerContainer {
        if (!IMAGE.matcher(Require.given("image", image)).matches()) {
            throw new InvalidInputException("image", "must be the name of an image, of at most 500 characters");
        }
        command = texts("command", command);
        args = texts("args", args);
        env = EnvValue.checked(env);
        requests = quantities("requests", requests);
        limits = quantities("limits", limits);
        if (!PULL_POLICIES.contains(Require.given("pullPolicy", pullPolicy))) {
            throw new InvalidInputException("pullPolicy", "must be one of Always, IfNotPresent, Never");
        }
    }

    private static List<String> texts(String field, List<String> texts) {
        List<String> copy = Require.items(field, texts);
        copy.forEach(text -> Texts.message(field, text));
        return copy;
    }

    private static Map<String, String> quantities(String field, Map<String, String> quantities) {
        Map<String, String> copy = new TreeMap<>();
        Require.given(field, quantities)
                .forEach((name, quantity) ->
                        copy.put(KubernetesSyntax.labelKey(field, name), KubernetesSyntax.quantity(field, quantity)));
        return Map.copyOf(copy);
    }

    /** Returns a builder of a container of this image, with its own command and no variables. */
    public static Builder builder(String image) {
        return new Builder(image);
    }

    /**
     * Collects the components of a {@link RunnerContainer}; nothing is checked before {@link #build()}.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {

        private final String image;
        private List<String> command = List.of();
        private List<String> args = List.of();
        private final Map<String, EnvValue> env = new TreeMap<>();
        private Map<String, String> requests = Map.of();
        private Map<String, String> limits = Map.of();
        private String pullPolicy = "IfNotPresent";

        private Builder(String image) {
            this.image = image;
        }

        /** Sets the command. */
        public Builder command(List<String> value) {
            this.command = value;
            return this;
        }

        /** Sets the arguments. */
        public Builder args(List<String> value) {
            this.args = value;
            return this;
        }

        /** Adds a variable. */
        public Builder env(String name, EnvValue value) {
            this.env.put(name, value);
            return this;
        }

        /** Sets what it asks for, quantities by resource. */
        public Builder requests(Map<String, String> value) {
            this.requests = value;
            return this;
        }

        /** Sets what it may use at most, quantities by resource. */
        public Builder limits(Map<String, String> value) {
            this.limits = value;
            return this;
        }

        /** Sets when the image is pulled. */
        public Builder pullPolicy(String value) {
            this.pullPolicy = value;
            return this;
        }

        /**
         * Returns the checked container.
         *
         * @throws InvalidInputException naming the component that Kubernetes would refuse
         */
        public RunnerContainer build() {
            return new RunnerContainer(image, command, args, env, requests, limits, pullPolicy);
        }
    }
}
