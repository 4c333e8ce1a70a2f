package io.agentrun.docs;

import java.util.ArrayList;
import java.util.List;

/** A table of requests and situations in Markdown. */
final class Table {

    private final StringBuilder text = new StringBuilder();

    Table(String... heads) {
        row(List.of(heads));
        text.append("|---".repeat(heads.length)).append("|\n");
    }

    Table row(List<String> cells) {
        for (String cell : cells) {
            text.append("| ").append(cell.replace("|", "\\|")).append(' ');
        }
        text.append("|\n");
        return this;
    }

    Table row(String first, List<String> rest) {
        List<String> cells = new ArrayList<>();
        cells.add(first);
        cells.addAll(rest);
        return row(cells);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
