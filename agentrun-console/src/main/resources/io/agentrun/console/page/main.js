// Which page is shown: the fragment of the address says it.

import { ApiError, get } from "./api.js";
import { el, replace } from "./dom.js";
import { heading, problem } from "./parts.js";
import { queue, task } from "./queue.js";
import { run, running } from "./run.js";
import { session, sessions } from "./sessions.js";
import { questions } from "./questions.js";
import { doctor, explain } from "./inspect.js";

const PAGES = { queue, running, sessions, questions, explain, doctor, task, run, session };
const MENU = { task: "queue", run: "running", session: "sessions" };
const REFRESHED = ["queue", "running", "sessions", "questions", "task", "session"];
const REFRESH_EVERY = 10000;

const main = document.getElementById("content");
let leaving = new AbortController();
let me = null;

function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [name, id] = (path || "queue").split("/", 2);
  return { name, id: id ? decodeURIComponent(id) : undefined, parameters: Object.fromEntries(new URLSearchParams(query ?? "")) };
}

async function know() {
  me = await get("me");
  const scope = me.scope.tenantId ? me.scope.tenantId + (me.scope.projectId ? " / " + me.scope.projectId : "") : "all tenants";
  replace(
    document.getElementById("who"),
    el("span", { class: "dot " + (me.health.ready ? "good" : "bad"), role: "img", "aria-label": me.health.ready ? "store ready" : "store not ready" }),
    " " + me.who + " – " + scope,
  );
}

async function show(focus) {
  leaving.abort();
  leaving = new AbortController();
  const signal = leaving.signal;
  const { name, id, parameters } = place();
  for (const each of document.querySelectorAll("#pages a")) {
    const current = each.getAttribute("href") === "#/" + (MENU[name] ?? name);
    if (current) {
      each.setAttribute("aria-current", "page");
    } else {
      each.removeAttribute("aria-current");
    }
  }
  let again = null;
  const draw = async () => {
    const page = PAGES[name];
    if (!page) {
      throw new ApiError(404, "not-found", "There is no page of this name.");
    }
    return page({ id, parameters, signal, me, refresh: (load) => (again = load) });
  };
  const guarded = async (load, moved) => {
    try {
      if (!me) {
        await know();
      }
      await load();
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      replace(main, heading("agentrun"), problem(error));
    }
    const title = main.querySelector("h1");
    document.title = (title?.textContent ?? "") + " – agentrun";
    if (moved && title && !signal.aborted) {
      title.focus();
    }
  };
  const whole = async () => {
    const children = await draw();
    if (!signal.aborted) {
      replace(main, children);
    }
  };
  await guarded(whole, focus);
  const look = () => {
    // A person who is just writing something keeps what they see.
    const writing = document.querySelector("dialog[open]") || [...main.querySelectorAll("textarea")].some((field) => field.value !== "");
    if (!signal.aborted && !document.hidden && !writing) {
      if (again) {
        guarded(again, false);
      } else if (REFRESHED.includes(name)) {
        guarded(whole, false);
      }
    }
  };
  const timer = setInterval(look, REFRESH_EVERY);
  document.addEventListener("changed", look, { signal });
  signal.addEventListener("abort", () => clearInterval(timer));
}

document.getElementById("skip").addEventListener("click", () => main.focus());

document.getElementById("find").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = document.getElementById("find-id");
  const id = field.value.trim();
  if (id === "") {
    field.focus();
    return;
  }
  try {
    const [first] = (await get("explain", { id })).explanation;
    location.hash = "#/" + (first.kind === "command" ? "explain" : first.kind) + "/" + encodeURIComponent(id);
    field.value = "";
  } catch {
    // The page says what is wrong.
    location.hash = "#/explain/" + encodeURIComponent(id);
  }
});

window.addEventListener("hashchange", () => show(true));
show(false);
