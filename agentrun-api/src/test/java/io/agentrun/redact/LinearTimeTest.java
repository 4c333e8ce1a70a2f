package io.agentrun.redact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Counts how often characters are read, instead of measuring time. */
class LinearTimeTest {

    private static final int SIZE = 8_000;
    private static final int READS_PER_CHARACTER = 400;

    /** Beginnings without an end, each of which a scanner must look at and give up. */
    private static final List<String> UNITS = List.of(
            "sk-",
            "sk-a ",
            "eyJ",
            "eyJaaaaaaaa.",
            "eyJ.eyJ.",
            "\\neyJaaaaa",
            "ghp_",
            "glpat-",
            "xoxb-",
            "AKIA",
            "AIza",
            "Bearer ",
            "basic ",
            "basic aaaa",
            "://",
            "://a:",
            "://a:b@",
            "-----BEGIN ",
            "-----BEGIN CERTIFICATE-----",
            "-----",
            "npm_",
            "hf_",
            "a:b@",
            "github_pat_",
            "authorization: bearer ",
            "\\nsk-",
            "password=",
            "password=\"",
            "password='",
            "token: ",
            "token=\\\"",
            "token:)",
            "--password ",
            "password=a ",
            "a=b",
            "=",
            ":",
            "::",
            "password:",
            "name=token ",
            "{\"name\":\"token\",",
            "<password>",
            "-u a:",
            "curl -u ",
            "--user a:b ",
            "machine login password ",
            "host:5432:a:b:",
            "*:*:*:*:",
            "%3D",
            "\u001b[1m",
            "\u200bpassword=",
            "UEFTU1dPUkQ9",
            "cGFzc3dvcmQ9aHVudGVyMmFh",
            "Private-Lines:",
            "PuTTY-User-Key-File-",
            "PASSWORD '",
            "identified by '",
            "password=$(a",
            "Cookie: ",
            "Cookie: a",
            "set-cookie: a=b; ",
            "token=[",
            "eos_token: ",
            "Q~",
            "a.atlasv1.",
            "M.A.",
            "123456789:",
            "0x12",
            "1/1:",
            "$2$",
            "key: ",
            "api key: ",
            "password = a.b ",
            "mysql -pa ",
            "sshpass -p ",
            "https://a#",
            "https://a:b#",
            "://a:1#",
            "dp.a.a",
            "ghp_aaaaaaaa\n",
            "password: |\n",
            "password=a;",
            "password=(((",
            "token:token:)))",
            "----",
            "-",
            "AZDO",
            ".atlasv1",
            "secret=\\",
            "(\"password\",",
            "(\"",
            "auth=(\"a\",\"",
            "password is ",
            "password  ",
            "API_KEY | ",
            "password for ",
            "password for a: ",
            "config set token ",
            "config -a ",
            "echo a | x --token-stdin ",
            "--token-stdin ",
            "| chpasswd ",
            "${token:-",
            "password: ${a:-",
            "token={",
            "token={\"value",
            "a -p b",
            "-b a ",
            "htpasswd -b ",
            "sudo -S ",
            "smb -U a",
            ":token \"",
            "token <- \"",
            "password\n",
            "key\na",
            "::add-mask::",
            "<string name=\"token\">",
            "</key><string>",
            "a:b@tcp",
            "密码：",
            "recovery codes:\n",
            "$ token\n",
            "password:\n\n",
            "password aB3dE5fG7hJ9 ",
            "password is x y z aB3dE5fG7hJ9 ",
            "token | a\n---|---\n",
            "password  user\n",
            "secret {\n  value = ",
            "key = ",
            "key",
            "code",
            "contraseña ",
            "{\"kty\":",
            "\"kty\":\"d\":\"",
            "kty",
            "password a&b=",
            "token &a=",
            "WIFI:",
            "?code=",
            "alias set a b c ",
            "net use /user:",
            "sqlplus a/",
            "jdbc:oracle:thin:",
            "user a on >b ",
            "mac('a",
            "jwt.sign(",
            "-sku a:",
            "token=a,b=",
            "seed phrase: a ",
            "seed phrase: abc abc ",
            "Authorization: Abc ",
            "USER a\nPASS ",
            "ENC[",
            "key ",
            "WIFI:T:WPA;P:a",
            "<<< '",
            "<<",
            "AUTH ",
            "redis-cli AUTH a b ",
            "login is a / ",
            "login a / b1! ",
            " / ",
            "login a:b1! ",
            "a:b1!",
            "send \"",
            "password: send \"a",
            "send ",
            "seed ",
            "seed",
            "wallet abc ",
            "seed a b c ",
            "mnemonic, abandon ability able about above absent absorb abstract absurd abuse access accident ",
            "new PDO($",
            "PDO('a','b','",
            "pymysql.connect('a', 1, 'b', '",
            "getConnection(url, '",
            "cat a.key\n",
            "cat .key ",
            "\"mysql\",\"-p",
            "[\"curl\",\"-u\",\"a:",
            "\"--password\",\"",
            "saved key abc ",
            "Password for 'https://a': ",
            "sdk-",
            "pbkdf2_sha1$",
            "a.InvalidPassword: b ",
            "token=[MASKED]",
            "token=[A",
            "https://a:b/",
            "://a:b/c",
            "into ",
            "into t (a,",
            "INSERT INTO t (password) VALUES ('a'),(",
            "into t (password) values ('",
            "into t (password) values (",
            "password == \"",
            "== ",
            "password eq '",
            "<name>token</name><value>",
            "<name>token</name>",
            "<password><![CDATA[",
            "<password><value>",
            "token=[]byte(",
            "token=(\n",
            "token=(\"a1b2c3\"\n",
            "token=\"a1b2c3\" + \"",
            "+ \"a1b2c3\" ",
            "Client(\"a\",\"",
            "DBI->connect('dbi:a','b','",
            "strcmp($token,\"",
            "a.equals(\"",
            "password.equals(\"b1",
            "setPassword(bytes(\"",
            "\"a1\" as the password ",
            " as the password ",
            "password for a is ",
            "token, \"",
            "digest(token, \"",
            "serviceBusKey=",
            "token=ab12 cd34 ");

