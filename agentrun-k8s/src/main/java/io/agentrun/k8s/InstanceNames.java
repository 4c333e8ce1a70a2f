package io.agentrun.k8s;

import io.agentrun.check.Require;
import io.agentrun.check.Texts;
import io.agentrun.error.InvalidInputException;
import io.agentrun.k8s.object.KubernetesSyntax;
import io.agentrun.k8s.object.ObjectMeta;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How one instance of a host names and labels what it creates in a cluster, and how it knows its own again. An instance
 * is everything that works on one store; two stores that share a namespace must have different instance ids, or each
 * takes the other's claims for its own.
 *
 * <p>Ids of sessions, runs and the like are the host's and may be any text: names carry a readable slug and a hash, labels
 * the hash alone.
 *
 * <p>Thread-safe.
 */
public final class InstanceNames {

    /** The label that says that agentrun made the object. */
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    /** The value of {@link #MANAGED_BY}. */
    public static final String AGENTRUN = "agentrun";
    /** The label with the instance id. */
    public static final String INSTANCE = "agentrun.io/instance";
    /** The label with the hash of the session's id. */
    public static final String SESSION = "agentrun.io/session";
    /** The label with the generation of the session's storage. */
    public static final String GENERATION = "agentrun.io/generation";
    /** The label with the hash of the run's id. */
    public static final String RUN = "agentrun.io/run";
    /** The label with the hash of command and attempt. */
    public static final String ATTEMPT = "agentrun.io/attempt";
    /** The label with the run's generation when the Job was made. */
    public static final String RUN_GENERATION = "agentrun.io/run-generation";

    private static final String RESERVED_PREFIX = "agentrun.io/";
    private static final Set<String> OF_THE_JOB_CONTROLLER = Set.of("controller-uid", "job-name");
    private static final int MAX_SLUG = 16;
    private static final int NAME_HASH = 16;
    private static final int LABEL_HASH = 40;
    private static final Pattern NONCE = Pattern.compile("[0-9a-f]{24}");

    private final String instanceId;

    private InstanceNames(String instanceId) {
        this.instanceId = instanceId;
    }

    /**
     * Returns the names of an instance.
     *
     * @throws InvalidInputException naming {@code instanceId} when it is not a label value of 1 to 63 characters
     */
    public static InstanceNames of(String instanceId) {
        if (Require.given("instanceId", instanceId).isEmpty()) {
            throw new InvalidInputException("instanceId", "must not be empty");
        }
        return new InstanceNames(KubernetesSyntax.labelValue("instanceId", instanceId));
    }

    /** Returns the instance id. */
    public String instanceId() {
        return instanceId;
    }

    /** Returns the labels that everything of this instance carries; the selector of its lists. */
    public Map<String, String> labels() {
        return Map.of(MANAGED_BY, AGENTRUN, INSTANCE, instanceId);
    }

    /** Returns the labels of everything that belongs to the session. */
    public Map<String, String> sessionLabels(String sessionId) {
        return with(labels(), Map.of(SESSION, idHash(sessionId)));
    }

    /** Returns the labels of the session's claim of this generation: who carries all of them is that claim. */
    public Map<String, String> claimLabels(String sessionId, long generation) {
        return with(sessionLabels(sessionId), Map.of(GENERATION, Long.toString(generation)));
    }

    /** Returns the labels of the Jobs of a run, and of their pods. */
    public Map<String, String> runLabels(String runId) {
        return with(labels(), Map.of(RUN, idHash(runId)));
    }

    /** Returns the hash that labels carry for an id: 40 hex digits. */
    public String idHash(String id) {
        return hash(Texts.id("id", id)).substring(0, LABEL_HASH);
    }

    /**
     * Returns the name for the session's claim of this generation: fit for a claim, a volume and a label. It is made once
     * and remembered in the store before the claim is created; nothing ever makes it again to find the claim. Nobody can
     * guess it: a claim of this name was created after the intent, by whoever could read the intent.
     *
     * @param nonce 24 random hex digits
     * @throws InvalidInputException naming {@code nonce} when it is anything else
     */
    public String claimName(String sessionId, long generation, String nonce) {
        if (!NONCE.matcher(Require.given("nonce", nonce)).matches()) {
            throw new InvalidInputException("nonce", "must be 24 hex digits");
        }
        return "agentrun-" + slug(sessionId) + nonce + "-g" + generation;
    }

    /** Returns the name for a Job of the run: one for each command, attempt and generation. */
    public String jobName(String runId, String commandId, String attemptId, long generation) {
        return "agentrun-" + slug(runId) + shortHash("job", runId, commandId, attemptId) + "-g" + generation;
    }

    /** Returns the hash that stands for a command and an attempt at it: 40 hex digits. */
    public String attemptHash(String commandId, String attemptId) {
        return hash(Texts.id("commandId", commandId) + "\n" + Texts.id("attemptId", attemptId))
                .substring(0, LABEL_HASH);
    }

    /** Returns whether the object is this instance's. */
    public boolean owns(ObjectMeta object) {
        return object.hasLabels(labels());
    }

    /** Returns whether the object is the session's claim of this generation, by every label and not by its name. */
    public boolean ownsClaim(ObjectMeta claim, String sessionId, long generation) {
        return claim.hasLabels(claimLabels(sessionId, generation));
    }

    /**
     * Returns the labels that a host adds, which take none of ours.
     *
     * @throws InvalidInputException naming {@code field} when a label is not one, or its key is reserved
     */
    public static Map<String, String> hostLabels(String field, Map<String, String> labels) {
        Map<String, String> checked = KubernetesSyntax.labels(field, labels);
        for (String key : checked.keySet()) {
            boolean ofKubernetes = key.startsWith("batch.kubernetes.io/") || OF_THE_JOB_CONTROLLER.contains(key);
            if (key.startsWith(RESERVED_PREFIX) || key.equals(MANAGED_BY) || ofKubernetes) {
                throw new InvalidInputException(
                        field, "must not use the key " + key + ", which agentrun or Kubernetes sets");
            }
        }
        return checked;
    }

    /** Returns both maps in one, the second one winning. */
    public static Map<String, String> with(Map<String, String> labels, Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(labels);
        all.putAll(more);
        return all;
    }

    private static String slug(String id) {
        StringBuilder slug = new StringBuilder();
        for (char c : id.toLowerCase(Locale.ROOT).toCharArray()) {
            boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (plain) {
                slug.append(c);
            } else if (!slug.isEmpty() && slug.charAt(slug.length() - 1) != '-') {
                slug.append('-');
            }
            if (slug.length() == MAX_SLUG) {
                break;
            }
        }
        while (!slug.isEmpty() && slug.charAt(slug.length() - 1) == '-') {
            slug.setLength(slug.length() - 1);
        }
        return slug.isEmpty() ? "" : slug.append('-').toString();
    }

    private String shortHash(String... parts) {
        return hash(instanceId + "\n" + String.join("\n", parts)).substring(0, NAME_HASH);
    }

    private static String hash(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
