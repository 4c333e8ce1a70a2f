package io.agentrun.postgres.internal.migration;

import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogCreator;
import org.flywaydb.core.api.logging.LogFactory;

/**
 * Demotes what Flyway says at INFO while it works for the store: some thirty lines, of which a host needs one, and that one the store
 * logs itself. Warnings stay warnings. Where Flyway logs to is one setting for the whole JVM: it is set back as soon as the work is
 * done, and what Flyway says on other threads meanwhile, for the host, keeps its level. Thread-safe.
 */
public final class FlywayLog implements LogCreator {

    private final Thread owner = Thread.currentThread();

    private FlywayLog() {}

    /** Does the work of this Flyway, on this thread. */
    public static <T> T during(Flyway flyway, Supplier<T> work) {
        LogFactory.setLogCreator(new FlywayLog());
        try {
            return work.get();
        } finally {
            // Makes Flyway look again for the host's way of logging, as every new Flyway does.
            LogFactory.setConfiguration(flyway.getConfiguration());
        }
    }

    @Override
    public Log createLogger(Class<?> of) {
        return new OfClass(System.getLogger(of.getName()));
    }

    private final class OfClass implements Log {

        private final System.Logger logger;

        private OfClass(System.Logger logger) {
            this.logger = logger;
        }

        private System.Logger.Level info() {
            return Thread.currentThread() == owner ? System.Logger.Level.DEBUG : System.Logger.Level.INFO;
        }

        /** Said here, because Flyway before 13 has no default for it, and a host decides which Flyway there is. */
        @Override
        @SuppressWarnings("deprecation") // in 13
        public boolean isDebugEnabled() {
            return logger.isLoggable(System.Logger.Level.DEBUG);
        }

        @Override
        public void debug(String message) {
            logger.log(System.Logger.Level.DEBUG, message);
        }

        @Override
        public void info(String message) {
            logger.log(info(), message);
        }

        @Override
        public void notice(String message) {
            logger.log(info(), message);
        }

        @Override
        public void warn(String message) {
            logger.log(System.Logger.Level.WARNING, message);
        }

        @Override
        public void error(String message) {
            logger.log(System.Logger.Level.ERROR, message);
        }

        @Override
        public void error(String message, Exception e) {
            logger.log(System.Logger.Level.ERROR, message, e);
        }
    }
}
