/**
 * A host program: runs command lines from a file as local agents.
 */
@NullMarked
package io.agentrun.example;

import org.jspecify.annotations.NullMarked;
