package io.agentrun.memory.journal;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The path of the journal and of the files beside it: {@code .lock}, {@code .jvmlock} and, for a moment, {@code .rewrite}. */
record JournalPaths(Path file) {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** Returns the path that {@code file} means, links followed, so that every way to a file leads to the same lock. */
    static JournalPaths of(Path file) throws IOException {
        Path path = file.toAbsolutePath().normalize();
        Path name = path.getFileName();
        if (name == null || Files.isDirectory(path)) {
            throw Failures.unreachable(file, "is a directory");
        }
        if (Files.exists(path)) {
            path = path.toRealPath();
            if (!Files.isRegularFile(path)) {
                throw Failures.unreachable(file, "is not a regular file");
            }
            if (hasSeveralNames(path)) {
                throw Failures.unreachable(
                        file, "has a second name (a hard link), under which another store could open it");
            }
            return new JournalPaths(path);
        }
        if (Files.isSymbolicLink(path)) {
            throw Failures.unreachable(file, "is a link to a file that does not exist");
        }
        Path directory = path.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw Failures.unreachable(file, "cannot be created: its directory does not exist or may not be read");
        }
        return new JournalPaths(directory.toRealPath().resolve(name));
    }

    private static boolean hasSeveralNames(Path file) throws IOException {
        return file.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Files.getAttribute(file, "unix:nlink") instanceof Integer names
                && names > 1;
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

    /** Returns whether nothing is there, or a file without content, as some tools make them to reserve a name. */
    boolean isNew() throws IOException {
        return !Files.exists(file) || Files.size(file) == 0;
    }

    /** Writes a file that holds {@code entries} and replaces the journal by it. */
    FrameFile.Tail writeFresh(Journal.Format format, Iterable<byte[]> entries) throws IOException {
        Files.deleteIfExists(fresh());
        createPrivate(fresh());
        try {
            keepPermissions();
            return FrameFile.writeSnapshot(fresh(), format, entries);
        } catch (IOException | RuntimeException | Error e) {
            deleteFresh(e);
            throw e;
        }
    }

    /** Creates an empty file that only its owner can read and write, where the file system knows owners; else a plain one. */
    void createPrivate(Path path) throws IOException {
        if (isPosix()) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            Files.createFile(path);
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

    /** Replaces the journal by the fresh file, for good when it returns. */
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
