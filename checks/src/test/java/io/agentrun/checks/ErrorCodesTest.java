package io.agentrun.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import io.agentrun.error.AgentRunException;
import io.agentrun.error.AlreadyTerminalException;
import io.agentrun.error.IdempotencyConflictException;
import io.agentrun.error.InvalidInputException;
import io.agentrun.error.LeaseConflictException;
import io.agentrun.error.LimitFullException;
import io.agentrun.error.NotFoundException;
import io.agentrun.error.OutdatedBatchException;
import io.agentrun.error.RunWaitingException;
import io.agentrun.error.SessionBusyException;
import io.agentrun.error.StateConflictException;
import io.agentrun.error.StoreClosedException;
import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.TenantPolicyException;
import io.agentrun.k8s.kubectl.KubectlException;
import io.agentrun.storage.SessionStorageException;
import io.agentrun.storage.StorageState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the codes of the exceptions of all modules against each other and against {@code docs/errors.md}. */
class ErrorCodesTest {

    /** One of each kind; a class that is missing here fails the first test. */
    private static final List<AgentRunException> ONE_OF_EACH = List.of(
            new AlreadyTerminalException("run", "run_1", "failed", null),
            new IdempotencyConflictException("key"),
            new InvalidInputException("limit", "must be given"),
            new KubectlException(KubectlException.Reason.UNKNOWN, "get x", "no"),
            LeaseConflictException.held("run_1"),
            new LimitFullException("run_1", "queue q"),
            new NotFoundException("run", "run_1"),
            new OutdatedBatchException("run_1", 1, 2),
            new RunWaitingException("run_1"),
            new SessionBusyException(null, null),
            new SessionStorageException("s", StorageState.MISSING),
            new StateConflictException("run", "run_1", "pending", "no", false),
            new StoreClosedException(),
            new StoreUnavailableException(StoreUnavailableException.Reason.INTERNAL, "no", null),
            new TenantPolicyException("session", "s"));

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z-]+)` \\| `(\\w+)` \\|");

    @Test
    void every_exception_of_every_module_is_looked_at() {
        List<String> all = Modules.all().stream()
                .filter(type -> type.isAssignableTo(AgentRunException.class))
                .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getName)
                .toList();

        assertThat(ONE_OF_EACH).extracting(e -> e.getClass().getName()).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void each_has_a_code_of_its_own_in_lower_case() {
        assertThat(ONE_OF_EACH)
                .extracting(AgentRunException::code)
                .doesNotHaveDuplicates()
                .allMatch(code -> code.matches("[a-z]+(-[a-z]+)*"));
    }

    @Test
    void the_table_of_the_docs_has_each_code_with_its_class() throws IOException {
        Map<String, String> expected = ONE_OF_EACH.stream()
                .collect(Collectors.toMap(
                        AgentRunException::code, e -> e.getClass().getSimpleName(), (a, b) -> a, TreeMap::new));

        Map<String, String> documented = new TreeMap<>();
        for (MatchResult row : ROW.matcher(Files.readString(Path.of("../docs/errors.md")))
                .results()
                .toList()) {
            documented.put(row.group(1), row.group(2));
        }

        assertThat(documented).isEqualTo(expected);
    }
}
