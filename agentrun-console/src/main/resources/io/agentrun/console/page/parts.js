// What several pages are made of.

import { el, replace, say } from "./dom.js";
import { act } from "./api.js";
import { ago, clock, moment } from "./format.js";

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;
const LONG = 80;

const TONES = {
  pending: "wait",
  claimed: "work",
  running: "work",
  acknowledged: "work",
  idle: "calm",
  waiting: "wait",
  open: "wait",
  completed: "good",
  answered: "good",
  failed: "bad",
  blocked: "bad",
  cancelled: "calm",
  expired: "bad",
  terminal: "calm",
};

export function badge(state) {
  return el("span", { class: "badge " + (TONES[state] ?? "calm") }, state);
}

export function link(kind, id, text) {
  const to = "#/" + kind + "/" + encodeURIComponent(id);
  return el("a", { href: to, "data-key": to, class: text === undefined ? "id" : null }, text ?? id);
}

export function when(instant) {
  return instant ? el("time", { datetime: instant, title: moment(instant) + " (" + instant + ")" }, ago(instant)) : "–";
}

export function at(instant) {
  return el("time", { datetime: instant, title: instant }, clock(instant));
}

// A sentence of the host, with its instants as times of this place.
export function sentence(text, capital) {
  const shown = capital ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return shown
    .split(INSTANT)
    .map((part) => (INSTANT.test(part) ? el("time", { datetime: part, title: part }, moment(part)) : part));
}

export function facts(pairs) {
  return el(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value !== undefined && value !== null && value !== "")
      .map(([name, value]) => {
        const shown = el("dd", {}, value);
        return el("div", { class: shown.textContent.length > LONG ? "long" : null }, el("dt", {}, name), shown);
      }),
  );
}

export function table(caption, heads, rows, empty) {
  if (rows.length === 0) {
    return el("p", { class: "quiet" }, empty);
  }
  return el(
    "div",
    { class: "wide", role: "region", "aria-label": caption, tabindex: "0" },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
      el(
        "tbody",
        {},
        rows.map((cells) => el("tr", {}, cells.map((cell, i) => el("td", { "data-head": heads[i] }, cell)))),
      ),
    ),
  );
}

export function heading(text, ...more) {
  return el("div", { class: "heading" }, el("h1", { tabindex: "-1" }, text), more);
}

// A row of links of which one is the current one.
export function choices(label, options, current, href) {
  return el(
    "nav",
    { class: "choices", "aria-label": label },
    options.map(([value, text]) =>
      el(
        "a",
        { href: href(value), "data-key": label + value, "aria-current": value === current ? "true" : null },
        text ?? value,
      ),
    ),
  );
}

// The pages of a list: the first one, and the next one where there is one.
export function pager(page, cursor, href) {
  if (!cursor && !page.nextCursor) {
    return null;
  }
  return el(
    "nav",
    { class: "pager", "aria-label": "Pages of the list" },
    cursor ? el("a", { href: href(null), "data-key": "first" }, "First page") : null,
    page.nextCursor ? el("a", { href: href(page.nextCursor), "data-key": "next" }, "Next page") : null,
  );
}

const KINDS = { task: "Task", run: "Run", command: "Command", session: "Session" };

const NEXT = {
  none: "Nothing: it has ended.",
  time: "Time passes.",
  "turn-end": "The turn before it ends.",
  dispatch: "A worker takes it.",
  claim: "A runner claims it.",
  runner: "Its runner goes on, ends it or gives it back; or the lease runs out.",
  recovery: "Somebody recovers it, or its runner comes back.",
  report: "The host that runs the attempt reports.",
  "new-turn": "A new turn is created.",
  upkeep: "The next upkeep of the store ends it.",
  eviction: "A collector ends the eviction of its volume.",
  provision: "A host provisions a new volume.",
  answer: "Somebody answers the question.",
};

// Why something does not move: the chain of records with which it moves, and what the last one waits for.
export function why(chain) {
  const last = chain[chain.length - 1];
  return el(
    "section",
    { class: "why", "aria-label": "Why it is where it is" },
    el("h2", {}, last.next === "none" ? "How it ended" : "Why it is where it is"),
    el(
      "ol",
      {},
      chain.map((step) =>
        el(
          "li",
          {},
          el("span", { class: "kind" }, KINDS[step.kind] ?? step.kind),
          " ",
          step.kind === "command" ? el("span", { class: "id" }, step.id) : link(step.kind, step.id),
          " ",
          badge(step.state),
          " since ",
          when(step.since),
          step.text ? el("p", { class: "reason" }, sentence(step.text, true)) : null,
          step.reason?.runId ? el("p", {}, "That run: ", link("run", step.reason.runId)) : null,
        ),
      ),
    ),
    el("p", { class: "next" }, el("strong", {}, "Next: "), NEXT[last.next] ?? last.next),
  );
}

// How something ended; bare beside its state, which says so already.
export function outcome(value, bare) {
  if (!value) {
    return null;
  }
  if (bare && !value.failureKind && !value.message) {
    return "–";
  }
  return el(
    "span",
    {},
    bare ? null : badge(value.status),
    value.failureKind ? [" ", el("code", {}, value.failureKind)] : null,
    value.message ? el("span", { class: "message" }, value.message) : null,
  );
}

export function long(text, most = 4000) {
  if (text.length <= most) {
    return el("pre", {}, text);
  }
  const shown = el("pre", {}, text.slice(0, most) + " …");
  const more = el("button", { type: "button" }, "Show all " + text.length + " characters");
  more.addEventListener("click", () => {
    shown.textContent = text;
    more.remove();
  });
  return el("div", {}, shown, more);
}

export function problem(error) {
  return el(
    "div",
    { class: "problem", role: "alert" },
    el("strong", {}, error.status === 404 ? "It is not there." : error.status === 401 ? "No access." : "That did not work."),
    " ",
    error.message,
  );
}

// A button that asks for a text in a dialog and then does something. The dialog is the browser's: Escape closes it.
export function asking({ text, title, label, hint, confirm, required, danger, rows, action, body, done }) {
  const button = el("button", { type: "button", class: danger ? "danger" : null, "data-key": text }, text);
  button.addEventListener("click", () => {
    const field = el("textarea", { id: "asked", rows: rows ?? 2, maxlength: 1000, required: required });
    const failed = el("div", {});
    const send = el("button", { type: "submit", class: danger ? "danger" : "primary" }, confirm);
    const form = el(
      "form",
      { method: "dialog" },
      el("h2", {}, title),
      hint ? el("p", {}, hint) : null,
      el("label", { for: "asked" }, label),
      field,
      failed,
      el(
        "div",
        { class: "buttons" },
        send,
        el("button", { type: "button", onclick: () => dialog.close() }, "Leave it"),
      ),
    );
    const dialog = el("dialog", { "aria-label": title }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      send.disabled = true;
      try {
        await act(action, body(field.value));
        dialog.close();
        say(done);
        document.dispatchEvent(new Event("changed"));
      } catch (error) {
        replace(failed, problem(error));
        send.disabled = false;
        field.focus();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      button.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    field.focus();
  });
  return button;
}

// A button that does something at once.
export function doing(text, action, body, done) {
  const failed = el("span", {});
  const button = el("button", { type: "button", "data-key": text }, text);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await act(action, body());
      say(done);
      document.dispatchEvent(new Event("changed"));
    } catch (error) {
      replace(failed, problem(error));
      button.disabled = false;
    }
  });
  return [button, failed];
}
