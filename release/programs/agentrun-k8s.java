import io.agentrun.k8s.kubectl.memory.InMemoryKubectlHandler;

/** What agentrun-k8s alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(InMemoryKubectlHandler.create().probe("default").clientVersion());
    }
}
