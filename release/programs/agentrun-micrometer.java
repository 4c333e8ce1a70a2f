import io.agentrun.StoreListener;
import io.agentrun.micrometer.StoreObservations;
import io.micrometer.observation.ObservationRegistry;

/** What agentrun-micrometer alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        StoreListener listener = StoreObservations.in(ObservationRegistry.NOOP);
        System.out.println(listener == StoreListener.NONE ? "nobody listens" : "somebody listens");
    }
}
