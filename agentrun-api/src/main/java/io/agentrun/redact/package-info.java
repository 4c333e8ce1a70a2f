/**
 * Finds secrets in text and in names. Start at {@link io.agentrun.redact.SecretFinder}, which
 * {@link io.agentrun.json.Redactor} uses for every text and every key; the shapes of known tokens are rows of a table of
 * {@link io.agentrun.redact.SecretRule}, to which a host may add its own. Every scanner takes time linear in the text.
 */
@NullMarked
package io.agentrun.redact;

import org.jspecify.annotations.NullMarked;
