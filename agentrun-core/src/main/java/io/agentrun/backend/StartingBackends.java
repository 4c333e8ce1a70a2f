package io.agentrun.backend;

import io.agentrun.json.JsonObject;
import io.agentrun.model.BackendProfile;
import io.agentrun.runner.NewBackend;
import java.util.List;

/**
 * The backends that every store knows before any is saved (J-3).
 *
 * <p>Thread-safe.
 */
public final class StartingBackends {

    private static final JsonObject CAPABILITIES = JsonObject.of(
            "protocol", "codex-app-server-jsonrpc-stdio",
            "transport", "stdio",
            "command", "codex app-server --listen stdio://");

    private StartingBackends() {}

    /** Returns one backend for each profile that {@link BackendProfile} names. */
    public static List<NewBackend> all() {
        return List.of(
                starting(BackendProfile.CODEX), starting(BackendProfile.DEEPSEEK), starting(BackendProfile.MINIMAX_M3));
    }

    private static NewBackend starting(BackendProfile profile) {
        return NewBackend.of(profile)
                .withCapabilities(CAPABILITIES)
                .withCapacity(JsonObject.of("mode", "manual-runner-v0.1"))
                .withHealth(JsonObject.of("status", "registered"));
    }
}
