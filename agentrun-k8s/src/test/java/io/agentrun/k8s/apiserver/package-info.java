@NullMarked
package io.agentrun.k8s.apiserver;

import org.jspecify.annotations.NullMarked;
