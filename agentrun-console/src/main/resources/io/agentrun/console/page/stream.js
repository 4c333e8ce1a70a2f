// The events of a run while they come, over every break of the connection.

import { lines } from "./api.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10000;

function pause(time, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, time);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// Calls arrived with the events, in order and each once, and became with "connecting", "live", "broken" or "ended".
export async function follow(id, { signal, arrived, became, failed }) {
  let last = 0;
  let wait = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      for await (const part of lines("stream", { id, after: last }, signal)) {
        wait = FIRST_PAUSE;
        became("live");
        const events = part.filter((line) => line !== "").map((line) => JSON.parse(line));
        const ended = events.some((event) => event.ended === true);
        const fresh = events.filter((event) => event.seq > last);
        if (fresh.length > 0) {
          last = fresh[fresh.length - 1].seq;
          arrived(fresh);
        }
        if (ended) {
          became("ended");
          return;
        }
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      if (error.status >= 400 && error.status < 500) {
        failed(error);
        return;
      }
    }
    became("broken");
    await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_PAUSE);
  }
}
