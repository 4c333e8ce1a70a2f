/** Tests of the rules for secrets, over a table and two corpora. */
@NullMarked
package io.agentrun.redact;

import org.jspecify.annotations.NullMarked;
