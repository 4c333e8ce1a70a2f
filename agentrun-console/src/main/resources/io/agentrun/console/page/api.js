// Every request to the host. The token of the own server comes in the fragment of the address and goes into a header; it is kept for
// this tab alone, so that the page can be loaded again.

const KEY = "agentrun-token";

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem(KEY, given);
  history.replaceState(null, "", location.pathname + "#/queue");
}

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function headers(more) {
  const token = sessionStorage.getItem(KEY);
  return token ? { ...more, Authorization: "Bearer " + token } : { ...more };
}

function address(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters ?? {})) {
    if (value !== undefined && value !== null && value !== "") {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return "api/" + path + (text ? "?" + text : "");
}

async function answered(response) {
  if (response.ok) {
    return response;
  }
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // What is not from the console, such as the page of a proxy, says nothing that can be shown.
  }
  throw new ApiError(response.status, error.code ?? "failed", error.message ?? "The host answered with " + response.status + ".");
}

export async function get(path, parameters, signal) {
  const response = await fetch(address(path, parameters), { headers: headers(), signal });
  return (await answered(response)).json();
}

export async function act(action, body) {
  const response = await fetch("api/do/" + action, {
    method: "POST",
    headers: headers({ "Content-Type": "application/json", "agentrun-console": "1" }),
    body: JSON.stringify(body),
  });
  return (await answered(response)).json();
}

// The lines of an answer that goes on, one after the other as they come.
export async function* lines(path, parameters, signal) {
  const response = await answered(await fetch(address(path, parameters), { headers: headers(), signal }));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    yield parts;
  }
}
