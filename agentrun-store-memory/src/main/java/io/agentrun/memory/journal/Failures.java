package io.agentrun.memory.journal;

import io.agentrun.error.StoreUnavailableException;
import io.agentrun.error.StoreUnavailableException.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with the file, by its name and without its directories. */
final class Failures {
    private static final List<String> FULL =
            List.of("no space left", "disk quota exceeded", "not enough space", "file too large");

    private Failures() {}

    static StoreUnavailableException corrupt(Path file, @Nullable String what) {
        return failure(Reason.CORRUPT, file, what + "; it was left as it is", null);
    }

    static StoreUnavailableException inUse(Path file, String who) {
        return failure(Reason.IN_USE, file, "is in use by " + who, null);
    }

    static StoreUnavailableException unreachable(Path file, String why) {
        return failure(Reason.UNREACHABLE, file, why, null);
    }

    static StoreUnavailableException unusable(Path file, StoreUnavailableException first) {
        return failure(Reason.NEEDS_REOPEN, file, "takes no more writes since one failed; reopen the store", first);
    }

    /**
     * Returns the typed form of what the operating system answered.
     *
     * @param needed so many bytes were to be written; where the disk has fewer left, that is the reason
     */
    static StoreUnavailableException of(Path file, Throwable cause, long needed) {
        if (cause instanceof StoreUnavailableException typed) {
            return typed;
        }
        if (cause instanceof AccessDeniedException) {
            return failure(Reason.UNREACHABLE, file, "may not be read or written by this user", cause);
        }
        if (cause instanceof NoSuchFileException
                || cause instanceof NotDirectoryException
                || cause instanceof FileNotFoundException) {
            return failure(Reason.UNREACHABLE, file, "or its directory cannot be opened", cause);
        }
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (cause instanceof ReadOnlyFileSystemException || text.contains("read-only file system")) {
            return failure(Reason.READ_ONLY, file, "is on a file system that takes no writes", cause);
        }
        // The text may be in the user's language, so the disk is asked too.
        if (cause instanceof IOException
                && (FULL.stream().anyMatch(text::contains) || file.toFile().getUsableSpace() < needed)) {
            return failure(Reason.STORAGE_FULL, file, "cannot grow: the disk or the quota is full", cause);
        }
        return failure(Reason.INTERNAL, file, "could not be read or written: " + cause.getMessage(), cause);
    }

    private static StoreUnavailableException failure(Reason reason, Path file, String what, @Nullable Throwable cause) {
        Path name = file.getFileName();
        return new StoreUnavailableException(reason, "the file " + (name == null ? file : name) + " " + what, cause);
    }
}
