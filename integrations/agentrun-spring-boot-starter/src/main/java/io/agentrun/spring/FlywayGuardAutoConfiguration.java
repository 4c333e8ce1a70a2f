package io.agentrun.spring;

import org.flywaydb.core.Flyway;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Keeps Spring Boot 3.5 from migrating a host that has no migrations: the store brings Flyway, and Boot takes its presence for a wish,
 * which fails where the host's schema has tables. A host with migrations, and one on Boot 4, notices nothing.
 */
@AutoConfiguration(beforeName = "org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration")
@ConditionalOnClass({Flyway.class, FlywayMigrationStrategy.class})
public final class FlywayGuardAutoConfiguration {

    FlywayGuardAutoConfiguration() {}

    /** Migrates where there is something to migrate, or something was. */
    @Bean
    @ConditionalOnMissingBean(FlywayMigrationStrategy.class)
    FlywayMigrationStrategy agentRunFlywayMigrationStrategy() {
        return flyway -> {
            if (flyway.info().all().length > 0) {
                flyway.migrate();
            }
        };
    }
}
