package io.agentrun.postgres.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLNonTransientConnectionException;
import javax.sql.DataSource;

/**
 * Data sources that refuse connections at once while their switch is off, as where nothing listens on the port.
 *
 * <p>Thread-safe.
 */
final class SwitchableDataSource {

    private volatile boolean off;

    void off() {
        off = true;
    }

    void on() {
        off = false;
    }

    DataSource over(DataSource real) {
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (off && method.getName().equals("getConnection")) {
                        throw new SQLNonTransientConnectionException("the switch is off", "08001");
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
