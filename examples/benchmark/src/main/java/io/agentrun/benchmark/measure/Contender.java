package io.agentrun.benchmark.measure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One side of a comparison: as many clients as threads, and what is made ready before each slice.
 *
 * <p>Not thread-safe: one thread at a time.
 *
 * @param clients one for each thread
 * @param unitsPerCall how many of what is counted one call does: the events of a batch
 * @param beforeSlice what is done before each slice, and not timed
 */
public record Contender(List<Client> clients, int unitsPerCall, Runnable beforeSlice) implements AutoCloseable {

    public Contender {
        clients = List.copyOf(clients);
    }

    /** A contender with so many clients, each made from its number. */
    public static Contender of(int threads, IntFunction<? extends Client> client) {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            clients.add(client.apply(i));
        }
        return new Contender(clients, 1, () -> {});
    }

    /** The same, of which one call counts for so many. */
    public Contender counting(int units) {
        return new Contender(clients, units, beforeSlice);
    }

    /** The same, with something to do before each slice. */
    public Contender before(Runnable slice) {
        return new Contender(clients, unitsPerCall, slice);
    }

    @Override
    public void close() throws SQLException {
        for (Client client : clients) {
            client.close();
        }
    }
}
