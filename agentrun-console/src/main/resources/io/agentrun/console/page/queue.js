// The queue, and one task.

import { get } from "./api.js";
import { el } from "./dom.js";
import { content } from "./format.js";
import { asking, badge, choices, doing, facts, heading, link, long, outcome, pager, sentence, table, when, why } from "./parts.js";

const STATES = ["pending", "running", "completed", "failed", "blocked", "cancelled"];

function address(parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  return "#/queue" + (query.size ? "?" + query : "");
}

export async function queue({ parameters, signal }) {
  const { state, queue: name, lane, cursor } = parameters;
  const { stats, tasks, why: reasons } = await get("queue", { state, queue: name, lane, cursor }, signal);
  const total = STATES.reduce((sum, each) => sum + (stats.byState[each] ?? 0), 0);
  return [
    heading("Queue"),
    el(
      "ul",
      { class: "tiles" },
      [["", "all", total], ...STATES.map((each) => [each, each, stats.byState[each] ?? 0])].map(([value, text, count]) =>
        el(
          "li",
          {},
          el(
            "a",
            {
              href: address({ state: value, queue: name, lane }),
              "data-key": "state " + value,
              "aria-current": (state ?? "") === value ? "true" : null,
            },
            el("span", { class: "count" }, count.toLocaleString()),
            el("span", { class: "name" }, text),
          ),
        ),
      ),
    ),
    el(
      "p",
      { class: "quiet" },
      stats.due + " due now",
      stats.waiting ? "; " + stats.waiting + " of those that run wait for answers" : null,
      stats.oldestPendingAt ? ["; the oldest waits since ", when(stats.oldestPendingAt)] : null,
    ),
    filters(name, lane, Object.keys(stats.byLane), state),
    table(
      "Tasks" + (state ? " that are " + state : ""),
      ["Task", "State", "Why it waits, how it ended", "Queue and lane", "Priority", "Attempts", "Created"],
      tasks.items.map((task) => [
        link("task", task.id, task.title || task.id),
        badge(task.state),
        shown(task, reasons),
        task.place.queue + " / " + task.place.lane,
        task.place.priority,
        (task.latestAttempt?.number ?? 0) + " of " + task.retry.maxAttempts,
        when(task.createdAt),
      ]),
      "There is no such task.",
    ),
    pager(tasks, cursor, (next) => address({ state, queue: name, lane, cursor: next })),
  ];
}

function shown(task, reasons) {
  if (reasons[task.id]) {
    return sentence(reasons[task.id]);
  }
  if (task.outcome) {
    return outcome(task.outcome, true);
  }
  const run = task.latestAttempt?.runId;
  return run ? ["in run ", link("run", run)] : "at the host";
}

function filters(name, lane, lanes, state) {
  const chosen = name || lane;
  if (lanes.length < 2 && !chosen) {
    return null;
  }
  return choices("Lane", [["", "every lane"], ...lanes.map((each) => [each])], lane ?? "", (value) =>
    address({ state, queue: name, lane: value }),
  );
}

export async function task({ id, parameters, signal, me }) {
  const { task: record, explanation, runs } = await get("task", { id, cursor: parameters.cursor }, signal);
  const open = !["completed", "failed", "blocked", "cancelled"].includes(record.state);
  return [
    heading(record.title || record.id, badge(record.state)),
    el("div", { class: "actions" }, actions(record, open, me)),
    why(explanation),
    facts([
      ["Id", el("span", { class: "id" }, record.id)],
      ["Tenant and project", record.owner.tenantId + " / " + record.owner.projectId],
      ["Queue and lane", el("a", { href: address({ queue: record.place.queue }) }, record.place.queue + " / " + record.place.lane)],
      ["Priority", record.place.priority],
      ["Backend", record.spec.backendProfile],
      ["Session", record.content.session ? link("session", record.content.session.sessionId) : null],
      ["Attempts", (record.latestAttempt?.number ?? 0) + " of " + record.retry.maxAttempts],
      ["Due", record.notBefore ? when(record.notBefore) : null],
      ["Outcome", outcome(record.outcome)],
      ["Cancel asked for", record.cancelRequest ? [when(record.cancelRequest.requestedAt), " – ", record.cancelRequest.reason] : null],
      ["Created", when(record.createdAt)],
      ["Changed", when(record.updatedAt)],
    ]),
    el("h2", {}, "Runs"),
    table(
      "Runs of the task, the first one first",
      ["Run", "Status", "Outcome", "Started", "Ended"],
      runs.items.map((run) => [link("run", run.id), badge(run.status), outcome(run.outcome, true) ?? "–", when(run.startedAt), when(run.endedAt)]),
      "No run was begun for it.",
    ),
    pager(runs, parameters.cursor, (next) => "#/task/" + encodeURIComponent(id) + (next ? "?cursor=" + encodeURIComponent(next) : "")),
    el("h2", {}, "Payload"),
    long(content(record.content.payload)),
  ];
}

function actions(record, open, me) {
  const id = record.id;
  const key = crypto.randomUUID();
  return [
    !open && me.actions.includes("retry")
      ? doing("Try again", "retry", () => ({ id, key }), "The task waits to be tried again.")
      : null,
    open && me.actions.includes("cancel")
      ? asking({
          text: "Cancel task",
          title: "Cancel this task?",
          hint: "A task that waits is cancelled at once; a runner is asked to end.",
          label: "Reason, for the record",
          confirm: "Cancel the task",
          danger: true,
          action: "cancel-task",
          body: (reason) => ({ id, reason, mode: "graceful" }),
          done: "The task was asked to end.",
        })
      : null,
  ];
}
