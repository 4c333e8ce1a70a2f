package io.agentrun.spring.console;

import io.agentrun.console.Access;
import io.agentrun.console.ConsoleExchange;
import io.agentrun.console.Guard;
import io.agentrun.model.TenantScope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Gives everything to whoever knows one token, which the page takes from its fragment and puts into a header.
 *
 * <p>Immutable.
 */
final class TokenGuard implements Guard {

    /** Shorter ones are guessed. */
    static final int SHORTEST = 16;

    private static final Access OPERATOR = Access.everything("operator", TenantScope.all());

    private final byte[] expected;

    /**
     * Makes a guard.
     *
     * @throws IllegalArgumentException if the token has fewer than {@value #SHORTEST} characters
     */
    TokenGuard(String token) {
        if (token.length() < SHORTEST) {
            throw new IllegalArgumentException("agentrun.console.token must have at least " + SHORTEST + " characters");
        }
        this.expected = bytes("Bearer " + token);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<Access> access(ConsoleExchange exchange) {
        String given = exchange.header("Authorization");
        return given != null && MessageDigest.isEqual(bytes(given), expected)
                ? Optional.of(OPERATOR)
                : Optional.empty();
    }
}
