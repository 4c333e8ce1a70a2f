package io.agentrun.k8s.apiserver;

import io.agentrun.AgentRunStore;
import io.agentrun.SessionStore;
import io.agentrun.StorageStore;
import io.agentrun.model.ChangePage;
import io.agentrun.session.Session;
import io.agentrun.session.StorageClaim;
import io.agentrun.storage.PvcRef;
import io.agentrun.storage.SessionStorage;
import io.agentrun.storage.StorageReady;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A store whose rows of volumes are as the original manager left them: without the uid of the claim, until somebody tells
 * it.
 */
public final class AdoptedRows {

    private final Set<String> learnt = ConcurrentHashMap.newKeySet();

    /** The sessions whose uid was told. */
    public Set<String> learnt() {
        return learnt;
    }

    public AgentRunStore over(AgentRunStore store) {
        return proxy(AgentRunStore.class, store);
    }

    private <T> T proxy(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            if (args != null && args.length == 1 && args[0] instanceof StorageReady ready) {
                learnt.add(ready.sessionId());
            }
            try {
                return hidden(args, method.invoke(target, args));
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
        }));
    }

    private @Nullable Object hidden(Object @Nullable [] args, @Nullable Object answer) {
        if (answer instanceof SessionStore sessions) {
            return proxy(SessionStore.class, sessions);
        }
        if (answer instanceof StorageStore storage) {
            return proxy(StorageStore.class, storage);
        }
        if (answer instanceof Session session) {
            return hidden(session);
        }
        if (answer instanceof SessionStorage storage && args != null) {
            return hidden(String.valueOf(args[0]), storage);
        }
        if (answer instanceof ChangePage<?> page) {
            List<Object> items = page.items().stream()
                    .map(item -> item instanceof Session session ? hidden(session) : (Object) item)
                    .toList();
            return new ChangePage<>(items, page.cursor(), page.more(), page.restarted());
        }
        if (answer instanceof List<?> list) {
            return list.stream()
                    .map(item -> item instanceof StorageClaim claim
                            ? new StorageClaim(hidden(claim.session()), claim.collectorId(), claim.until())
                            : (Object) item)
                    .toList();
        }
        return answer;
    }

    private Session hidden(Session session) {
        return session.toBuilder()
                .storage(hidden(session.id(), session.storage()))
                .build();
    }

    private SessionStorage hidden(String sessionId, SessionStorage storage) {
        PvcRef pvc = storage.pvc();
        return pvc == null || learnt.contains(sessionId)
                ? storage
                : storage.toBuilder().pvc(pvc.withUid(null)).build();
    }
}
