package io.agentrun.k8s.apiserver;

import io.agentrun.error.InvalidInputException;
import io.agentrun.json.JsonObject;
import io.agentrun.k8s.apiserver.ApiServer.Answer;
import io.agentrun.k8s.kubectl.KubectlException;
import java.util.List;
import java.util.Map;

/** The failures of an API server. */
final class Statuses {

    private Statuses() {}

    static Answer of(KubectlException e, String method, String more) {
        String words = words(e) + more;
        if (words.startsWith("injected, done all the same")) {
            return new Answer(0, null);
        }
        boolean list = e.operation().startsWith("list");
        return switch (e.reason()) {
            case NOT_FOUND -> failure(404, "NotFound", words);
            case ALREADY_EXISTS -> failure(409, "AlreadyExists", words);
            case CONFLICT ->
                list
                        ? failure(410, "Expired", "The provided continue parameter is too old")
                        : failure(409, "Conflict", words + "\nplease apply your changes to the latest version");
            case FORBIDDEN -> failure(403, "Forbidden", words);
            case QUOTA_EXCEEDED ->
                failure(403, "Forbidden", words.contains("exceeded quota:") ? words : "exceeded quota: q, " + words);
            case INVALID ->
                method.equals("GET")
                        ? failure(400, "BadRequest", words)
                        : words.contains(" is invalid: ")
                                ? invalid(words, "spec")
                                : invalid(new InvalidInputException("spec", words));
            case UNAUTHORIZED -> failure(401, "Unauthorized", "Unauthorized");
            case THROTTLED -> failure(429, "TooManyRequests", words);
            // As etcd says it: 500, and no reason.
            case UNAVAILABLE -> failure(500, "", "etcdserver: leader changed (" + words + ")");
            case TIMEOUT -> failure(504, "Timeout", words);
            case UNKNOWN -> failure(405, "MethodNotAllowed", words);
        };
    }

    /** What a server says when it cannot reach the kubelet that has the log. */
    static Answer kubelet(String words) {
        return failure(500, "", words);
    }

    /** What a server says to a request for a log that makes no sense. */
    static Answer badRequest(String words) {
        return failure(400, "BadRequest", words);
    }

    /** What a server says to who shows no good token. */
    static Answer unauthorized() {
        return failure(401, "Unauthorized", "Unauthorized");
    }

    /** What a server says to a bad object: kubectl writes no "Error from server" before it. */
    static Answer invalid(InvalidInputException e) {
        return invalid("PersistentVolumeClaim \"x\" is invalid: " + e.getMessage(), e.field());
    }

    private static Answer invalid(String words, String field) {
        Map<String, Object> cause = Map.of("reason", "FieldValueInvalid", "message", "Invalid value", "field", field);
        return status(
                422,
                JsonObject.of("status", "Failure", "reason", "Invalid", "code", 422)
                        .with("message", words)
                        .with(
                                "details",
                                Map.of("name", "x", "kind", "PersistentVolumeClaim", "causes", List.of(cause))));
    }

    static Answer success(String kind, String name, String uid) {
        return status(
                200,
                JsonObject.of("status", "Success").with("details", Map.of("name", name, "kind", kind, "uid", uid)));
    }

    private static Answer failure(int code, String reason, String words) {
        JsonObject json = JsonObject.of("status", "Failure", "message", words, "code", code);
        return status(code, reason.isEmpty() ? json : json.with("reason", reason));
    }

    private static Answer status(int code, JsonObject content) {
        return new Answer(
                code,
                content.with("kind", "Status")
                        .with("apiVersion", "v1")
                        .with("metadata", Map.of())
                        .toJson());
    }

    private static String words(KubectlException e) {
        String prefix = e.operation() + ": " + e.reason().wire() + ": ";
        String message = String.valueOf(e.getMessage());
        return message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    }
}
