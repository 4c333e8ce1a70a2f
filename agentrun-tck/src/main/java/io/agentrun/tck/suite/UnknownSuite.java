package io.agentrun.tck.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agentrun.command.Command;
import io.agentrun.error.NotFoundException;
import io.agentrun.lease.RunLease;
import io.agentrun.model.Outcome;
import io.agentrun.model.TurnResult;
import io.agentrun.rules.Rule;
import io.agentrun.run.RunQuery;
import io.agentrun.tck.Proves;
import org.junit.jupiter.api.Test;

/**
 * What is not there, for every operation that names it.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public abstract class UnknownSuite extends ConformanceSuite {

    /** For adapters. */
    protected UnknownSuite() {}

    @Test
    @Proves({Rule.G_2, Rule.G_3})
    void what_an_operation_names_must_be_there() {
        for (Operations.Operation operation : Operations.on(Operations.unknown(), given())) {
            if (!operation.ids().isEmpty()) {
                Throwable thrown = catchThrowable(() -> operation.call().accept(store()));

                assertThat(thrown).as(operation.name()).isExactlyInstanceOf(NotFoundException.class);
                NotFoundException refusal = (NotFoundException) thrown;
                assertThat(refusal.id()).as(operation.name()).endsWith("_unknown");
                assertThat(refusal.httpStatus()).as(operation.name()).isEqualTo(404);
                assertThat(refusal.failureKind().wire()).as(operation.name()).isEqualTo("schema-invalid");
            }
        }
        assertThat(store().runs().list(RunQuery.in(given().scope())).items()).isEmpty();
        assertThat(store().sessions().find("session_unknown")).isEmpty();
    }

    @Test
    @Proves({Rule.G_2, Rule.G_3})
    void an_unknown_command_of_a_known_run_is_not_found() {
        RunLease lease = given().claimed();
        Operations.Ids known = Operations.known(given());
        Operations.Ids ids =
                new Operations.Ids(lease.run().id(), "cmd_unknown", known.session(), known.task(), known.question());
        for (Operations.Operation operation : Operations.on(ids, given())) {
            if (operation.ids().endsWith("c")) {
                NotFoundException refusal = watch().run(lease.run()).refuses(NotFoundException.class, () -> {
                    operation.call().accept(store());
                    return operation.name();
                });
                assertThat(refusal.what()).isEqualTo("command");
                assertThat(refusal.id()).isEqualTo("cmd_unknown");
            }
        }
    }

    @Test
    @Proves({Rule.G_2, Rule.C_6, Rule.C_7, Rule.G_3})
    void a_command_of_another_run_is_not_found() {
        RunLease lease = given().claimed();
        RunLease other = given().claimed();
        Command foreign = given().turn(other.run());
        TurnResult done = TurnResult.of(Outcome.completed());

        NotFoundException acknowledged = watch().run(lease.run())
                .run(other.run())
                .refuses(NotFoundException.class, () -> store().commands().acknowledge(lease.fence(), foreign.id()));
        NotFoundException finished = watch().run(lease.run())
                .run(other.run())
                .refuses(NotFoundException.class, () -> store().commands().finish(lease.fence(), foreign.id(), done));

        assertThat(acknowledged.what()).isEqualTo("command");
        assertThat(finished.id()).isEqualTo(foreign.id());
    }
}
