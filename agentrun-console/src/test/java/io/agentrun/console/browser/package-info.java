/** The console in a real browser, driven by the DevTools protocol. */
@NullMarked
package io.agentrun.console.browser;

import org.jspecify.annotations.NullMarked;
