package io.agentrun.memory.journal;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The journal's place and the files beside it: {@code .lock}, {@code .jvmlock} and, for a moment, {@code .rewrite}. */
record JournalPaths(Path file) {

    /** The place that {@code file} means, links followed, so that every way to a file leads to the same lock. */
    static JournalPaths of(Path file) throws IOException {
        Path place = file.toAbsolutePath().normalize();
        Path name = place.getFileName();
        if (name == null || Files.isDirectory(place)) {
            throw Failures.unreachable(file, "is a directory");
        }
        if (Files.exists(place)) {
            place = place.toRealPath();
            if (!Files.isRegularFile(place)) {
                throw Failures.unreachable(file, "is not a regular file");
            }
            return new JournalPaths(place);
        }
        if (Files.isSymbolicLink(place)) {
            throw Failures.unreachable(file, "is a link to a file that does not exist");
        }
        Path directory = place.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw Failures.unreachable(file, "cannot be created: its directory does not exist or may not be read");
        }
        return new JournalPaths(directory.toRealPath().resolve(name));
    }

    Path lock() {
        return beside(".lock");
    }

    Path jvmLock() {
        return beside(".jvmlock");
    }

    Path fresh() {
        return beside(".rewrite");
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** Nothing is there, or a file without content, as some tools make them to reserve a name. */
    boolean isNew() throws IOException {
        return !Files.exists(file) || Files.size(file) == 0;
    }

    /** Writes a file that holds {@code entries} and puts it in the place of the journal. */
    FrameFile.Tail writeFresh(Journal.Format format, Iterable<byte[]> entries) throws IOException {
        Files.deleteIfExists(fresh());
        Files.createFile(fresh());
        try {
            keepPermissions();
            return FrameFile.writeSnapshot(fresh(), format, entries);
        } catch (IOException | RuntimeException | Error e) {
            deleteFresh(e);
            throw e;
        }
    }

    private void deleteFresh(Throwable because) {
        try {
            Files.deleteIfExists(fresh());
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    private void keepPermissions() throws IOException {
        if (isPosix() && Files.exists(file)) {
            Files.setPosixFilePermissions(fresh(), Files.getPosixFilePermissions(file));
        }
    }

    /** Puts the fresh file in the place of the journal, for good when it returns. */
    void replace() throws IOException {
        Files.move(fresh(), file, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory();
    }

    /**
     * Makes the names in the directory durable. Only a POSIX system has a way to ask for that. An interrupted thread
     * does it all the same, and stays interrupted.
     */
    void forceDirectory() throws IOException {
        Path directory = file.getParent();
        if (directory == null || !isPosix()) {
            return;
        }
        boolean interrupted = false;
        try {
            while (!forced(directory)) {
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean forced(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
            return true;
        } catch (ClosedByInterruptException e) {
            return false;
        }
    }

    private boolean isPosix() {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
