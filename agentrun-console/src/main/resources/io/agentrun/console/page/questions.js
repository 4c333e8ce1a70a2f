// The inbox: what agents ask, and the answers of people.

import { act, get } from "./api.js";
import { el, replace, say } from "./dom.js";
import { badge, choices, heading, link, long, pager, problem, table, when } from "./parts.js";

const STATES = ["open", "answered", "expired", "withdrawn"];

function address(state, cursor) {
  const query = new URLSearchParams({ state });
  if (cursor) {
    query.set("cursor", cursor);
  }
  return "#/questions?" + query;
}

export async function questions({ parameters, signal, me }) {
  const state = parameters.state ?? "open";
  const cursor = parameters.cursor;
  const page = await get("questions", { state, cursor }, signal);
  return [
    heading("Questions"),
    choices("State", STATES.map((each) => [each]), state, (value) => address(value)),
    state === "open"
      ? page.items.length === 0
        ? el("p", { class: "quiet" }, "Nobody waits for an answer.")
        : el("ul", { class: "inbox" }, page.items.map((question) => el("li", {}, open(question, me))))
      : table(
          "Questions that are " + state,
          ["Question", "State", "Answer", "By", "Run", "Asked"],
          page.items.map((question) => [
            long(question.content.text, 300),
            badge(question.state),
            answered(question),
            question.end?.answeredBy ?? question.end?.reason ?? "–",
            link("run", question.runId),
            when(question.createdAt),
          ]),
          "There is no such question.",
        ),
    pager(page, cursor, (next) => address(state, next)),
  ];
}

function answered(question) {
  const reply = question.end?.reply;
  if (!reply) {
    return "–";
  }
  const option = question.content.options.find((each) => each.id === reply.optionId);
  const text = reply.content?.text ?? (reply.content ? JSON.stringify(reply.content) : "");
  return [option?.title ?? reply.optionId ?? "", option && text ? ": " : "", text || (option ? "" : "declined")];
}

function open(question, me) {
  const { id, content } = question;
  const name = "answer-" + id;
  const failed = el("div", {});
  const field = el("textarea", { id: name, rows: 2, maxlength: 10000, "data-key": name });
  const free = content.options.length === 0;
  const buttons = [
    ...content.options.map((option) => button(option.title, { option: option.id }, option.description)),
    free ? button("Answer", {}, null, true) : null,
    button("Decline", { declined: true }),
  ];
  function button(text, reply, description, needsText) {
    const made = el("button", { type: "button", title: description, class: reply.declined ? null : "primary", "data-key": id + text }, text);
    made.addEventListener("click", async () => {
      const said = reply.declined ? "" : field.value.trim();
      if (needsText && said === "") {
        field.focus();
        return;
      }
      made.disabled = true;
      try {
        await act("answer", { id, option: reply.option ?? null, text: said || null });
        say("The answer was given.");
        field.value = "";
        document.dispatchEvent(new Event("changed"));
      } catch (error) {
        replace(failed, problem(error));
        made.disabled = false;
      }
    });
    return made;
  }
  return [
    el("p", { class: "asked" }, content.text),
    el(
      "p",
      { class: "quiet" },
      "In run ",
      link("run", question.runId),
      question.sessionId ? [", session ", link("session", question.sessionId)] : null,
      content.audience ? ", for " + content.audience : null,
      "; asked ",
      when(question.createdAt),
      ", open until ",
      when(question.expiresAt),
    ),
    content.options.some((option) => option.description)
      ? el("ul", { class: "options" }, content.options.filter((option) => option.description).map((option) => el("li", {}, el("strong", {}, option.title), ": ", option.description)))
      : null,
    me.actions.includes("answer")
      ? [
          el("label", { for: name }, free ? "Your answer" : "In your words, if you like"),
          field,
          failed,
          el("div", { class: "buttons" }, buttons),
        ]
      : null,
  ];
}
