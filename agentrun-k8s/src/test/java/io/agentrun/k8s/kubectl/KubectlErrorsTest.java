package io.agentrun.k8s.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.json.Redactor;
import io.agentrun.k8s.kubectl.KubectlException.Reason;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What real kubectls of several versions were seen to say. */
class KubectlErrorsTest {

    private static KubectlException read(String stderr) {
        KubectlErrors.Failure failure = KubectlErrors.read(stderr, Redactor.standard(), Set.of());
        return new KubectlException(failure.reason(), "get x", failure.words());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NOT_FOUND      | Error from server (NotFound): persistentvolumeclaims \"nope\" not found",
                "NOT_FOUND      | Error from server (NotFound): the server could not find the requested resource",
                "ALREADY_EXISTS | Error from server (AlreadyExists): persistentvolumeclaims \"raw1\" already exists",
                "CONFLICT       | Error from server (Conflict): Operation cannot be fulfilled on x: the UID in the precondition",
                "CONFLICT       | Error from server (Expired): The provided continue parameter is too old",
                "CONFLICT       | Error from server (Gone): the object has been deleted",
                "FORBIDDEN      | Error from server (Forbidden): x is forbidden: User \"y\" cannot create resource \"x\"",
                "FORBIDDEN      | Error from server: admission webhook \"w\" denied the request: no",
                "FORBIDDEN      | Error from server (BadRequest): admission webhook \"w\" denied the request: no",
                "QUOTA_EXCEEDED | Error from server (Forbidden): x \"two\" is forbidden: exceeded quota: q, requested: x=1",
                "INVALID        | Error from server (Forbidden): maximum storage usage per PersistentVolumeClaim is 1Gi",
                "INVALID        | The PersistentVolumeClaim \"Bad_Name\" is invalid: metadata.name: Invalid value: \"Bad_Name\"",
                "INVALID        | The request is invalid",
                "INVALID        | Error from server (BadRequest): json: cannot unmarshal",
                "UNAUTHORIZED   | error: You must be logged in to the server (Unauthorized)",
                "UNAUTHORIZED   | error: error loading config file \"f\": yaml: line 1: did not find expected",
                "UNAUTHORIZED   | error: context \"zz\" does not exist",
                "UNAUTHORIZED   | error: stat f: no such file or directory",
                "UNAUTHORIZED   | Unable to connect to the server: x509: certificate signed by unknown authority",
                "UNAUTHORIZED   | Unable to connect to the server: getting credentials: exec: executable g not found",
                "THROTTLED      | Error from server (TooManyRequests): slow down",
                "UNAVAILABLE    | The connection to the server 127.0.0.1:1 was refused - did you specify the right host?",
                "UNAVAILABLE    | Unable to connect to the server: dial tcp: lookup x on 1.1.1.1:53: no such host",
                "UNAVAILABLE    | Error from server (InternalError): an error on the server (\"x\") has prevented",
                "UNAVAILABLE    | Error from server (ServiceUnavailable): the server is currently unable to handle",
                "TIMEOUT        | Error from server (Timeout): the server was unable to return a response in the time",
                "TIMEOUT        | Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)",
                "TIMEOUT        | Error from server: etcdserver: request timed out",
                "TIMEOUT        | Error from server: Get \"https://10.0.0.7:10250/x\": dial tcp 10.0.0.7:10250: i/o timeout",
                "UNAVAILABLE    | Error from server: Get \"https://10.0.0.7:10250/x\": dial tcp: connect: connection refused",
                "UNAVAILABLE    | Error from server: Get \"https://10.0.0.7:10250/x\": dial tcp: connect: no route to host",
                "UNAVAILABLE    | Error from server: etcdserver: leader changed",
                "UNAVAILABLE    | Error from server: etcdserver: no leader",
                "UNAVAILABLE    | Error from server: No agent available",
                "UNAVAILABLE    | Error from server: no preferred addresses found; known addresses: []",
                "UNAVAILABLE    | Error from server: rpc error: code = Unavailable desc = transport is closing",
                "UNAVAILABLE    | error: http2: client connection lost",
                "UNAVAILABLE    | error: stream error: stream ID 3; INTERNAL_ERROR; received from peer",
                "UNAVAILABLE    | error: read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer",
                "UNKNOWN        | Error from server: the server responded with the status code 418 but did not return more",
                "UNKNOWN        | Error from server (MethodNotAllowed): no",
                "UNKNOWN        | something else",
            })
    void a_message_has_its_reason(Reason reason, String stderr) {
        assertThat(read(stderr).reason()).isEqualTo(reason);
    }

    @Test
    void a_failure_behind_the_server_may_pass() {
        assertThat(read("Error from server: etcdserver: leader changed").retryable())
                .isTrue();
    }

    @Test
    void log_lines_and_warnings_are_passed_over() {
        KubectlException e = read("""
                E1121 04:25:22.123456   12345 memcache.go:265] couldn't get current server API group list
                Warning: policy/v1beta1 is deprecated
                Error from server (Forbidden): no
                W1121 04:25:22.123456   12345 reflector.go:166] retry
                """);

        assertThat(e.reason()).isEqualTo(Reason.FORBIDDEN);
        assertThat(e).hasMessage("get x: forbidden: no");
    }

    @Test
    void a_message_of_several_lines_becomes_one() {
        KubectlException e = read("Error from server (Conflict): first\nsecond\n\tthird\u0007\n");

        assertThat(e).hasMessage("get x: conflict: first second third");
    }

    @Test
    void a_long_message_is_cut() {
        assertThat(read("Error from server (Forbidden): " + "x".repeat(10_000)).getMessage())
                .hasSizeLessThan(540)
                .endsWith("…");
    }

    @Test
    void silence_is_unknown() {
        assertThat(read("").reason()).isEqualTo(Reason.UNKNOWN);
        assertThat(read("")).hasMessageContaining("said nothing");
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void only_a_call_without_a_refusal_may_have_been_done_all_the_same(Reason reason) {
        Set<Reason> unknown = Set.of(Reason.TIMEOUT, Reason.UNAVAILABLE, Reason.UNKNOWN);

        assertThat(new KubectlException(reason, "create x", "no").outcomeUnknown())
                .isEqualTo(unknown.contains(reason));
    }
}
