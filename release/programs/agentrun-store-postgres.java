import io.agentrun.postgres.PostgresAgentRunStore;
import org.postgresql.ds.PGSimpleDataSource;

/** What agentrun-store-postgres alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(PostgresAgentRunStore.builder(new PGSimpleDataSource()).getClass().getSimpleName());
    }
}
