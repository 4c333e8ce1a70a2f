import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/** What agentrun-spring-boot-starter alone is enough for. */
@EnableAutoConfiguration
public class Consumer {
    public static void main(String[] args) {
        try (ConfigurableApplicationContext host = SpringApplication.run(Consumer.class, "--agentrun.store.type=none")) {
            System.out.println(host.getBeanDefinitionCount() > 0 ? "started" : "empty");
        }
    }
}
