package io.agentrun.tck.sabotage;

import io.agentrun.StorageStore;
import io.agentrun.session.Session;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import java.util.function.UnaryOperator;

/** Shows sessions, as its changes leave them, otherwise than they are. */
class LyingStorage extends PassingStorage {

    final UnaryOperator<Session> lie;

    LyingStorage(StorageStore real, UnaryOperator<Session> lie) {
        super(real);
        this.lie = lie;
    }

    @Override
    public Session refresh(StorageRefresh input) {
        return lie.apply(real.refresh(input));
    }

    @Override
    public Session provision(StorageIntent input) {
        return lie.apply(real.provision(input));
    }

    @Override
    public Session ready(StorageReady input) {
        return lie.apply(real.ready(input));
    }

    @Override
    public Session beginEviction(String id, long generation, EvictionCause cause) {
        return lie.apply(real.beginEviction(id, generation, cause));
    }

    @Override
    public Session confirmEvicted(String id, long generation) {
        return lie.apply(real.confirmEvicted(id, generation));
    }

    @Override
    public Session markMissing(String id, long generation) {
        return lie.apply(real.markMissing(id, generation));
    }
}
