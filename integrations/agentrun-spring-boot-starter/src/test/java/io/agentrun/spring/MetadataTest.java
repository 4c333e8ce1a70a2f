package io.agentrun.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What an editor shows of the properties, and what the guide says of them. */
class MetadataTest {

    private static Map<String, JsonNode> metadata() throws IOException {
        Map<String, JsonNode> properties = new TreeMap<>();
        List<URL> files = Collections.list(
                AgentRunProperties.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"));
        for (URL file : files) {
            try (InputStream in = file.openStream()) {
                for (JsonNode property : new ObjectMapper().readTree(in).path("properties")) {
                    if (property.path("name").asText().startsWith("agentrun.")) {
                        properties.put(property.path("name").asText(), property);
                    }
                }
            }
        }
        return properties;
    }

    private static Set<String> components() {
        Set<String> names = new TreeSet<>();
        for (RecordComponent group : AgentRunProperties.class.getRecordComponents()) {
            for (RecordComponent component : group.getType().getRecordComponents()) {
                names.add("agentrun." + dashed(group.getName()) + "." + dashed(component.getName()));
            }
        }
        return names;
    }

    private static String dashed(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void each_property_is_described() throws IOException {
        Map<String, JsonNode> metadata = metadata();

        assertThat(metadata.keySet()).isEqualTo(components());
        assertThat(metadata.values())
                .allSatisfy(property ->
                        assertThat(property.path("description").asText()).isNotBlank());
        assertThat(metadata.get("agentrun.worker.lease").path("defaultValue").asText())
                .isEqualTo("2m");
    }

    @Test
    void the_guide_lists_each_property() throws IOException {
        String guide = Files.readString(Path.of("../../docs/spring-boot.md"));

        assertThat(components()).allSatisfy(name -> assertThat(guide).contains("`" + name + "`"));
    }

    @Test
    void each_program_of_the_guide_is_compiled() throws IOException {
        String guide = Files.readString(Path.of("../../docs/spring-boot.md"));
        String compiled = Files.readString(
                Path.of("../agentrun-spring-boot-starter/src/test/java/io/agentrun/spring/BootGuide.java"));

        List<String> programs = Pattern.compile("(?s)```java\n(.*?)```")
                .matcher(guide)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(programs)
                .hasSize(2)
                .allSatisfy(program -> assertThat(compiled).contains(program.indent(4)));
    }
}
