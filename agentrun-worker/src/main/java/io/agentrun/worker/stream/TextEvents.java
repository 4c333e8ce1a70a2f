package io.agentrun.worker.stream;

import java.util.function.Consumer;

/**
 * Cuts redacted text into the texts of events.
 *
 * <p>Not thread-safe: one thread at a time.
 */
interface TextEvents {

    /** Adds text to the end and gives away what is whole. */
    void add(String text, Consumer<String> to);

    /** Gives away what has come since the last time and can stand alone; the batch ends here. */
    void pause(Consumer<String> to);

    /** Gives away everything. */
    void finish(Consumer<String> to);

    /** Returns whether there is something that only {@link #finish} gives away. */
    boolean holds();

    /** An event for each line. */
    final class Lines implements TextEvents {

        private final LineBuilder builder;
        private Consumer<String> to = line -> {};

        Lines(OutputText rules) {
            this.builder = new LineBuilder(rules, (text, first, last) -> {
                if (first || !text.isEmpty()) {
                    to.accept(text);
                }
            });
        }

        @Override
        public void add(String text, Consumer<String> receiver) {
            to = receiver;
            builder.append(text);
        }

        @Override
        public void pause(Consumer<String> receiver) {
            // A line that has not ended is no event yet.
        }

        @Override
        public void finish(Consumer<String> receiver) {
            to = receiver;
            builder.finish();
        }

        @Override
        public boolean holds() {
            return builder.holds();
        }
    }

    /** One event for all that comes before a pause, up to the longest line. */
    final class Pieces implements TextEvents {

        private final int longest;
        private final StringBuilder piece = new StringBuilder();

        Pieces(OutputText rules) {
            this.longest = rules.maxLine();
        }

        @Override
        public void add(String text, Consumer<String> to) {
            piece.append(text);
            while (piece.length() > longest) {
                give(Character.isHighSurrogate(piece.charAt(longest - 1)) ? longest - 1 : longest, to);
            }
        }

        @Override
        public void pause(Consumer<String> to) {
            int length = piece.length();
            // The other half of the last character may be in the next piece.
            give(length > 0 && Character.isHighSurrogate(piece.charAt(length - 1)) ? length - 1 : length, to);
        }

        @Override
        public void finish(Consumer<String> to) {
            give(piece.length(), to);
        }

        @Override
        public boolean holds() {
            return piece.length() > 0;
        }

        private void give(int length, Consumer<String> to) {
            if (length > 0) {
                to.accept(OutputText.clean(piece.substring(0, length)));
                piece.delete(0, length);
            }
        }
    }
}
