/** How a host's author tests a host: the real service, on a real database, over HTTP. */
@NullMarked
package io.agentrun.example.web;

import org.jspecify.annotations.NullMarked;
