package io.agentrun.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentrun.rules.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StoreContractTest {

    private static final Path CONTRACT = Path.of("..", "docs", "store-contract.md");
    private static final Path RULES = Path.of("src", "main", "java", "io", "agentrun", "rules");

    @Test
    void the_tables_and_diagrams_of_the_contract_are_what_the_rules_answer() throws IOException {
        Map<String, String> tables = new LinkedHashMap<>(Diagrams.all());
        tables.put("runs", RunTables.ends());
        tables.put("leases", RunTables.leases());
        tables.put("fences", RunTables.fences());
        tables.put("commands", RunTables.commands());
        tables.put("turns", RunTables.creation());
        tables.put("sessions", OtherTables.sessions());
        tables.put("tasks", OtherTables.tasks());
        tables.put("reports", OtherTables.reports());
        tables.put("questions", QuestionTables.questions());
        tables.put("parks", ParkTables.parks());
        tables.put("waiting", ParkTables.waiting());
        tables.put("storage", OtherTables.storage());
        tables.put("eviction", OtherTables.eviction());
        tables.put("rules", OtherTables.rules());

        Blocks contract = new Blocks(CONTRACT);
        for (Map.Entry<String, String> table : tables.entrySet()) {
            assertThat(contract.read(table.getKey(), table.getValue()))
                    .as("%s, computed anew by -D%s=write", table.getKey(), Blocks.PROPERTY)
                    .isEqualTo(table.getValue());
        }
        assertThat(found(Files.readString(CONTRACT), "<!-- generated: ([a-z-]+) -->"))
                .containsExactlyInAnyOrderElementsOf(tables.keySet());
    }

    @Test
    void the_documentation_of_the_package_lists_every_rule_as_it_is() throws IOException {
        Pattern row = Pattern.compile("<tr><td>([A-Z]-\\d+)</td><td>(.*?)</td></tr>");
        Matcher matcher = row.matcher(Files.readString(RULES.resolve("package-info.java")));
        List<String> listed = new ArrayList<>();
        while (matcher.find()) {
            listed.add(matcher.group(1) + " " + matcher.group(2));
        }

        List<String> rules = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            rules.add(rule.number() + " " + rule.sentence());
        }
        assertThat(listed).isEqualTo(rules);
    }

    @Test
    void every_rule_that_a_rule_class_names_exists() throws IOException {
        List<String> numbers = List.of(Rule.values()).stream().map(Rule::number).toList();
        try (var files = Files.walk(RULES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(numbers)
                        .as(file.getFileName().toString())
                        .containsAll(found(Files.readString(file), "\\(([A-Z]-\\d+)[,)]"));
            }
        }
    }

    private static List<String> found(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }
}
