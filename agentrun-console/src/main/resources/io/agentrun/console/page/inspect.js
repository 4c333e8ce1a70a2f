// Why a record does not move, and what is wrong in the store.

import { act, get } from "./api.js";
import { el, replace } from "./dom.js";
import { heading, link, problem, table, why } from "./parts.js";

export async function explain({ id, signal, me }) {
  const field = el("input", {
    id: "explain-id",
    name: "id",
    value: id ?? "",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 200,
    required: true,
  });
  const form = el(
    "form",
    { class: "line" },
    el("label", { for: "explain-id" }, "Id of a task, run, command or session"),
    field,
    el("button", { type: "submit", class: "primary" }, "Explain"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = "#/explain/" + encodeURIComponent(field.value.trim());
  });
  const answer = el("div", {});
  if (id) {
    try {
      replace(answer, why((await get("explain", { id }, signal)).explanation));
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      replace(answer, problem(error));
    }
  }
  return [heading("Explain"), form, answer, id ? null : health(me.health)];
}

function health(state) {
  return el(
    "section",
    { class: "why" },
    el("h2", {}, "The store"),
    el("p", {}, state.adapter + ": " + (state.ready ? "ready" : "not ready"), state.migrationId ? ", schema " + state.migrationId : null),
    state.message ? el("p", { class: "reason" }, state.message) : null,
  );
}

const KINDS = ["run", "session", "task"];

export async function doctor({ me }) {
  if (!me.actions.includes("doctor")) {
    return [
      heading("Doctor"),
      el("p", {}, "An examination is of the whole store. Your access is not to all tenants, or does not allow it."),
    ];
  }
  const result = el("div", { "aria-live": "polite" });
  const start = el("button", { type: "button", class: "primary" }, "Examine the store");
  start.addEventListener("click", async () => {
    start.disabled = true;
    replace(result, el("p", { class: "quiet" }, "Examining …"));
    try {
      replace(result, diagnosis(await act("doctor", {})));
    } catch (error) {
      replace(result, problem(error));
    }
    start.disabled = false;
    start.focus();
  });
  return [
    heading("Doctor"),
    el(
      "p",
      {},
      "Reads the store for what must never be in one: numbers with a gap, two active turns in a session, a task that runs on nothing,"
        + " records that cannot be read. It changes nothing, and takes seconds where there are thousands of records.",
    ),
    el("div", { class: "actions" }, start),
    result,
  ];
}

function diagnosis(found) {
  const counts = found.runs + " runs, " + found.sessions + " sessions and " + found.tasks + " tasks were examined";
  return [
    el(
      "p",
      { class: found.findings.length === 0 ? "verdict good" : "verdict bad" },
      found.findings.length === 0 ? "Nothing was found." : found.findings.length + " findings.",
    ),
    el("p", { class: "quiet" }, counts + (found.complete ? "." : "; not everything: some was beyond the bounds or cannot be read.")),
    found.findings.length === 0
      ? null
      : table(
          "Findings",
          ["Rule", "Record", "Id", "What is wrong"],
          found.findings.map((finding) => [
            el("code", {}, finding.rule),
            finding.subject,
            KINDS.includes(finding.subject) ? link(finding.subject, finding.id) : el("span", { class: "id" }, finding.id),
            finding.what,
          ]),
          "",
        ),
    found.unsettled.length === 0
      ? null
      : el("p", { class: "quiet" }, "Changed while it was read, look again: " + found.unsettled.join(", ")),
  ];
}
