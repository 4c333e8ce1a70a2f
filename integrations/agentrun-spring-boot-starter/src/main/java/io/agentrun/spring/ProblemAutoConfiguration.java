package io.agentrun.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Answers agentrun's errors as problem details, unless the host does. */
@AutoConfiguration
@ConditionalOnWebApplication
@ConditionalOnClass({ProblemDetail.class, RestControllerAdvice.class})
@ConditionalOnProperty(name = "agentrun.problem-details.enabled", havingValue = "true", matchIfMissing = true)
public final class ProblemAutoConfiguration {

    ProblemAutoConfiguration() {}

    /** The advice; one of the host's own comes before it. */
    @Bean
    @ConditionalOnMissingBean
    AgentRunProblems agentRunProblems() {
        return new AgentRunProblems();
    }
}
