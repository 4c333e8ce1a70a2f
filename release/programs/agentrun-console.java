import io.agentrun.console.Access;
import io.agentrun.model.TenantScope;

/** What agentrun-console alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(Access.reading("ann", TenantScope.all()));
    }
}
