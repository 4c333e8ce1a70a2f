import io.agentrun.tck.suite.StoreConformance;

/** What agentrun-tck alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(StoreConformance.class.getDeclaredClasses().length + " suites");
    }
}
