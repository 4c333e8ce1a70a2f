package io.agentrun.k8s.job;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;

/**
 * As whom a runner runs. Whatever is given, it runs as no root, without new privileges, without any capability, under
 * the runtime's default seccomp profile: the {@code restricted} Pod Security Standard.
 *
 * <p>Immutable.
 *
 * @param runAsUser the user id, 1 or more; 1000 unless given
 * @param runAsGroup the group id, 1 or more; 1000 unless given
 * @param fsGroup the group that the volume belongs to, 1 or more; 1000 unless given
 * @param rootFilesystem whether the image's own files can be written
 * @param apiToken whether the service account's token is mounted
 */
public record JobSecurity(
        long runAsUser, long runAsGroup, long fsGroup, RootFilesystem rootFilesystem, ApiToken apiToken) {

    /** Whether the image's own files can be written. Immutable. */
    public enum RootFilesystem {
        /** They cannot; {@code /tmp} is a directory of its own. */
        READ_ONLY,
        /** They can, as long as the container lives. */
        WRITABLE
    }

    /** Whether the token of the service account is in the container. Immutable. */
    public enum ApiToken {
        /** It is not: an agent has no business with the cluster. */
        ABSENT,
        /** It is. */
        MOUNTED
    }

    private static final long MAX_ID = Integer.MAX_VALUE;

    /**
     * Checks what is given.
     *
     * @throws InvalidInputException naming the component that is missing or out of the bounds stated above
     */
    public JobSecurity {
        runAsUser = Require.between("runAsUser", runAsUser, 1, MAX_ID);
        runAsGroup = Require.between("runAsGroup", runAsGroup, 1, MAX_ID);
        fsGroup = Require.between("fsGroup", fsGroup, 1, MAX_ID);
        rootFilesystem = Require.given("rootFilesystem", rootFilesystem);
        apiToken = Require.given("apiToken", apiToken);
    }

    /** Returns user, group and file group 1000, a writable root file system, and no token. */
    public static JobSecurity defaults() {
        return new JobSecurity(1000, 1000, 1000, RootFilesystem.WRITABLE, ApiToken.ABSENT);
    }

    /** Returns the same, as another user with these groups. */
    public JobSecurity runAs(long user, long group, long fileGroup) {
        return new JobSecurity(user, group, fileGroup, rootFilesystem, apiToken);
    }

    /** Returns the same with another root file system. */
    public JobSecurity withRootFilesystem(RootFilesystem value) {
        return new JobSecurity(runAsUser, runAsGroup, fsGroup, value, apiToken);
    }

    /** Returns the same with or without the token. */
    public JobSecurity withApiToken(ApiToken value) {
        return new JobSecurity(runAsUser, runAsGroup, fsGroup, rootFilesystem, value);
    }
}
