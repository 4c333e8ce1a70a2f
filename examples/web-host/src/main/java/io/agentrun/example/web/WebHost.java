package io.agentrun.example.web;

import io.agentrun.worker.Agent;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** A service whose users order work of an agent, which is a program. */
@SpringBootApplication(proxyBeanMethods = false)
public class WebHost {

    public static void main(String[] args) {
        SpringApplication.run(WebHost.class, args);
    }

    @Bean
    Agent agent(@Value("${web-host.command}") List<String> command) {
        return turn -> {
            Process program = turn.start(new ProcessBuilder(command).redirectErrorStream(true));
            turn.output(program.getInputStream());
            PrintWriter input = new PrintWriter(program.getOutputStream(), true, StandardCharsets.UTF_8);
            input.println(turn.prompt());
            turn.onSteer(steer -> input.println(steer.payload().string("prompt").orElse("")));
            return turn.exit(program);
        };
    }
}
