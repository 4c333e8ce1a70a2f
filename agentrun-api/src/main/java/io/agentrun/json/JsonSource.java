package io.agentrun.json;

/** What a {@link JsonObject} has its content from: the content itself, or a text that is read on first use. */
sealed interface JsonSource permits JsonContent, StoredText {

    /**
     * Returns the content, the same or an equal one at every call.
     *
     * @throws io.agentrun.error.StoreUnavailableException if it is a stored text that cannot be read
     */
    JsonContent content();

    /** Returns a number of bytes that the canonical text does not exceed; a stored text is not read for it. */
    int sizeAtMost();
}
