package io.agentrun.json;

import io.agentrun.check.Require;
import io.agentrun.redact.SecretFinder;

/**
 * Masks secrets in what is about to be stored. A host may bring its own; it must be thread-safe, must not change what
 * it has already masked, and should take time linear in its input.
 */
public interface Redactor {

    /**
     * Returns the payload with its secrets masked; the same instance if there were none. A second call changes nothing.
     *
     * @throws io.agentrun.error.InvalidInputException if masking makes the payload larger than an object may be
     */
    JsonObject redact(JsonObject payload);

    /** Returns the text with its secrets masked; the same instance if there were none. A second call changes nothing. */
    String redact(String text);

    /**
     * Returns the redactor that stores use unless told otherwise. It puts {@code [redacted]} in place of
     *
     * <ul>
     *   <li>the string, number, object or array at a key that names a secret, at any depth: {@code password},
     *       {@code apiKey}, {@code X-Auth-Token}, {@code client_secret} and the like, in any case and with any
     *       separators, but not {@code max_tokens}, {@code nextPageToken} or {@code authorizationUrl}; the value of a pair
     *       whose name is such a key; the argument after such a flag; not an object that describes the member, as JSON
     *       Schema does, nor what stands for a value: {@code ${TOKEN}}, {@code ********};
     *   <li>in every string, and in every key: the shapes of more than a hundred kinds of tokens
     *       ({@link io.agentrun.redact.SecretFinder#rules}), JWTs, {@code Bearer} and {@code Basic} credentials, private
     *       keys, passwords in URLs, and values that such a name announces: variables, headers, flags, parameters,
     *       connection strings, JSON and YAML in text; also in Base64 and behind invisible characters.
     * </ul>
     *
     * <p>A secret without a telling name or shape passes. Time is linear in the input.
     */
    static Redactor standard() {
        return StandardRedactor.INSTANCE;
    }

    /**
     * Returns a redactor that masks what this finder finds: the standard rules with a host's own, {@code
     * SecretFinder.builder()}.
     */
    static Redactor of(SecretFinder finder) {
        return new StandardRedactor(Require.given("finder", finder));
    }

    /** Returns the redactor that returns everything as it is. */
    static Redactor none() {
        return new Redactor() {
            @Override
            public JsonObject redact(JsonObject payload) {
                return payload;
            }

            @Override
            public String redact(String text) {
                return text;
            }
        };
    }
}
