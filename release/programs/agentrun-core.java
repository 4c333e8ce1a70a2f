import io.agentrun.rules.Rule;

/** What agentrun-core alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(Rule.values().length + " rules");
    }
}
