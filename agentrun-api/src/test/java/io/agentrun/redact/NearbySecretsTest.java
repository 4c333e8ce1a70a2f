package io.agentrun.redact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearbySecretsTest {

    private static final String SECRET = "tR4kw7ZpQ9xLm2Vb";

    private static final SecretFinder STANDARD = SecretFinder.standard();

    @Test
    void a_token_that_looks_random_is_masked_wherever_it_stands_in_a_line_that_speaks_of_a_secret() {
        for (String text : List.of(
                "Log in with bob / %s, which is the admin password.",
                "connect('db', 'bob', '%s') // user, password",
                "the old secret (%s) stays valid",
                "Das Kennwort für den Testserver lautet %s.",
                "La contraseña del usuario es «%s»",
                "#define USERPWD \"monitor:%s\"",
                "rotate-password --user bob %s --now",
                "(bob, %s, now()) -- api key")) {
            assertMasked(text);
        }
    }

    @Test
    void what_another_name_explains_stays() {
        for (String text : List.of(
                "the token was removed in commit %s",
                "token refreshed, request id: %s",
                "secret synced etag=\"%s\"",
                "the password test of build %s failed",
                "password check ok trace=%s user=bob",
                "{\"cursor\":\"%s\",\"note\":\"the token\"}",
                "the secret is at https://example.com/a/words/%s",
                "no word about it: %s")) {
            assertUnchanged(text.formatted(SECRET));
        }
        assertUnchanged("the password encoder is PBKDF2WithHmacSHA256 or OAuth2TokenV1Encoder");
        assertUnchanged("token types: Ed25519PublicKey, X509Certificate and self._lib.EVP_PKEY_id2");
        assertUnchanged("secret rotated: 0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9 at 2026-01-02T03:04:05Z");
    }

    @Test
    void the_lines_after_it_hold_what_a_line_announces() {
        for (String text : List.of(
                "The new password:\n\n  %s\n",
                "bob@web:~$ cat /run/secrets/db\n%s\n",
                "$ pass show work/vpn\n%s\nlogin: bob\n",
                "$ az storage account keys list -o table\nName  Use   Value\nkey1  FULL  %s==\n",
                "variable \"pager_token\" {\n  type = string\n  default = \"%s\"\n}",
                "<Password>\n  <Value>%s</Value>\n</Password>",
                "| User | Password |\n|---|---|\n| bob | %s |",
                " id | password \n----+----------\n  1 | %s\n",
                "USER    PASSWORD          AGE\nbob     %s  3d\n")) {
            assertMasked(text);
        }
        assertThat(STANDARD.mask("Recovery codes:\n1. a1b2c-d3e4f\n2. 7g8h9-i0j1k\nKeep them.\n"))
                .isEqualTo("Recovery codes:\n1. [redacted]\n2. [redacted]\nKeep them.\n");
    }

    @Test
    void the_lines_after_it_hold_nothing_when_they_are_words_digests_or_names() {
        assertUnchanged("the password:\nis read from standard input\n");
        assertUnchanged("$ git log --format=%H -- src/token.ts\n0123456789abcdef0123456789abcdef01234567\n");
        assertUnchanged("Status codes:\n404-error\nOAuth2\n");
        assertUnchanged("from x import (  # secrets\n    RefreshTokenGrant,\n    PKCS12Certificate,\n)\n");
        assertUnchanged("| Name | Token |\n|---|---|\n| a | string |\n| b | varchar(72) |\n");
        assertUnchanged("I rotated the token yesterday.\n" + SECRET + "\n");
    }

    @Test
    void members_of_a_json_web_key_that_are_private_are_masked_in_text_and_the_others_stay() {
        String key = "{\"d\":\"" + SECRET + SECRET + "\",\"kty\":\"EC\",\"x\":\"" + SECRET + "\"}";

        assertThat(STANDARD.mask(key)).isEqualTo("{\"d\":\"[redacted]\",\"kty\":\"EC\",\"x\":\"" + SECRET + "\"}");
    }

    @Test
    void a_here_string_and_the_code_of_a_wireless_network_are_masked() {
        assertMasked("sudo -S systemctl restart app <<< '%s'");
        assertMasked("WIFI:T:WPA;S:lab;P:%s;;");
        assertUnchanged("<<<<<<< HEAD");
        assertUnchanged("cat <<< 'some words'");
    }

    private static void assertMasked(String text) {
        assertThat(STANDARD.mask(text.formatted(SECRET)))
                .as(text)
                .doesNotContain(SECRET)
                .contains("[redacted]");
    }

    private static void assertUnchanged(String text) {
        assertThat(STANDARD.mask(text)).isEqualTo(text);
    }
}
