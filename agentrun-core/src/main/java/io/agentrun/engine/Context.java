package io.agentrun.engine;

import io.agentrun.backend.StoreBackend;
import io.agentrun.engine.view.ViewScope;
import io.agentrun.id.IdSource;

/** What all operations work with. Thread-safe. */
record Context(StoreBackend backend, IdSource ids, Intake intake, ViewScope scope) {}
