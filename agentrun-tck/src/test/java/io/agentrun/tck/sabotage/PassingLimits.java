package io.agentrun.tck.sabotage;

import io.agentrun.LimitStore;
import io.agentrun.limit.Limit;
import io.agentrun.limit.LimitHolder;
import io.agentrun.limit.LimitKey;
import io.agentrun.limit.LimitKind;
import io.agentrun.model.Page;
import java.util.List;
import java.util.Optional;

/** Passes every call on; a sabotage overrides one. */
class PassingLimits implements LimitStore {

    final LimitStore real;

    PassingLimits(LimitStore real) {
        this.real = real;
    }

    @Override
    public Limit set(Limit limit) {
        return real.set(limit);
    }

    @Override
    public Optional<Limit> get(LimitKey key, LimitKind kind) {
        return real.get(key, kind);
    }

    @Override
    public Page<Limit> list(String cursor, int limit) {
        return real.list(cursor, limit);
    }

    @Override
    public boolean remove(LimitKey key, LimitKind kind) {
        return real.remove(key, kind);
    }

    @Override
    public List<LimitHolder> holders(LimitKey value) {
        return real.holders(value);
    }
}
