// Times and payloads as text.

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  for (const [size, name] of UNITS) {
    if (whole >= size || size === 1) {
      const count = Math.floor(whole / size);
      return count + " " + name;
    }
  }
  return "";
}

export function secondsSince(instant) {
  return (Date.now() - Date.parse(instant)) / 1000;
}

export function ago(instant) {
  const seconds = secondsSince(instant);
  return seconds < 0 ? "in " + span(-seconds) : span(seconds) + " ago";
}

const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export function moment(instant) {
  return DAY_AND_TIME.format(new Date(instant));
}

export function clock(instant) {
  return TIME.format(new Date(instant));
}

const MOST_IN_A_LINE = 6;
const LONGEST_IN_A_LINE = 120;

// A small object as one line, what it is about first; null for one that is no line.
function line(payload) {
  const first = ["phase", "terminalStatus"].find((name) => typeof payload[name] === "string");
  const rest = Object.entries(payload).filter(([name, value]) => name !== first && value !== null);
  const short = rest.every(([, value]) => typeof value !== "object" && String(value).length <= LONGEST_IN_A_LINE);
  if (!short || rest.length > MOST_IN_A_LINE) {
    return null;
  }
  const texts = rest.map(([name, value]) => name + ": " + value);
  return (first ? [payload[first], ...texts] : texts).join("  ·  ");
}

// The part of a payload that people read, or all of it.
export function content(payload) {
  for (const name of ["text", "line", "output", "message", "prompt", "diff"]) {
    if (typeof payload[name] === "string" && payload[name] !== "") {
      return payload[name];
    }
  }
  return line(payload) ?? JSON.stringify(payload, null, 2);
}
