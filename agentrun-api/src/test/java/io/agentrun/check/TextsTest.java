package io.agentrun.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.error.InvalidInputException;
import io.agentrun.model.TerminalStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class TextsTest {
    private static final String SMILE = "\uD83D\uDE00";

    @Test
    void ids_keys_and_labels_are_kept_as_they_are_up_to_their_lengths_in_code_points() {
        String id = SMILE.repeat(200);
        String key = "k".repeat(255);

        assertThat(Texts.id("id", id)).isSameAs(id);
        assertThat(Texts.label("lane", "a b/ü:" + SMILE)).isEqualTo("a b/ü:" + SMILE);
        assertThat(Texts.key("key", key)).isSameAs(key);
        assertThat(Texts.idOrNull("id", null)).isNull();

        assertRefused("id must not be longer than 200 characters", () -> Texts.id("id", id + "x"));
        assertRefused("key must not be longer than 255 characters", () -> Texts.key("key", key + "x"));
    }

    @Test
    void ids_that_nobody_could_tell_apart_or_store_are_refused() {
        assertRefused("id must be given", () -> Texts.id("id", null));
        assertRefused("id must not be blank", () -> Texts.id("id", ""));
        assertRefused("id must not be blank", () -> Texts.id("id", " \t "));
        for (String edge : new String[] {" a", "a ", "a\n", "\u00a0a", "a\u3000"}) {
            assertRefused("id must not begin or end with white space", () -> Texts.id("id", edge));
        }
        for (String control : new String[] {"a\nb", "a\u0007b", "a\u007fb", "a\u0085b"}) {
            assertRefused("id must not hold control characters", () -> Texts.id("id", control));
        }
        assertRefused("id must not hold a NUL character", () -> Texts.id("id", "a\u0000b"));
        for (String half : new String[] {"a\uD83D", "\uDE00a", "\uDE00\uD83D", "\uD83D\uD83D\uDE00"}) {
            assertRefused("id must not hold a lone surrogate", () -> Texts.id("id", half));
        }
    }

    @Test
    void messages_may_be_empty_and_of_several_lines_up_to_their_length() {
        assertThat(Texts.message("message", "")).isEmpty();
        assertThat(Texts.message("message", " a\nb\t")).isEqualTo(" a\nb\t");
        assertThat(Texts.message("message", SMILE.repeat(16_384))).hasSize(2 * 16_384);

        assertRefused("message must be given", () -> Texts.message("message", null));
        assertRefused("message must not hold a NUL character", () -> Texts.message("message", "\u0000"));
        assertRefused("message must not hold a lone surrogate", () -> Texts.message("message", "\uD83D"));
        assertRefused(
                "message must not be longer than 16384 characters", () -> Texts.message("message", "x".repeat(16_385)));
    }

    @Test
    void a_title_is_not_blank_and_up_to_its_length() {
        for (String good : new String[] {"a", "a\nb", "x".repeat(500), SMILE.repeat(500)}) {
            assertThat(Texts.title("title", good)).isSameAs(good);
        }
        for (String bad : new String[] {null, "", " ", "x".repeat(501), "a\u0000", "\uD83D"}) {
            assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> Texts.title("title", bad));
        }
    }

    @Test
    void characters_that_nobody_sees_are_refused_in_ids_keys_labels_cursors_and_titles() {
        List<Integer> hidden = new ArrayList<>(List.of(0xAD, 0x061C, 0x180E, 0x2028, 0x2029, 0xFEFF, 0xFFF9, 0xE0041));
        IntStream.rangeClosed(0x202A, 0x202E).forEach(hidden::add);
        IntStream.rangeClosed(0x2066, 0x2069).forEach(hidden::add);
        hidden.addAll(List.of(0x200B, 0x200E, 0x200F, 0x2060));
        for (int c : hidden) {
            String text = "a" + Character.toString(c) + "b";
            String refused = " must not hold format characters or line separators";
            assertRefused("id" + refused, () -> Texts.id("id", text));
            assertRefused("key" + refused, () -> Texts.key("key", text));
            assertRefused("lane" + refused, () -> Texts.label("lane", text));
            assertRefused("cursor" + refused, () -> Texts.cursorOrNull("cursor", text));
            assertRefused("title" + refused, () -> Texts.title("title", text));
            assertThat(Texts.message("message", text)).isEqualTo(text);
        }
    }

    @Test
    void a_title_may_hold_what_joins_emoji_and_letters_and_an_id_may_not() {
        String family = "\uD83D\uDC69\u200D\uD83D\uDC67 \u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645";

        assertThat(Texts.title("title", family)).isSameAs(family);
        assertRefused("id must not hold format characters or line separators", () -> Texts.id("id", family));
        assertThat(Texts.id("id", "\uD83D\uDC69 \u0645\u00e9\u4e2d")).isNotEmpty();
    }

    @Test
    void a_refused_value_is_not_repeated() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> Texts.id("id", "sk-secret\n"))
                .withMessageNotContaining("secret");
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> TerminalStatus.fromWire("status", "sk-secret"))
                .withMessage("status must be one of completed, failed, blocked, cancelled");
    }

    private static void assertRefused(String message, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(call)
                .withMessage(message)
                .satisfies(e -> assertThat(e.field()).isEqualTo(message.substring(0, message.indexOf(' '))));
    }
}
