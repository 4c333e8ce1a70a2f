import io.agentrun.model.BackendProfile;
import io.agentrun.model.RunSpec;

/** What agentrun-api alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(RunSpec.of(BackendProfile.CODEX).asJson().toJson());
    }
}