    @Test
    void no_text_is_read_more_often_than_its_length_allows() {
        for (String unit : UNITS) {
            assertThat(readsPerCharacter(unit.repeat(SIZE / unit.length())))
                    .as(unit)
                    .isLessThan(READS_PER_CHARACTER);
        }
    }

    @Test
    void a_text_four_times_as_long_is_read_four_times_as_often() {
        for (String unit : UNITS) {
            double one = readsPerCharacter(unit.repeat(SIZE / unit.length()));
            double four = readsPerCharacter(unit.repeat(4 * SIZE / unit.length()));

            assertThat(four).as(unit).isLessThan(one * 1.1 + 1);
        }
    }

    @Test
    void a_text_may_end_anywhere() {
        for (String unit : UNITS) {
            String text = "x " + unit + unit + "aB3dE5fG7hJ9\nk \"l\"";
            for (int end = 1; end <= text.length(); end++) {
                String cut = text.substring(0, end);
                String masked = SecretFinder.standard().mask(cut);

                assertThat(SecretFinder.standard().mask(masked)).as(cut).isEqualTo(masked);
            }
        }
    }

    @Test
    void mixtures_of_beginnings_are_read_in_linear_time_too() {
        Random random = new Random(7);
        for (int round = 0; round < 30; round++) {
            List<String> some = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                some.add(UNITS.get(random.nextInt(UNITS.size())));
            }
            String unit = String.join("", some);

            double one = readsPerCharacter(unit.repeat(SIZE / unit.length()));
            double four = readsPerCharacter(unit.repeat(4 * SIZE / unit.length()));

            assertThat(one).as(unit).isLessThan(READS_PER_CHARACTER);
            assertThat(four).as(unit).isLessThan(one * 1.1 + 1);
        }
    }

    @Test
    void a_long_opening_before_many_beginnings_is_not_walked_again_for_each() {
        String tail = ")".repeat(SIZE / 2);
        for (String unit : List.of("token:", "password=", "token=\"", "Cookie:", "://a:", "eyJ", "authorization:")) {
            double reads = readsPerCharacter(unit.repeat(SIZE / 2 / unit.length()) + tail);

            assertThat(reads).as(unit).isLessThan(READS_PER_CHARACTER);
        }
    }

    private static double readsPerCharacter(String text) {
        CountingText counted = new CountingText(text);
        SecretFinder.standard().find(counted, 0);
        return (double) counted.reads() / text.length();
    }
}
