import io.agentrun.AgentRunStore;
import io.agentrun.memory.InMemoryAgentRunStore;

/** What agentrun-store-memory alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        try (AgentRunStore store = InMemoryAgentRunStore.create()) {
            System.out.println(store.health().ready() ? "ready" : "not ready");
        }
    }
}
