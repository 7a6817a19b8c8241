// The page of a run: curves, film and standing, as its training goes.
import { ask, hear, notice, send } from "/static/studio.js";
import { Curves } from "./curves.js";
import { Film } from "./film.js";

const root = document.getElementById("training");
const here = `/runs/${root.dataset.run}`;
const id = (name) => document.getElementById(name);
const curves = id("curves") && new Curves(id("curves"), id("curve-words"));
const film = new Film(id("film"), (step) => `${here}/preview?step=${step}`);
film.moments(root.dataset.steps.split(" ").filter(Boolean).map(Number));

let standing = { state: root.dataset.state };
let last = null; // report

const WORDS = {
  waiting: "Waiting for its turn", running: "Training", pausing: "Stopping; what it has is being saved", paused: "Paused",
  done: "Done", failed: "It could not go on", elsewhere: "Being trained by another process",
};
const duration = (seconds) => {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return minutes ? `${minutes} min ${rest} s` : `${rest} s`;
};

function say() {
  id("state").textContent = WORDS[standing.state] ?? standing.state;
  const live = standing.state === "running" || standing.state === "elsewhere";
  const finished = last && last.step >= last.steps;
  const steps = last && (last.steps < 1e9 ? last.steps : null);
  id("progress-words").textContent = last ? `step ${last.step.toLocaleString("en")}${steps ? ` of ${steps.toLocaleString("en")}` : ""}` : "";
  id("progress").value = steps ? last.step / steps : 0;
  const each = last && last.step > 0 ? last.seconds / last.step : 0;
  const speed = last ? `${Math.round(last.images_per_second).toLocaleString("en")} examples a second` : "";
  id("left").textContent = !last ? "" : live && steps && !finished ? `${speed}; about ${duration(each * (steps - last.step))} left` : speed;
  id("pause").hidden = !(standing.state === "running" || standing.state === "waiting") || !standing.job;
  id("continue").hidden = !(["paused", "failed"].includes(standing.state) || (standing.state === "done" && last && !finished));
  if (id("more")) id("more").hidden = !(standing.state === "done" && finished);
  const problem = standing.state === "failed" ? standing.said : "";
  document.querySelector(".problem.of-job")?.remove();
  if (problem) tell(problem, "of-job");
}

function tell(text, kind = "") {
  const line = document.createElement("p");
  line.className = `problem ${kind}`;
  line.textContent = text;
  id("problems").append(line);
}

const told = new Set();
hear(`${here}/events`, {
  reports: (data) => {
    const { part, again, lines } = JSON.parse(data);
    curves?.add(part, lines, again);
    last = lines.at(-1) ?? last;
    say();
  },
  standing: (data) => {
    const before = standing.state;
    standing = JSON.parse(data);
    say();
    if (before !== standing.state) document.body.dispatchEvent(new CustomEvent("run-changed"));
  },
  words: (data) => {
    const lines = JSON.parse(data).map((text) => Object.assign(document.createElement("li"), { textContent: text }));
    id("words").replaceChildren(...lines);
  },
  previews: (data) => film.moments(JSON.parse(data)),
  rollbacks: (data) => {
    for (const one of JSON.parse(data)) {
      const text = `Step ${one.step}: ${one.why}. It went back to step ${one.to}, and on at half the rate (${one.rate}).`;
      if (!told.has(text)) tell(text);
      told.add(text);
    }
  },
});

const press = (name, action) => id(name)?.addEventListener("click", async () => {
  id(name).disabled = true;
  notice("");
  try { await action(); } catch (problem) { notice(problem); } finally { id(name).disabled = false; }
});
press("pause", () => send(`/queue/${standing.job}/pause`, {}));
press("continue", () => send(`${here}/continue`, {}));
id("more")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  notice("");
  try { await send(`${here}/more`, new FormData(event.target)); } catch (problem) { notice(problem); }
});

for (const button of document.querySelectorAll(".draw")) {
  const picture = document.querySelector(`[data-picture="${button.dataset.view}"]`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "Drawing…";
    try {
      const answer = await ask(`${here}/explore/view/${button.dataset.view}.png`);
      picture.src = URL.createObjectURL(await answer.blob());
      picture.alt = button.closest("section").querySelector("h2").textContent;
      picture.hidden = false;
      button.textContent = "Draw it again";
    } catch (problem) { notice(problem); button.textContent = "Draw it"; }
    button.disabled = false;
  });
}
say();
