package io.agentrun.spring;

import io.agentrun.error.AgentRunException;
import java.net.URI;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Answers what a controller lets through of agentrun's errors as a problem detail (RFC 9457): the type is
 * {@code urn:agentrun:} and the code, and {@code failureKind}, {@code retryable} and {@code details} are what the exception has.
 *
 * <p>Thread-safe.
 */
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
class AgentRunProblems {

    /** Returns the answer. */
    @ExceptionHandler(AgentRunException.class)
    ResponseEntity<ProblemDetail> answer(AgentRunException e) {
        ProblemDetail problem = ProblemDetail.forStatus(HttpStatusCode.valueOf(e.httpStatus()));
        problem.setType(URI.create("urn:agentrun:" + e.code()));
        problem.setTitle(e.getMessage());
        problem.setProperty("failureKind", e.failureKind().wire());
        problem.setProperty("retryable", e.retryable());
        problem.setProperty("details", e.details());
        return ResponseEntity.status(e.httpStatus()).body(problem);
    }
}
