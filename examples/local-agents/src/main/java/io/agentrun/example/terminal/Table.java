package io.agentrun.example.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns. Not thread-safe: one thread at a time. */
final class Table {
    private static final int MAX_WIDTH = 44;

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... header) {
        row(header);
    }

    void row(String... cells) {
        rows.add(List.of(cells).stream().map(Table::cut).toList());
    }

    void print(PrintStream out) {
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                line.append(cell).append(" ".repeat(width(column) - cell.length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private static String cut(String cell) {
        return cell.length() <= MAX_WIDTH ? cell : cell.substring(0, MAX_WIDTH - 1) + "…";
    }
}
