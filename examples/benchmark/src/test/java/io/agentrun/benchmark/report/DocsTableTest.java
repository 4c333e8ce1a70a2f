package io.agentrun.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocsTableTest {

    private static final String PAGE = "before\n" + DocsTable.BEGIN + "\nold\n" + DocsTable.END + "\nafter\n";

    @Test
    void only_what_stands_between_the_marks_is_replaced_as_often_as_one_likes(@TempDir Path folder) throws IOException {
        Path page = folder.resolve("page.md");
        Files.writeString(page, PAGE);

        DocsTable.rewrite(page, "first");
        DocsTable.rewrite(page, "second");

        assertThat(page).content().isEqualTo("before\n" + DocsTable.BEGIN + "\nsecond\n" + DocsTable.END + "\nafter\n");
    }

    @Test
    void a_page_without_both_marks_in_order_is_refused() {
        for (String page : new String[] {"none", DocsTable.BEGIN, DocsTable.END + DocsTable.BEGIN}) {
            assertThatThrownBy(() -> DocsTable.rewritten(page, "table"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(DocsTable.BEGIN);
        }
    }
}
