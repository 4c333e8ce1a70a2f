package io.agentrun.benchmark.scenario.cost;

import io.agentrun.benchmark.measure.Client;
import java.sql.SQLException;

/** A client that does so many operations and then has nothing left, once in each slice; closing it leaves the client open. */
final class Rationed implements Client {

    private final Client client;
    private final int ration;
    private int done;

    Rationed(Client client, int ration) {
        this.client = client;
        this.ration = ration;
    }

    @Override
    public boolean once() throws SQLException {
        if (done == ration) {
            done = 0;
            return false;
        }
        done++;
        return client.once();
    }
}
