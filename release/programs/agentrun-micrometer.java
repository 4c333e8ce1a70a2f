import io.agentrun.micrometer.StoreObservations;
import io.micrometer.observation.ObservationRegistry;

/** What agentrun-micrometer alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(StoreObservations.in(ObservationRegistry.create()).getClass().getSimpleName());
    }
}
