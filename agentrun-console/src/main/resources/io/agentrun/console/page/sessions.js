// Sessions, and one session with its runs.

import { get } from "./api.js";
import { el } from "./dom.js";
import { badge, choices, facts, heading, link, outcome, pager, table, when, why } from "./parts.js";

const FILTERS = ["all", "running", "idle", "terminal"];
const STATUSES = ["", "failed", "blocked", "cancelled", "completed", "running", "claimed", "waiting", "pending"];

function address(path, parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  return "#/" + path + (query.size ? "?" + query : "");
}

export async function sessions({ parameters, signal }) {
  const filter = parameters.filter ?? "all";
  const cursor = parameters.cursor;
  const page = await get("sessions", { filter, cursor }, signal);
  return [
    heading("Sessions"),
    choices("Filter", FILTERS.map((each) => [each]), filter, (value) => address("sessions", { filter: value })),
    table(
      "Sessions, the latest changed first",
      ["Session", "State", "Last outcome", "Turns", "Backend", "Tenant and project", "Volume", "Changed"],
      page.items.map(({ session }) => [
        link("session", session.id, session.title || session.id),
        badge(session.activity.state),
        outcome(session.activity.outcome) ?? "–",
        session.activity.turns,
        session.backendProfile,
        session.owner.tenantId + " / " + session.owner.projectId,
        session.storage.state,
        when(session.updatedAt),
      ]),
      "There is no such session.",
    ),
    pager(page, cursor, (next) => address("sessions", { filter, cursor: next })),
  ];
}

export async function session({ id, parameters, signal }) {
  const { status, cursor } = parameters;
  const [{ session: record, explanation }, runs] = await Promise.all([
    get("session", { id }, signal),
    get("runs", { session: id, status, cursor }, signal),
  ]);
  const path = "session/" + encodeURIComponent(id);
  return [
    heading(record.title || record.id, badge(record.activity.state)),
    why(explanation),
    facts([
      ["Id", el("span", { class: "id" }, record.id)],
      ["Tenant and project", record.owner.tenantId + " / " + record.owner.projectId],
      ["Backend", record.backendProfile],
      ["Turns", record.activity.turns],
      ["Last outcome", outcome(record.activity.outcome)],
      ["Last run", record.activity.lastRunId ? link("run", record.activity.lastRunId) : null],
      ["Volume", record.storage.state],
      ["Expires", record.expiresAt ? when(record.expiresAt) : null],
      ["Created", when(record.createdAt)],
      ["Changed", when(record.updatedAt)],
    ]),
    el("h2", {}, "Runs"),
    choices("Status of the runs", STATUSES.map((each) => [each, each || "every status"]), status ?? "", (value) =>
      address(path, { status: value }),
    ),
    table(
      "Runs of the session, the latest first",
      ["Run", "Status", "Outcome", "Task", "Created", "Ended"],
      runs.items.map((run) => [
        link("run", run.id),
        badge(run.status),
        outcome(run.outcome, true) ?? "–",
        run.taskId ? link("task", run.taskId) : "–",
        when(run.createdAt),
        run.endedAt ? when(run.endedAt) : "–",
      ]),
      status ? "No run of it is " + status + "." : "It has no run.",
    ),
    pager(runs, cursor, (next) => address(path, { status, cursor: next })),
  ];
}
