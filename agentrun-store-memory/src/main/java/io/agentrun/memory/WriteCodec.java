package io.agentrun.memory;

import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.agentrun.error.StoreUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Change sets as JSON, the format of the journal's entries. */
final class WriteCodec {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final ObjectWriter writer = MAPPER.writerFor(Write[].class);
    private final ObjectReader reader = MAPPER.readerFor(Write[].class);

    byte[] write(List<Write> changeSet) {
        try {
            return writer.writeValueAsBytes(changeSet.toArray(new Write[0]));
        } catch (IOException e) {
            throw new UncheckedIOException("a change set could not be written as JSON", e);
        }
    }

    List<Write> read(byte[] entry) {
        try {
            Write[] writes = reader.readValue(entry);
            return List.of(writes);
        } catch (IOException e) {
            throw new StoreUnavailableException(
                    StoreUnavailableException.Reason.CORRUPT, "an entry of the file cannot be read", e);
        }
    }
}
