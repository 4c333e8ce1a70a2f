package io.agentrun.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.model.BackendProfile;
import io.agentrun.model.Owner;
import io.agentrun.model.RunSpec;
import io.agentrun.model.TenantScope;
import io.agentrun.postgres.testing.HostileNames;
import io.agentrun.postgres.testing.TestDatabase;
import io.agentrun.run.NewRun;
import io.agentrun.run.Run;
import io.agentrun.run.RunQuery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Another user of the database makes functions and operators that fit the store's statements better than the server's own: none
 * is called. The whole kit runs amid such names as well ({@code PostgresFixture}).
 */
class HostileNamesTest {

    private static final OperationStory.Step QUIETLY = new OperationStory.Step() {
        @Override
        public <T> T take(String name, Supplier<T> call) {
            return call.get();
        }
    };

    private TestDatabase database;
    private String mallory;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        mallory = database.name() + "_mallory";
        database.execute("CREATE ROLE " + mallory + "; GRANT CREATE, USAGE ON SCHEMA public TO " + mallory);
    }

    @AfterEach
    void close() {
        database.execute("DROP OWNED BY " + mallory + " CASCADE; DROP ROLE " + mallory);
        database.close();
    }

    /** What everybody may do in the schema public up to PostgreSQL 14. */
    private void attack() {
        database.execute("SET ROLE " + mallory + """
                ;
                CREATE FUNCTION public.always(text, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true';
                CREATE OPERATOR public.= (FUNCTION = public.always, LEFTARG = text, RIGHTARG = varchar);
                CREATE FUNCTION public.jsonb_build_object(text, text) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{}'::jsonb $$;
                RESET ROLE
                """);
    }

    @Test
    void a_list_shows_no_other_tenant() {
        attack();
        try (PostgresAgentRunStore store = TestDatabase.quietStore(database.pool(4))) {
            Run own = store.runs().create(newRun("alice"));
            store.runs().create(newRun("bob"));

            assertThat(store.runs()
                            .list(RunQuery.in(TenantScope.tenant("alice")))
                            .items())
                    .containsExactly(own);
        }
    }

    @Test
    void the_attack_is_one() throws SQLException {
        attack();
        try (Connection connection = database.pool(1).getConnection();
                PreparedStatement careless = connection.prepareStatement("SELECT 'alice'::text = ?")) {
            careless.setString(1, "bob");
            try (var row = careless.executeQuery()) {
                row.next();

                assertThat(row.getBoolean(1)).isTrue();
            }
        }
        try (Connection connection = database.hostilePool(1).getConnection();
                PreparedStatement careless = connection.prepareStatement("SELECT 'alice'::text = ?")) {
            careless.setString(1, "bob");

            assertThatThrownBy(careless::executeQuery).hasMessageContaining("hostile");
        }
        assertThat(HostileNames.calls(database)).isEqualTo(1);
    }

    /** Whatever a schema is called, it stands quoted in each statement, and in literals. */
    @Test
    void every_operation_works_in_a_schema_with_any_name_that_is_accepted() {
        try (TestDatabase empty = TestDatabase.empty();
                PostgresAgentRunStore store = PostgresAgentRunStore.builder(empty.pool(6))
                        .schema("a.b:c ?d; -- \"{schema}\" ${e} $$ %s Ä")
                        .build()) {
            new OperationStory(store, 1, QUIETLY).tell();

            assertThat(store.health().ready()).isTrue();
        }
    }

    @Test
    void no_operation_calls_a_hostile_name() {
        DataSource pool = database.hostilePool(6);
        try (PostgresAgentRunStore store = PostgresAgentRunStore.builder(pool)
                .schema(TestDatabase.SCHEMA)
                .withoutMigration()
                .build()) {
            new OperationStory(store, 1, QUIETLY).tell();
        }

        assertThat(HostileNames.calls(database)).isZero();
    }

    @Test
    void no_operation_in_a_transaction_of_the_host_calls_a_hostile_name() throws SQLException {
        DataSource pool = database.hostilePool(6);
        try (PostgresAgentRunStore store = TestDatabase.quietStore(pool);
                Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            new OperationStory(store.in(connection), 1, QUIETLY).tell();
            connection.commit();
        }

        assertThat(HostileNames.calls(database)).isZero();
    }

    @Test
    void a_migration_amid_hostile_names_is_refused_before_anything_is_run() {
        attack();

        assertThatThrownBy(() -> PostgresMigrations.in(database.pool(6), TestDatabase.SCHEMA)
                        .migrate())
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("another user")
                .hasMessageContaining("public");
        assertThat(HostileNames.calls(database)).isZero();
    }

    private static NewRun newRun(String tenant) {
        return NewRun.builder(new Owner(tenant, "project"), RunSpec.of(BackendProfile.CODEX))
                .build();
    }
}
