package io.agentrun.benchmark.scenario.cost;

import io.agentrun.benchmark.measure.Median;
import io.agentrun.benchmark.report.Names;
import io.agentrun.benchmark.report.Result;
import io.agentrun.benchmark.scenario.Lab;
import io.agentrun.benchmark.scenario.Scenario;
import io.agentrun.json.Redactor;
import java.util.ArrayList;
import java.util.List;

/**
 * Masking text that is made of beginnings without an end, one caller: the slowest of many at 1 MiB, and the same one at 2
 * and 4 MiB, which shows whether time is linear in the text.
 */
public final class RedactScenario implements Scenario {

    private static final int MIB = 1 << 20;
    private static final int ROUNDS = 5;

    private static final List<String> BEGINNINGS = List.of(
            "sk-",
            "sk-a ",
            "eyJ",
            "eyJaaaaaaaa.",
            "ghp_",
            "AKIA",
            "Bearer ",
            "basic aaaa",
            "://a:b@",
            "-----BEGIN ",
            "-----BEGIN PRIVATE KEY-----",
            "-----",
            "a:b@",
            ":",
            "=",
            "a=b",
            "password=",
            "password=\"",
            "token: ",
            "token=\\\"",
            "{\"name\":\"token\",",
            "<password>",
            "curl -u ",
            "machine login password ",
            "host:5432:a:b:",
            "%3D",
            "\u001b[1m",
            "\u200bpassword=",
            "UEFTU1dPUkQ9",
            "cGFzc3dvcmQ9aHVudGVyMmFh",
            "PuTTY-User-Key-File-",
            "identified by '",
            "Cookie: a",
            "token=[",
            "Q~",
            "a.atlasv1.",
            "123456789:",
            "password: |\n",
            "password=(((",
            "secret=\\",
            "(\"password\",",
            "(\"",
            "auth=(\"a\",\"",
            "password is ",
            "password  ",
            "API_KEY | ",
            "password for ",
            "config set token ",
            "echo a | x --token-stdin ",
            "${token:-",
            "token={\"value",
            "| chpasswd ",
            "a -p b",
            "password\n");

    @Override
    public String key() {
        return "redact";
    }

    @Override
    public String what() {
        return "masking 1, 2 and 4 MiB of text that is made to keep the redactor busy";
    }

    @Override
    public void run(Lab lab) {
        String slowest = "";
        double most = -1;
        for (String beginning : BEGINNINGS) {
            double micros = micros(beginning, 1, 2);
            if (micros > most) {
                most = micros;
                slowest = beginning;
            }
        }
        for (int mib : new int[] {1, 2, 4}) {
            lab.report(new Result(Names.redact(mib), 1, null, micros(slowest, mib, ROUNDS), null, null, null, null));
        }
    }

    private static double micros(String beginning, int mib, int rounds) {
        Redactor redactor = Redactor.standard();
        String text = beginning.repeat(mib * MIB / beginning.length());
        List<Double> times = new ArrayList<>();
        int masked = redactor.redact(text).length();
        for (int i = 0; i < rounds; i++) {
            long start = System.nanoTime();
            if (redactor.redact(text).length() != masked) {
                throw new IllegalStateException("the same text was masked in two ways");
            }
            times.add((System.nanoTime() - start) / 1_000.0);
        }
        return Median.of(times);
    }
}
