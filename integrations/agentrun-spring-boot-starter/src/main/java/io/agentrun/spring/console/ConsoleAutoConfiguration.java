package io.agentrun.spring.console;

import io.agentrun.AgentRunStore;
import io.agentrun.check.Require;
import io.agentrun.console.Console;
import io.agentrun.console.Guard;
import io.agentrun.spring.AgentRunProperties;
import io.agentrun.spring.StoreAutoConfiguration;
import jakarta.servlet.http.HttpServlet;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Mounts the console, where {@code agentrun-console} is there and the host says who may see it: by a bean of the type {@code Guard}, or by
 * a token that operators know.
 */
@AutoConfiguration(after = StoreAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Console.class, HttpServlet.class, ServletRegistrationBean.class})
@ConditionalOnBean(AgentRunStore.class)
public final class ConsoleAutoConfiguration {

    ConsoleAutoConfiguration() {}

    /** Whether there is a token; an empty one, as of a variable that nobody has set, is none. */
    static final class TokenGiven implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return StringUtils.hasText(context.getEnvironment().getProperty("agentrun.console.token"));
        }
    }

    /** Who may see it, if the host has no guard but a token. */
    @Bean
    @ConditionalOnMissingBean
    @Conditional(TokenGiven.class)
    Guard agentRunConsoleGuard(AgentRunProperties properties) {
        return new TokenGuard(Require.given("token", properties.console().token()));
    }

    /** The console at its path. */
    @Bean
    @ConditionalOnBean(Guard.class)
    ServletRegistrationBean<ConsoleServlet> agentRunConsole(
            AgentRunStore store, Guard guard, AgentRunProperties properties) {
        ConsoleServlet servlet = new ConsoleServlet(Console.of(store, guard));
        return new ServletRegistrationBean<>(servlet, properties.console().path() + "/*");
    }

    /** The end of its streams, in time. */
    @Bean
    @ConditionalOnBean(Guard.class)
    ConsoleEnd agentRunConsoleEnd(ServletRegistrationBean<ConsoleServlet> console) {
        return new ConsoleEnd(console.getServlet());
    }
}
