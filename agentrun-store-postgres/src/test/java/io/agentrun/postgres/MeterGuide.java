package io.agentrun.postgres;

import javax.sql.DataSource;

/** The program of the guide that measures calls, as it stands there. */
final class MeterGuide {

    private MeterGuide() {}

    /** The meters of a host. */
    interface Timers {
        void record(String name, String failure, long nanos);
    }

    // guide begins
    static PostgresAgentRunStore metered(DataSource dataSource, Timers timers) {
        return PostgresAgentRunStore.builder(dataSource)
                .listener(call -> timers.record(call.name(), call.failed().orElse("none"), call.nanos()))
                .build();
    }
    // guide ends
}
