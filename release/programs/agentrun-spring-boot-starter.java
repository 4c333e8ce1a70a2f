import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/** What agentrun-spring-boot-starter alone is enough for. */
@EnableAutoConfiguration
public class Consumer {
    public static void main(String[] args) {
        String[] nothing = {"--agentrun.store.type=none", "--spring.main.banner-mode=off"};
        try (ConfigurableApplicationContext host = SpringApplication.run(Consumer.class, nothing)) {
            System.out.println(host.isActive() ? "started" : "not started");
        }
    }
}
