package io.agentrun.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.agentrun.check.Times;
import io.agentrun.error.InvalidInputException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CursorsTest {

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    @Test
    void what_was_encoded_is_decoded() {
        Random random = new Random(20_260_101);

        for (int round = 0; round < 2_000; round++) {
            String kind = text(random, 12);
            String fingerprint = text(random, 300);
            List<String> keys = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                keys.add(text(random, 60));
            }

            String cursor = Cursors.encode(kind, fingerprint, keys);

            assertThat(cursor).matches("[A-Za-z0-9_-]{1,2000}");
            assertThat(Cursors.decode(kind, fingerprint, keys.size(), cursor)).isEqualTo(keys);
        }
    }

    @Test
    void the_same_arguments_give_the_same_cursor() {
        assertThat(Cursors.encode("queue", "f", List.of("1", "qt_1")))
                .isEqualTo(Cursors.encode("queue", "f", List.of("1", "qt_1")));
    }

    @Test
    void every_single_changed_letter_is_refused() {
        String cursor = Cursors.encode("sessions", "tenant=t", List.of("1700000000000000", "session-1"));

        for (int at = 0; at < cursor.length(); at++) {
            for (int letter = 0; letter < ALPHABET.length(); letter++) {
                char other = ALPHABET.charAt(letter);
                if (other != cursor.charAt(at)) {
                    assertRefused(
                            "sessions", "tenant=t", 2, cursor.substring(0, at) + other + cursor.substring(at + 1));
                }
            }
        }
    }

    @Test
    void a_cut_or_lengthened_cursor_is_refused() {
        String cursor = Cursors.encode("queue", "f", List.of("0", "qt_1"));

        for (int length = 0; length < cursor.length(); length++) {
            assertRefused("queue", "f", 2, cursor.substring(0, length));
        }
        for (String more : List.of("A", "=", "==", " ", "\n", cursor)) {
            assertRefused("queue", "f", 2, cursor + more);
        }
    }

    @Test
    void text_that_is_no_cursor_is_refused() {
        for (String text : List.of("", " ", "1", "42", "null", "not a cursor", "a+b/", "ä", "\u0000", "{}")) {
            assertRefused("queue", "f", 1, text);
        }
        assertRefused("queue", "f", 1, null);
        assertRefused("queue", "f", 1, "A".repeat(2_001));
        assertRefused("queue", "f", 1, "A".repeat(2_000));
    }

    @Test
    void random_bytes_with_a_right_checksum_are_refused_and_break_nothing() {
        Random random = new Random(7);

        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = new byte[4 + random.nextInt(60)];
            random.nextBytes(bytes);
            bytes[0] = 1;
            CRC32 crc = new CRC32();
            crc.update(bytes, 0, bytes.length - 4);
            ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) crc.getValue());

            assertRefused(
                    "queue", "f", 2, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
    }

    @Test
    void a_cursor_of_another_kind_filter_or_shape_is_refused() {
        String cursor = Cursors.encode("sessions", "tenant=a", List.of("1", "x"));

        assertRefused("queue", "tenant=a", 2, cursor);
        assertRefused("sessions", "tenant=b", 2, cursor);
        assertRefused("sessions", "tenant=a", 1, cursor);
        assertRefused("sessions", "tenant=a", 3, cursor);
        assertThat(Cursors.decode("sessions", "tenant=a", 2, cursor)).containsExactly("1", "x");
    }

    @Test
    void two_ids_of_the_greatest_length_fit_unless_every_character_takes_four_bytes() {
        String id = "é".repeat(200);
        String wide = "\uD83D\uDE00".repeat(200);

        assertThat(Cursors.decode("k", "f", 2, Cursors.encode("k", "f", List.of(id, id))))
                .containsExactly(id, id);
        assertThat(Cursors.decode("k", "f", 2, Cursors.encode("k", "f", List.of("1", wide))))
                .containsExactly("1", wide);
    }

    @Test
    void keys_that_no_cursor_can_hold_are_a_defect_of_the_store() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Cursors.encode("k", "f", List.of("x".repeat(1_500))));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Cursors.encode("k", "f", List.of("\uD800")));
    }

    @Test
    void instants_and_numbers_go_through_keys() {
        Instant now = Instant.parse("2026-01-02T03:04:05.678901Z");

        assertThat(Cursors.key(now)).isEqualTo("1767323045678901");
        for (Instant instant : List.of(now, Instant.EPOCH, Instant.EPOCH.minusNanos(1_000), Times.MIN, Times.MAX)) {
            assertThat(Cursors.instant(Cursors.key(instant))).isEqualTo(instant);
        }
        for (long number : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(Cursors.number(Cursors.key(number))).isEqualTo(number);
        }
    }

    @Test
    void a_key_that_is_no_number_is_refused() {
        for (String key : List.of("", "x", "1.5", "+1", "01", "-0", " 1", "9223372036854775808")) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(() -> Cursors.number(key))
                    .matches(e -> e.field().equals("cursor"));
        }
    }

    @Test
    void a_forged_key_that_no_database_can_take_is_refused() {
        byte[] nul = {'a', 0, 'b'};
        byte[] loneSurrogate = {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
        byte[] cut = {(byte) 0xF0, (byte) 0x9F};
        byte[] overlong = {(byte) 0xC0, (byte) 0x80};

        for (byte[] key : List.of(nul, loneSurrogate, cut, overlong)) {
            assertRefused("queue", "f", 1, forged(key));
        }
        assertThat(Cursors.decode("queue", "f", 1, forged(new byte[] {'a', 'b'})))
                .containsExactly("ab");
    }

    @Test
    void a_number_beyond_int_a_time_beyond_the_years_and_text_that_is_no_id_are_refused() {
        assertThat(Cursors.intNumber("2147483647")).isEqualTo(Integer.MAX_VALUE);
        assertThat(Cursors.intNumber("-2147483648")).isEqualTo(Integer.MIN_VALUE);
        assertThat(Cursors.id("qt_1")).isEqualTo("qt_1");
        List<ThrowingCallable> forged = List.of(
                () -> Cursors.intNumber("2147483648"),
                () -> Cursors.intNumber("-2147483649"),
                () -> Cursors.intNumber("9223372036854775807"),
                () -> Cursors.intNumber("1.0"),
                () -> Cursors.instant("9223372036854775807"),
                () -> Cursors.instant("-9223372036854775808"),
                () -> Cursors.id(""),
                () -> Cursors.id("a\nb"),
                () -> Cursors.id("x".repeat(201)));

        for (ThrowingCallable call : forged) {
            assertThatExceptionOfType(InvalidInputException.class)
                    .isThrownBy(call)
                    .matches(e -> e.field().equals("cursor"));
        }
    }

    /** A cursor of one key with a right checksum, as anybody can make who has read this class. */
    private static String forged(byte[] key) {
        byte[] like = Base64.getUrlDecoder().decode(Cursors.encode("queue", "f", List.of("x".repeat(key.length))));
        System.arraycopy(key, 0, like, like.length - 4 - key.length, key.length);
        CRC32 crc = new CRC32();
        crc.update(like, 0, like.length - 4);
        ByteBuffer.wrap(like).putInt(like.length - 4, (int) crc.getValue());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(like);
    }

    private static void assertRefused(String kind, String fingerprint, int keys, String cursor) {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> Cursors.decode(kind, fingerprint, keys, cursor))
                .matches(e -> e.field().equals("cursor"));
    }

    private static String text(Random random, int maxLength) {
        return random.ints(random.nextInt(maxLength + 1), 1, 0xD7FF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
