import io.agentrun.worker.stream.ServerSentEvents;

/** What agentrun-worker alone is enough for. */
public class Consumer {
    public static void main(String[] args) {
        System.out.println(ServerSentEvents.CONTENT_TYPE + " after " + ServerSentEvents.lastEventId("7"));
    }
}
