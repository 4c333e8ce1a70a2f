package io.agentrun.benchmark.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The results as a table in Markdown, its columns aligned so that it can be read as it is.
 *
 * <p>Immutable.
 */
public final class ResultTable {

    private static final List<String> HEAD =
            List.of("scenario", "threads", "ops/s", "p50 us", "p99 us", "limit/s", "ratio", "to reach");

    private final List<List<String>> rows = new ArrayList<>();
    private final int[] widths = new int[HEAD.size()];

    /** The table of some results. */
    public ResultTable(List<Result> results) {
        add(HEAD);
        results.forEach(result -> add(cells(result)));
    }

    private void add(List<String> cells) {
        rows.add(cells);
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], cells.get(i).length());
        }
    }

    private static List<String> cells(Result result) {
        Result.Figure figure = result.figure();
        String ops = figure == null ? amount(result.opsPerSecond()) : figure(figure);
        return List.of(
                result.scenario(),
                String.valueOf(result.threads()),
                ops,
                amount(result.p50Micros()),
                amount(result.p99Micros()),
                amount(result.limitPerSecond()),
                result.ratio() == null ? "" : String.format(Locale.ROOT, "%.3f", result.ratio()),
                goal(result));
    }

    private static String goal(Result result) {
        return Goals.of(result)
                .map(goal -> goal + (goal.reachedBy(result) ? " yes" : " NO"))
                .orElse("");
    }

    private static String figure(Result.Figure figure) {
        return amount(figure.value()) + " " + figure.unit();
    }

    private static String amount(@Nullable Double value) {
        if (value == null) {
            return "";
        }
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%,.2f" : "%,.0f", value);
    }

    /** The lines of the table, without a line feed at the end. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append(i == 0 ? "" : "\n").append(line(rows.get(i)));
            if (i == 0) {
                text.append('\n').append(ruler());
            }
        }
        return text.toString();
    }

    private String line(List<String> cells) {
        StringBuilder line = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            String format = i == 0 ? " %-" + widths[i] + "s |" : " %" + widths[i] + "s |";
            line.append(String.format(Locale.ROOT, format, cells.get(i)));
        }
        return line.toString();
    }

    private String ruler() {
        StringBuilder line = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            line.append(i == 0 ? " " + "-".repeat(widths[i]) + " |" : " " + "-".repeat(widths[i] - 1) + ": |");
        }
        return line.toString();
    }
}
