package io.agentrun.memory.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a journal to one store: against a second one in this JVM by one file, against other processes by another.
 *
 * <p>Two files, because on POSIX systems closing any descriptor of a file drops the locks that the whole process has on
 * it. A second open in this JVM has to open a lock file, in order to be told that it is locked, and to close it again;
 * with one file that would let other processes in. The JVM's own table of locks is not affected by that, so the first
 * file still stops every further open in this JVM, and the second is never reached by them.
 */
final class JournalLock implements Closeable {
    private final FileLock amongStores;
    private final FileLock amongProcesses;

    private JournalLock(FileLock amongStores, FileLock amongProcesses) {
        this.amongStores = amongStores; // held here, because the JVM's table forgets locks that nobody refers to
        this.amongProcesses = amongProcesses;
    }

    static JournalLock take(JournalPaths paths) throws IOException {
        FileLock amongStores = lock(paths, paths.jvmLock());
        try {
            return new JournalLock(amongStores, lock(paths, paths.lock()));
        } catch (IOException | RuntimeException e) {
            amongStores.acquiredBy().close();
            throw e;
        }
    }

    private static FileLock lock(JournalPaths paths, Path lockFile) throws IOException {
        if (!Files.exists(lockFile)) {
            create(paths, lockFile);
        }
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            throw Failures.inUse(paths.file(), "another store in this process");
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw Failures.inUse(paths.file(), "another process");
        }
        return lock;
    }

    private static void create(JournalPaths paths, Path lockFile) throws IOException {
        try {
            paths.createPrivate(lockFile);
        } catch (FileAlreadyExistsException e) {
            // Another store has created it at the same moment; the lock decides.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        try (FileChannel last = amongStores.channel();
                FileChannel first = amongProcesses.channel()) {
            first.close();
            last.close();
        }
    }
}
