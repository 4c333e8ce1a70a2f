/**
 * The append-only file under the store that {@code InMemoryAgentRunStore.open} gives. It is the store's own, not for
 * applications, and may change in any release; start at {@link io.agentrun.memory.journal.Journal}.
 *
 * <p>The file is a header and then frames; all numbers are big endian.
 *
 * <table>
 * <caption>Header, 52 bytes; its length and the place of its checksum are the same in every layout</caption>
 * <tr><th>bytes</th><th>content</th></tr>
 * <tr><td>8</td><td>magic: {@code 89 'A' 'R' 'J' 0D 0A 1A 0A}</td></tr>
 * <tr><td>4</td><td>version of this layout, 1</td></tr>
 * <tr><td>16</td><td>name of the format of the entries, ASCII, filled up with zeros</td></tr>
 * <tr><td>4</td><td>version of the format of the entries</td></tr>
 * <tr><td>8</td><td>salt: random, new with every file</td></tr>
 * <tr><td>8</td><td>base: the length of the file when it took its name; so much of it was never torn</td></tr>
 * <tr><td>4</td><td>CRC-32C of the 48 bytes before</td></tr>
 * </table>
 *
 * <table>
 * <caption>Frame: 24 bytes and its payload, at most 64 MiB and 4 bytes</caption>
 * <tr><th>bytes</th><th>content</th></tr>
 * <tr><td>4</td><td>marker: {@code F5 'A' 'R' FA}</td></tr>
 * <tr><td>4</td><td>length of the payload</td></tr>
 * <tr><td>8</td><td>running number, the first frame of a file is 1</td></tr>
 * <tr><td>4</td><td>CRC-32C of the payload</td></tr>
 * <tr><td>4</td><td>CRC-32C of the salt and the 20 bytes before</td></tr>
 * <tr><td>n</td><td>payload: entries, each 4 bytes of length and its bytes</td></tr>
 * </table>
 *
 * <p>The salt is in the checksum so that an entry that holds a piece of a journal is never taken for a frame.
 */
@NullMarked
package io.agentrun.memory.journal;

import org.jspecify.annotations.NullMarked;
