// What is running, and one run: its commands, and its events as they come.

import { get } from "./api.js";
import { el, replace } from "./dom.js";
import { content, secondsSince, span } from "./format.js";
import { asking, at, badge, choices, facts, heading, link, long, outcome, pager, problem, table, when, why } from "./parts.js";
import { follow } from "./stream.js";

const MOST_SHOWN = 2000;
const STATUSES = ["running", "claimed", "waiting", "pending", "failed", "blocked", "cancelled", "completed"];

function address(status, cursor) {
  const query = new URLSearchParams({ status });
  if (cursor) {
    query.set("cursor", cursor);
  }
  return "#/running?" + query;
}

function lease(run) {
  const held = run.claim.lease;
  if (!held) {
    return "–";
  }
  const left = -secondsSince(held.expiresAt);
  return [el("span", { class: "id" }, held.runnerId), left < 0 ? " – over since " + span(-left) : " – " + span(left) + " left"];
}

export async function running({ parameters, signal }) {
  const status = parameters.status ?? "running";
  const cursor = parameters.cursor;
  const runs = await get("runs", { status, cursor }, signal);
  return [
    heading("Runs that are " + status),
    choices("Status", STATUSES.map((each) => [each]), status, (value) => address(value)),
    table(
      "Runs that are " + status + ", the latest first",
      ["Run", "Runner and lease", "Session", "Task", "Tenant and project", "Attempt", "Outcome", "Created"],
      runs.items.map((run) => [
        link("run", run.id),
        [lease(run), run.cancelRequest ? [" ", el("span", { class: "badge bad" }, "asked to cancel")] : null],
        run.sessionId ? link("session", run.sessionId) : "–",
        run.taskId ? link("task", run.taskId) : "–",
        run.owner.tenantId + " / " + run.owner.projectId,
        run.claim.attempts.current + " of " + run.claim.attempts.max,
        outcome(run.outcome, true) ?? "–",
        when(run.createdAt),
      ]),
      "There is no run like that.",
    ),
    pager(runs, cursor, (next) => address(status, next)),
  ];
}

// The head of the page, which is loaded again now and then; the stream below it is not.
async function head(id, signal, me) {
  const [{ run, explanation, jobs }, commands] = await Promise.all([
    get("run", { id }, signal),
    get("commands", { id, limit: 100 }, signal),
  ]);
  const open = !["completed", "failed", "blocked", "cancelled"].includes(run.status);
  return [
    heading(run.id, badge(run.status)),
    el("div", { class: "actions" }, open ? actions(run, commands.items, me) : null),
    why(explanation),
    facts([
      ["Tenant and project", run.owner.tenantId + " / " + run.owner.projectId],
      ["Session", run.sessionId ? link("session", run.sessionId) : null],
      ["Task", run.taskId ? link("task", run.taskId) : null],
      ["Backend", run.spec.backendProfile],
      ["Provider", run.spec.providerId],
      ["Outcome", outcome(run.outcome)],
      ["Runner and lease", run.claim.lease ? lease(run) : null],
      ["Attempt", run.claim.attempts.current + " of " + run.claim.attempts.max],
      ["Cancel asked for", run.cancelRequest ? [when(run.cancelRequest.requestedAt), " – ", run.cancelRequest.reason] : null],
      ["Created", when(run.createdAt)],
      ["First claimed", run.startedAt ? when(run.startedAt) : null],
      ["Ended", run.endedAt ? when(run.endedAt) : null],
    ]),
    el("h2", {}, "Commands"),
    table(
      "Commands of the run, by number",
      ["No.", "Type", "State", "What it says", "Outcome", "Created"],
      commands.items.map((command) => [
        command.seq,
        command.type,
        badge(command.state),
        el("details", {}, el("summary", { "data-key": command.id }, firstLine(content(command.payload))), long(content(command.payload))),
        outcome(command.outcome, true) ?? "–",
        when(command.times.createdAt),
      ]),
      "It has no command.",
    ),
    jobs.length === 0
      ? null
      : table(
          "Jobs that were started for it",
          ["Job", "Namespace", "Image", "Created"],
          jobs.map((job) => [job.placement.jobName, job.placement.namespace, job.placement.image, when(job.createdAt)]),
          "",
        ),
  ];
}

function firstLine(text) {
  const line = text.split("\n", 1)[0];
  return line.length > 120 ? line.slice(0, 120) + " …" : line || "(empty)";
}

function actions(run, commands, me) {
  const id = run.id;
  const turn = commands.find((command) => command.type === "turn" && command.state === "acknowledged");
  const key = crypto.randomUUID();
  return [
    turn && me.actions.includes("steer") && !run.cancelRequest
      ? asking({
          text: "Steer",
          title: "Say something to the agent",
          hint: "It goes to the turn that the agent works on now.",
          label: "What the agent should know",
          confirm: "Send",
          required: true,
          rows: 4,
          action: "steer",
          body: (text) => ({ id, text, turn: turn.id, key }),
          done: "The agent is told.",
        })
      : null,
    me.actions.includes("cancel") && !run.cancelRequest
      ? asking({
          text: "Cancel run",
          title: "Cancel this run?",
          hint: "Its runner is asked to end it; a run that nobody holds ends at once.",
          label: "Reason, for the record",
          confirm: "Cancel the run",
          danger: true,
          action: "cancel-run",
          body: (reason) => ({ id, reason, mode: "graceful" }),
          done: "The run was asked to end.",
        })
      : null,
    me.actions.includes("force")
      ? asking({
          text: "End by force",
          title: "End this run by force?",
          hint: "It ends at once, and its runner can write nothing more. What the agent does outside goes on until the runner stops it.",
          label: "Reason, for the record",
          confirm: "End it now",
          danger: true,
          action: "cancel-run",
          body: (reason) => ({ id, reason, mode: "force" }),
          done: "The run was ended.",
        })
      : null,
  ];
}

function event(record) {
  const text = content(record.payload);
  return el(
    "li",
    { class: "event " + record.type },
    el("span", { class: "seq" }, record.seq),
    at(record.createdAt),
    el("span", { class: "type" }, record.type.replaceAll("_", " ")),
    text === "" ? el("span", {}) : long(text),
  );
}

const LIVE = {
  connecting: "connecting …",
  live: "live",
  broken: "the connection broke; trying again …",
  ended: "the run has ended: these are all its events",
};

export async function run({ id, signal, me, refresh }) {
  const top = el("div", {});
  const list = el("ol", { class: "events", "aria-label": "Events", tabindex: "0" });
  const state = el("span", { class: "live is-connecting", role: "status" }, LIVE.connecting);
  const dropped = el("p", { class: "quiet", hidden: true }, "Older events are left out here.");
  const failure = el("div", {});
  replace(top, await head(id, signal, me));
  refresh(async () => replace(top, await head(id, signal, me)));
  follow(id, {
    signal,
    arrived(events) {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
      list.append(...events.slice(-MOST_SHOWN).map(event));
      while (list.childElementCount > MOST_SHOWN) {
        list.firstElementChild.remove();
        dropped.hidden = false;
      }
      if (atEnd) {
        list.scrollTop = list.scrollHeight;
      }
    },
    became(now) {
      if (!state.classList.contains("is-" + now)) {
        state.className = "live is-" + now;
        state.textContent = LIVE[now];
        if (now === "ended") {
          document.dispatchEvent(new Event("changed"));
        }
      }
    },
    failed(error) {
      replace(failure, problem(error));
    },
  });
  return [top, el("div", { class: "heading" }, el("h2", {}, "Events"), state), failure, dropped, list];
}
