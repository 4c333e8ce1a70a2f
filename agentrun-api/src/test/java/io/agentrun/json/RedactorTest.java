package io.agentrun.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentrun.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {

    private static final Redactor STANDARD = Redactor.standard();
    private static final String RUN = "Ab3".repeat(14);
    private static final String PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n+/==\n-----END RSA PRIVATE KEY-----";

    /** Each shape, with the text that is left of it. */
    private static final Map<String, String> SHAPES = Map.ofEntries(
            Map.entry("sk-" + RUN, "[redacted]"),
            Map.entry("sk-abcdefghijklmnopqrst", "[redacted]"),
            Map.entry("sk-ant-api03-" + RUN + "-x_y", "[redacted]"),
            Map.entry("sk_live_" + RUN, "[redacted]"),
            Map.entry("ghp_" + RUN, "[redacted]"),
            Map.entry("gho_" + RUN, "[redacted]"),
            Map.entry("ghs_" + RUN, "[redacted]"),
            Map.entry("github_pat_" + RUN + "_" + RUN, "[redacted]"),
            Map.entry("glpat-" + RUN, "[redacted]"),
            Map.entry("xoxb-123456789012-" + RUN, "[redacted]"),
            Map.entry("AKIAIOSFODNN7" + "QWERTYX", "[redacted]"),
            Map.entry("AIza" + RUN, "[redacted]"),
            Map.entry("npm_" + RUN, "[redacted]"),
            Map.entry("hf_" + RUN, "[redacted]"),
            Map.entry("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_", "[redacted]"),
            Map.entry("Bearer abc.def~123+/=", "Bearer [redacted]"),
            Map.entry("bearer   " + RUN, "bearer   [redacted]"),
            Map.entry("Authorization: Bearer short", "Authorization: Bearer [redacted]"),
            Map.entry("Basic dXNlcjpwYXNz", "Basic [redacted]"),
            Map.entry("\"authorization\": \"Basic x\"", "\"authorization\": \"Basic [redacted]\""),
            Map.entry(PEM, "[redacted]"),
            Map.entry("postgres://user:p@ss:w@db.example:5432/x", "postgres://user:[redacted]@db.example:5432/x"),
            Map.entry("https://ghp_" + RUN + ":x-oauth@host/r.git", "https://[redacted]:[redacted]@host/r.git"));

    private static final List<String> HARMLESS = List.of(
            "",
            "a",
            "the quick brown fox",
            "sk-learn-contrib-package-name",
            "task-1234567890123456789012",
            "disk-A1B2C3D4E5F6G7H8I9J0K1",
            "basic understanding of Basic JavaScript",
            "a bearer token, the bearer authentication",
            "http://host:8080/path?x=a@b",
            "ssh://git@github.com/a/b",
            "mail a:b@c",
            "AKIA and AIza and eyJ. ghp_ sk- xoxb-",
            "AKIAIOSFODNN7EXAMPLE",
            "npm_config_registry_and_something_else_here",
            "-----BEGIN CERTIFICATE-----\nMIIEow\n-----END CERTIFICATE-----",
            "--------------------------------",
            "eyJabcdefgh and no dots");

    @Test
    void a_known_shape_is_masked_wherever_it_stands_in_a_text() {
        SHAPES.forEach((secret, masked) -> {
            for (String frame : List.of("%s", "k=%s", "say '%s', then", "\"%s\"", "a\n%s\nb", "a\\n%s\\nb", "%s %s")) {
                String text = frame.replace("%s", secret);

                String redacted = STANDARD.redact(text);

                assertThat(redacted).isEqualTo(frame.replace("%s", masked));
            }
        });
    }

    @Test
    void a_private_key_that_was_cut_off_is_masked_to_the_end() {
        String cut = "key:\n" + PEM.substring(0, 50);

        String redacted = STANDARD.redact(cut);

        assertThat(redacted).isEqualTo("key:\n[redacted]");
    }

    @Test
    void a_harmless_text_is_returned_as_the_same_instance() {
        for (String text : HARMLESS) {
            assertThat(STANDARD.redact(text)).isSameAs(text);
        }
    }

    @Test
    void a_value_at_a_secret_key_is_masked_whatever_the_spelling() {
        List<String> secret = List.of(
                "password",
                "PASSWD",
                "db_password",
                "passwordHash",
                "secret",
                "clientSecret",
                "client-secret",
                "token",
                "access_token",
                "X-Auth-Token",
                "githubToken",
                "api_key",
                "apikey",
                "API-KEY",
                "OPENAI_API_KEY",
                "apiKeys",
                "Authorization",
                "Proxy-Authorization",
                "cookie",
                "Set-Cookie",
                "private_key",
                "privateKey",
                "credential",
                "credentials",
                "accessKey",
                "AWS_SECRET_ACCESS_KEY",
                "bearer",
                "access_tokens",
                "_authToken");

        for (String key : secret) {
            assertThat(STANDARD.redact(JsonObject.of(key, "v", "x", 1)))
                    .as(key)
                    .isEqualTo(JsonObject.of(key, "[redacted]", "x", 1));
        }
    }

    @Test
    void a_key_that_only_sounds_secret_is_left_alone() {
        List<String> harmless = List.of(
                "tokens",
                "max_tokens",
                "maxTokens",
                "token_count",
                "tokenCount",
                "input_tokens",
                "outputTokens",
                "tokenizer",
                "token_type",
                "tokenLimit",
                "secretName",
                "password_policy",
                "key",
                "monkey",
                "path",
                "pass",
                "author",
                "authorized",
                "cook",
                "basket",
                "keyboard");

        for (String key : harmless) {
            JsonObject payload = JsonObject.of(key, "v");
            assertThat(STANDARD.redact(payload)).as(key).isSameAs(payload);
        }
    }

    @Test
    void strings_numbers_and_containers_are_masked_and_booleans_and_nulls_stay() {
        JsonObject payload = JsonObject.parse(
                "{\"a\":[{\"token\":1.5},[{\"token\":{\"x\":1}}]],\"o\":{\"token\":[1],\"secret\":true,\"cookie\":null}}");

        JsonObject redacted = STANDARD.redact(payload);

        assertThat(redacted)
                .isEqualTo(JsonObject.parse("{\"a\":[{\"token\":\"[redacted]\"},[{\"token\":\"[redacted]\"}]],"
                        + "\"o\":{\"token\":\"[redacted]\",\"secret\":true,\"cookie\":null}}"));
        assertThat(JsonObject.parse(redacted.toJson()).sizeInBytes()).isEqualTo(redacted.sizeInBytes());
    }

    @Test
    void a_member_that_stands_for_a_secret_or_names_its_variable_stays() {
        JsonObject payload = JsonObject.parse(
                "{\"token\":\"${TOKEN}\",\"password\":\"********\",\"headers\":{\"Authorization\":\"Bearer ${TOKEN}\"},"
                        + "\"passwordEnv\":\"DB_PASSWORD\",\"env\":[{\"name\":\"TOKEN\",\"value\":\"${{ secrets.TOKEN }}\"}],"
                        + "\"args\":[\"--token\",\"${TOKEN}\"],\"scripts\":{\"secrets:scan\":\"gitleaks detect\"}}");

        assertThat(STANDARD.redact(payload)).isSameAs(payload);
    }

    @Test
    void a_member_that_only_looks_like_one_is_masked() {
        for (String value :
                List.of("${TOKEN:geheim}", "${TOKEN:-geheim}", "$geheim", "geheim ${TOKEN}", "**", "DB_PASSWORD")) {
            assertThat(STANDARD.redact(JsonObject.of("password", value)))
                    .as(value)
                    .isEqualTo(JsonObject.of("password", "[redacted]"));
        }
    }

    @Test
    void texts_are_masked_at_any_depth_and_the_rest_is_untouched() {
        JsonObject payload = JsonObject.of("l", List.of(Map.of("line", "t=ghp_" + RUN), "fine"), "n", 1);

        JsonObject redacted = STANDARD.redact(payload);

        assertThat(redacted).isEqualTo(JsonObject.of("l", List.of(Map.of("line", "t=[redacted]"), "fine"), "n", 1));
    }

    @Test
    void a_payload_without_secrets_is_returned_as_the_same_instance() {
        JsonObject payload = JsonObject.of("l", List.of(Map.of("line", "fine"), HARMLESS), "tokens", 5);

        JsonObject redacted = STANDARD.redact(payload);

        assertThat(redacted).isSameAs(payload);
    }

    @Test
    void a_second_run_changes_nothing_however_the_pieces_are_glued() {
        List<String> pieces = new ArrayList<>(new TreeSet<>(SHAPES.keySet()));
        pieces.addAll(HARMLESS);
        pieces.addAll(
                List.of(" ", "\n", "\\n", "-", "_", ".", ":", "@", "://", "Bearer ", "basic ", "sk-", "eyJ", "x"));
        for (int seed = 0; seed < 50_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = 1 + random.nextInt(5); i > 0; i--) {
                String piece = pieces.get(random.nextInt(pieces.size()));
                text.append(random.nextInt(4) == 0 ? piece.substring(piece.length() / 2) : piece);
            }

            String once = STANDARD.redact(text.toString());

            assertThat(STANDARD.redact(once)).as("seed %d: %s", seed, text).isSameAs(once);
        }
    }

    @Test
    void a_second_run_over_a_payload_returns_the_same_instance() {
        JsonObject once = STANDARD.redact(JsonObject.of("token", "x", "text", "Bearer " + RUN, "cookies", List.of(1)));

        JsonObject twice = STANDARD.redact(once);

        assertThat(twice).isSameAs(once);
    }

    @Test
    void a_payload_that_masking_makes_too_large_is_refused() {
        JsonObject brim = JsonObject.of("token", 1, "x", "y".repeat(JsonObject.MAX_BYTES - 18));

        assertThatThrownBy(() -> STANDARD.redact(brim)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void no_redaction_returns_everything_as_it_is() {
        JsonObject payload = JsonObject.of("token", "x");

        assertThat(Redactor.none().redact(payload)).isSameAs(payload);
        assertThat(Redactor.none().redact(PEM)).isSameAs(PEM);
    }

    @Test
    void codes_in_a_list_and_values_of_described_members_are_masked() {
        assertThat(redacted("{\"recovery_codes\":[\"k3x9a-77pq2\",\"see above\"]}"))
                .isEqualTo("{\"recovery_codes\":[\"[redacted]\",\"see above\"]}");
        assertThat(redacted("{\"db_password\":{\"type\":\"string\",\"value\":\"s3cretValue\"}}"))
                .isEqualTo("{\"db_password\":{\"type\":\"string\",\"value\":\"[redacted]\"}}");
        assertThat(redacted("{\"password\":{\"type\":\"string\",\"minLength\":8}}"))
                .isEqualTo("{\"password\":{\"minLength\":8,\"type\":\"string\"}}");
        assertThat(redacted("{\"ParameterKey\":\"DBPassword\",\"ParameterValue\":\"tiger\"}"))
                .isEqualTo("{\"ParameterKey\":\"DBPassword\",\"ParameterValue\":\"[redacted]\"}");
        assertThat(redacted("{\"args\":[\"docker\",\"login\",\"-p\",\"tiger\"]}"))
                .isEqualTo("{\"args\":[\"docker\",\"login\",\"-p\",\"[redacted]\"]}");
        assertThat(redacted("{\"args\":[\"docker\",\"run\",\"-p\",\"8080\"]}"))
                .isEqualTo("{\"args\":[\"docker\",\"run\",\"-p\",\"8080\"]}");
        assertThat(redacted("{\"permissions\":{\"id-token\":\"write\",\"secrets\":\"read\"}}"))
                .isEqualTo("{\"permissions\":{\"id-token\":\"write\",\"secrets\":\"read\"}}");
    }

    @Test
    void a_key_that_is_a_secret_is_masked_and_keys_that_became_equal_stay_apart() {
        String first = "ghp_" + "a1B2".repeat(9);
        String second = "ghp_" + "c3D4".repeat(9);

        JsonObject masked = Redactor.standard()
                .redact(JsonObject.parse("{\"owners\":{\"" + first + "\":1,\"" + second + "\":2,\"plain\":3}}"));

        assertThat(masked.toJson()).isEqualTo("{\"owners\":{\"[redacted]\":1,\"[redacted] 2\":2,\"plain\":3}}");
        assertThat(Redactor.standard().redact(masked)).isSameAs(masked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"apiKey", "X-Auth-Token", "client_secret", "DB_PASSWORD", "X-Api-Key", "sessionToken", "dbPass"})
    void a_secret_name_is_one_in_json_in_a_header_in_an_assignment_and_in_a_parameter(String name) {
        assertThat(redacted("{\"" + name + "\":\"v4l9Qx77zK\"}")).isEqualTo("{\"" + name + "\":\"[redacted]\"}");
        for (String separator : List.of(": ", "=", " = ")) {
            assertThat(Redactor.standard().redact(name + separator + "v4l9Qx77zK"))
                    .isEqualTo(name + separator + "[redacted]");
        }
        assertThat(Redactor.standard().redact("GET /a?" + name + "=v4l9Qx77zK&b=c"))
                .isEqualTo("GET /a?" + name + "=[redacted]&b=c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nextPageToken", "eos_token", "authorizationUrl", "secretary", "max_tokens", "secretName"})
    void a_harmless_name_is_one_in_json_in_a_header_and_in_an_assignment(String name) {
        String json = "{\"" + name + "\":\"v4l9Qx77zK\"}";

        assertThat(redacted(json)).isEqualTo(json);
        for (String separator : List.of(": ", "=", " = ")) {
            String text = name + separator + "v4l9Qx77zK";
            assertThat(Redactor.standard().redact(text)).isSameAs(text);
        }
    }

    private static String redacted(String json) {
        return Redactor.standard().redact(JsonObject.parse(json)).toJson();
    }
}
