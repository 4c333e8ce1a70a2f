package io.agentrun.json;

/**
 * Masks secrets in what is about to be stored. A host may bring its own; it must be thread-safe, must not change what
 * it has already masked, and should take time linear in its input.
 */
public interface Redactor {

    /**
     * The payload with its secrets masked; the same instance if there were none. A second call changes nothing.
     *
     * @throws io.agentrun.error.InvalidInputException if masking makes the payload larger than an object may be
     */
    JsonObject redact(JsonObject payload);

    /** The text with its secrets masked; the same instance if there were none. A second call changes nothing. */
    String redact(String text);

    /**
     * The redactor that stores use unless told otherwise. It puts {@code [redacted]} in place of
     *
     * <ul>
     *   <li>the string, number, object or array at a key that names a secret, at any depth: {@code password},
     *       {@code apiKey}, {@code X-Auth-Token}, {@code client_secret} and the like, in any case and with any
     *       separators, but not {@code max_tokens} or {@code tokenCount};
     *   <li>well-known shapes in every string: keys of OpenAI, Anthropic, Stripe, GitHub, GitLab, Slack, AWS, Google,
     *       npm and Hugging Face, JWTs, {@code Bearer} and {@code Basic} credentials, PEM private keys, and the
     *       password in a URL.
     * </ul>
     *
     * <p>It is a net, not a proof: a secret without a telling key or shape passes. Time is linear in the input.
     */
    static Redactor standard() {
        return StandardRedactor.INSTANCE;
    }

    /** The redactor that returns everything as it is. */
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
