package io.agentrun.tck.sabotage;

import io.agentrun.StorageStore;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.EvictionCause;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageClaimRequest;
import io.agentrun.storage.StorageIntent;
import io.agentrun.storage.StorageReady;
import io.agentrun.storage.StorageRefresh;
import java.util.List;

/** Passes every call on; a sabotage overrides one. */
class PassingStorage implements StorageStore {

    final StorageStore real;

    PassingStorage(StorageStore real) {
        this.real = real;
    }

    @Override
    public SessionStorage get(String id) {
        return real.get(id);
    }

    @Override
    public Session refresh(StorageRefresh input) {
        return real.refresh(input);
    }

    @Override
    public Session provision(StorageIntent input) {
        return real.provision(input);
    }

    @Override
    public Session ready(StorageReady input) {
        return real.ready(input);
    }

    @Override
    public Session beginEviction(String id, long number, EvictionCause input) {
        return real.beginEviction(id, number, input);
    }

    @Override
    public Session confirmEvicted(String id, long number) {
        return real.confirmEvicted(id, number);
    }

    @Override
    public Session markMissing(String id, long number) {
        return real.markMissing(id, number);
    }

    @Override
    public List<StorageClaim> claimExpired(StorageClaimRequest input) {
        return real.claimExpired(input);
    }

    @Override
    public void releaseClaim(String id, String text) {
        real.releaseClaim(id, text);
    }
}
