package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.storage.KubernetesNames;
import java.util.Map;
import java.util.TreeMap;

/**
 * The value of an environment variable: a text that anybody may see, or a reference to a secret.
 *
 * <p>Immutable.
 */
public sealed interface EnvValue {

    /**
     * A text; it stands in the manifest for whoever may read Jobs. The runner sees it as it is: Kubernetes replaces no
     * {@code $(NAME)} in it.
     *
     * @param value the text, 0 to 16384 characters
     */
    record Literal(String value) implements EnvValue {

        /**
         * Checks what is given.
         *
         * @throws InvalidInputException when the value is missing, too long or holds a NUL character
         */
        public Literal {
            value = Texts.message("env", value);
        }
    }

    /**
     * A key of a Secret of the Job's namespace; its value never passes through agentrun.
     *
     * @param secret the name of the Secret
     * @param key the key in it
     */
    record FromSecret(String secret, String key) implements EnvValue {

        /**
         * Checks what is given.
         *
         * @throws InvalidInputException when the name is not a DNS subdomain or the key not one
         */
        public FromSecret {
            secret = KubernetesNames.subdomain("env.secret", secret);
            key = KubernetesSyntax.dataKey("env.key", key);
        }
    }

    /** The prefix of the variables that the launcher sets itself. */
    String RESERVED_PREFIX = "AGENTRUN_";

    /** Returns a text. */
    static EnvValue of(String value) {
        return new Literal(value);
    }

    /** Returns a reference to a key of a Secret. */
    static EnvValue fromSecret(String secret, String key) {
        return new FromSecret(secret, key);
    }

    /**
     * Returns a sorted copy of the variables.
     *
     * @throws InvalidInputException naming {@code env} when a name is not one, begins with {@value #RESERVED_PREFIX}, or
     *     says that it holds a secret ({@code PGPASSWORD}, {@code GITHUB_PAT}, {@code OPENAI_KEY}, {@code DATABASE_URL})
     *     while its value is a text, or the text is an address with a password in it
     */
    static Map<String, EnvValue> checked(Map<String, EnvValue> env) {
        Map<String, EnvValue> copy = new TreeMap<>();
        Require.given("env", env).forEach((name, value) -> {
            KubernetesSyntax.envName("env", name);
            if (name.startsWith(RESERVED_PREFIX)) {
                throw new InvalidInputException("env", "must not set variables that begin with " + RESERVED_PREFIX);
            }
            if (Require.given("env", value) instanceof Literal literal && Secrecy.isSecret(name, literal.value())) {
                throw new InvalidInputException(
                        "env", "must take what its name or its value shows to be a secret from a Secret: " + name);
            }
            copy.put(name, value);
        });
        return Map.copyOf(copy);
    }
}
