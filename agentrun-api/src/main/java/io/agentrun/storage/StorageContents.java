package io.agentrun.storage;

import io.agentrun.check.Require;
import io.agentrun.error.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What is on a session's volume, as the runner reported it last.
 *
 * <p>Immutable.
 *
 * @param sizeBytes bytes, null when not known
 * @param filesCount number of files, null when not known
 * @param sha256 digest of the content in lower-case hex, null when not known
 * @param rolloutSubdir the directory on the volume that holds the agent's session files; {@code sessions} unless said
 *     otherwise
 */
public record StorageContents(
        @Nullable Long sizeBytes,
        @Nullable Long filesCount,
        @Nullable String sha256,
        String rolloutSubdir) {

    /** The directory of a session's files when nothing else was said. */
    public static final String DEFAULT_ROLLOUT_SUBDIR = "sessions";

    /**
     * Checks and copies what is given.
     *
     * @throws InvalidInputException when a component is missing or out of the bounds stated above
     */
    public StorageContents {
        rolloutSubdir = Require.given("rolloutSubdir", rolloutSubdir);
    }

    /** Returns contents of which nothing is known, in the default directory. */
    public static StorageContents unknown() {
        return new StorageContents(null, null, null, DEFAULT_ROLLOUT_SUBDIR);
    }

    /** Returns contents of which nothing is known any more, in the same directory. */
    public StorageContents emptied() {
        return new StorageContents(null, null, null, rolloutSubdir);
    }

    /** Returns a copy with another {@code sizeBytes}: bytes, null when not known. */
    public StorageContents withSizeBytes(@Nullable Long sizeBytes) {
        return new StorageContents(sizeBytes, filesCount, sha256, rolloutSubdir);
    }

    /** Returns a copy with another {@code filesCount}: number of files, null when not known. */
    public StorageContents withFilesCount(@Nullable Long filesCount) {
        return new StorageContents(sizeBytes, filesCount, sha256, rolloutSubdir);
    }

    /** Returns a copy with another {@code sha256}: digest of the content in lower-case hex, null when not known. */
    public StorageContents withSha256(@Nullable String sha256) {
        return new StorageContents(sizeBytes, filesCount, sha256, rolloutSubdir);
    }

    /**
     * Returns a copy with another {@code rolloutSubdir}: the directory on the volume that holds the agent's session
     * files; {@code sessions} unless said otherwise.
     *
     * @throws InvalidInputException when it is missing or out of its bounds
     */
    public StorageContents withRolloutSubdir(String rolloutSubdir) {
        return new StorageContents(sizeBytes, filesCount, sha256, rolloutSubdir);
    }
}
