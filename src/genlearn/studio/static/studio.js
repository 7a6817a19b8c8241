// What all pages of the studio do: ask the server with the page's token, hear its events, say what went wrong.

const token = document.querySelector('meta[name="csrf"]').content;

/** Ask the server: a Response, or an Error that says what the server said. */
export async function ask(url, options = {}) {
  const headers = { "X-CSRF-Token": token, ...options.headers };
  const answer = await fetch(url, { ...options, headers });
  if (!answer.ok) throw new Error((await answer.text()).trim() || answer.statusText);
  return answer;
}

/** Send fields (an object, or FormData) by POST. */
export function send(url, fields, options = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return ask(url, { method: "POST", body, ...options });
}

/** Say on the page what went wrong; nothing clears it. */
export function notice(problem) {
  document.getElementById("notice").textContent = problem ? problem.message ?? String(problem) : "";
}

/** Hear the events of an address, by name, as long as the page is there. */
export function hear(url, listeners) {
  const source = new EventSource(url);
  for (const [name, listener] of Object.entries(listeners)) source.addEventListener(name, (event) => listener(event.data));
  addEventListener("pagehide", () => source.close());
  return source;
}

for (const element of document.querySelectorAll("[data-events]")) {
  let first = true;
  hear(element.dataset.events, { "queue-changed": () => {
    if (!first) document.body.dispatchEvent(new CustomEvent("queue-changed"));
    first = false;
  } });
}
