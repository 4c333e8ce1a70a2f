package io.agentrun.spring;

import io.agentrun.AgentRunStore;
import io.agentrun.StoreListener;
import io.agentrun.memory.InMemoryAgentRunStore;
import io.agentrun.postgres.PostgresAgentRunStore;
import io.agentrun.postgres.PostgresStoreBuilder;
import io.agentrun.spring.AgentRunProperties.Store;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.datasource.DataSourceUtils;

/** Makes the store, on PostgreSQL, in memory or on a file, unless the host has one. What is below is tried in its order. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
        })
@EnableConfigurationProperties(AgentRunProperties.class)
public final class StoreAutoConfiguration {

    private static final System.Logger LOG = System.getLogger("io.agentrun.spring");

    /** The store on PostgreSQL, and the one that the host gets, which joins its transactions. */
    @Configuration(proxyBeanMethods = false)
    @Order(1)
    @ConditionalOnClass({PostgresAgentRunStore.class, DataSource.class, DataSourceUtils.class})
    @ConditionalOnProperty(name = "agentrun.store.type", havingValue = "postgres", matchIfMissing = true)
    @ConditionalOnSingleCandidate(DataSource.class)
    @ConditionalOnMissingBean(AgentRunStore.class)
    static class OnPostgres {

        /** The store without the host's transactions; for {@code in(connection)} by hand, and for the worker. */
        @Bean
        @DependsOnDatabaseInitialization
        PostgresAgentRunStore agentRunPostgresStore(
                DataSource dataSource,
                AgentRunProperties properties,
                ObjectProvider<StoreListener> listeners,
                ObjectProvider<PostgresStoreCustomizer> customizers) {
            Store given = properties.store();
            PostgresStoreBuilder builder = PostgresAgentRunStore.builder(SpringTransactions.target(dataSource))
                    .schema(given.schema())
                    .statementTimeout(given.statementTimeout())
                    .lockTimeout(given.lockTimeout())
                    .pollInterval(given.pollInterval())
                    .maxConnections(given.maxConnections())
                    .listener(Listeners.all(listeners.orderedStream().toList()));
            if (!given.migrate()) {
                builder.withoutMigration();
            }
            if (!given.notifications()) {
                builder.withoutNotifications();
            }
            customizers.orderedStream().forEach(each -> each.customize(builder));
            return builder.build();
        }

        /** The store that the host gets. */
        @Bean
        @Primary
        AgentRunStore agentRunStore(PostgresAgentRunStore store, DataSource dataSource) {
            return new TransactionAwareStore(new SpringTransactions(store, SpringTransactions.target(dataSource)));
        }
    }

    /** The store in memory or on a file. */
    @Configuration(proxyBeanMethods = false)
    @Order(2)
    @ConditionalOnClass(InMemoryAgentRunStore.class)
    @ConditionalOnMissingBean(AgentRunStore.class)
    @ConditionalOnProperty(name = "agentrun.store.type")
    static class InMemory {

        @Bean
        @ConditionalOnProperty(name = "agentrun.store.type", havingValue = "memory")
        AgentRunStore agentRunStore(ObjectProvider<StoreListener> listeners) {
            outsideOfTransactions("in memory, and gone at the end of the host");
            return builder(listeners).build();
        }

        @Bean
        @ConditionalOnProperty(name = "agentrun.store.type", havingValue = "file")
        AgentRunStore agentRunFileStore(AgentRunProperties properties, ObjectProvider<StoreListener> listeners) {
            Path file = properties.store().file();
            if (file == null) {
                throw new StoreNotConfiguredException(
                        "agentrun.store.type is 'file', and no file is named", "Set agentrun.store.file.");
            }
            outsideOfTransactions("on the file " + file);
            return builder(listeners).open(file);
        }

        private static InMemoryAgentRunStore.Builder builder(ObjectProvider<StoreListener> listeners) {
            return InMemoryAgentRunStore.builder()
                    .listener(Listeners.all(listeners.orderedStream().toList()));
        }

        private static void outsideOfTransactions(String where) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "agentrun keeps its state " + where
                            + ": its calls take effect at once, also in a transaction of the"
                            + " host that is rolled back afterwards");
        }
    }

    /** Says what is missing, instead of a context without a store. */
    @Configuration(proxyBeanMethods = false)
    @Order(3)
    @ConditionalOnMissingBean(AgentRunStore.class)
    @Conditional(WantsStore.class)
    static class Nowhere {

        @Bean
        AgentRunStore agentRunStore(AgentRunProperties properties) {
            throw StoreNotConfiguredException.of(properties.store().type());
        }
    }

    /** Unless the host has said that it wants none. */
    static final class WantsStore extends NoneNestedConditions {

        WantsStore() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnProperty(name = "agentrun.store.type", havingValue = "none")
        static class WantsNone {}
    }
}
