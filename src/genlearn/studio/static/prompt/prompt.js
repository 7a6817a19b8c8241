// Asking a model for images: the form, how far a drawing is, and what can be done with each.
import { ask, notice, send } from "/static/studio.js";

const form = document.getElementById("ask");
const drawings = document.getElementById("drawings");
const said = document.getElementById("said");
const bar = document.getElementById("drawing");

if (form) begin();

function begin() {
  form.addEventListener("submit", (event) => { event.preventDefault(); draw(form.dataset.at, new FormData(form)); });
  document.getElementById("other-seed").addEventListener("click", () => { form.elements.seed.value = otherSeed(); });
  form.addEventListener("click", (event) => {
    const caption = event.target.closest("[data-caption]");
    if (!caption) return;
    form.elements.prompt.value = caption.textContent;
    form.elements.prompt.focus();
  });
  drawings.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do](button.closest(".drawing"));
  });
  if (form.elements.start) starting();
}

const actions = {
  again: (drawing) => draw(`${drawing.dataset.at}/again`, {}),
  use: (drawing) => { fill(asked(drawing)); form.scrollIntoView({ block: "start" }); (form.elements.prompt ?? form.elements.seed).focus(); },
  vary: (drawing) => { fill({ ...asked(drawing), seed: otherSeed() }); draw(form.dataset.at, new FormData(form)); },
  async remove(drawing) {
    try {
      await send(`${drawing.dataset.at}/remove`, {});
      const next = drawing.nextElementSibling?.querySelector("h3") ?? document.getElementById("drawn");
      drawing.remove();
      next.focus();
      said.textContent = "Removed.";
    } catch (problem) { notice(problem); }
  },
};

/** Draw, tell how far it is, and show what came of it. */
async function draw(address, fields) {
  notice("");
  busy(true);
  said.textContent = "Drawing …";
  try {
    const answer = await send(address, fields);
    for await (const line of lines(answer)) tell(line);
  } catch (problem) {
    said.textContent = "";
    notice(problem);
  }
  busy(false);
}

function tell(line) {
  if (line.problem) throw new Error(line.problem);
  if (line.of) {
    bar.max = line.of;
    bar.value = line.done;
    if (line.of > 1) said.textContent = `Drawing: ${line.done} of ${line.of} texts`;
  } else {
    said.textContent = line.said;
    if (line.html) show(line.html);
  }
}

function show(html) {
  for (const earlier of drawings.querySelectorAll(".new")) earlier.classList.remove("new");
  drawings.insertAdjacentHTML("afterbegin", html);
  drawings.firstElementChild.classList.add("new");
}

/** The lines of JSON of an answer, as they come. */
async function* lines(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) yield JSON.parse(part);
  }
}

function busy(now) {
  bar.hidden = !now;
  bar.removeAttribute("value");
  for (const button of document.querySelectorAll("#ask button, .drawing button")) button.disabled = now;
}

const asked = (drawing) => JSON.parse(drawing.dataset.asked);

/** Fill the form in with what was asked once. */
function fill({ prompt, number, seed, options, start }) {
  form.reset();
  const { elements } = form;
  if (elements.prompt) elements.prompt.value = prompt ?? "";
  elements.number.value = number ?? 8;
  elements.seed.value = seed ?? 0;
  for (const [name, value] of Object.entries(options ?? {})) if (elements[name]) elements[name].value = value;
  if (elements.start) useStart(start ?? "");
}

/** One that is short enough to be told to somebody. */
const otherSeed = () => Math.floor(Math.random() * 1e6);

/** Choosing what to start from: noise, an example by its number, a picture. */
function starting() {
  const example = document.getElementById("example");
  const picture = document.getElementById("picture");
  let uploaded = "";
  const choose = (from) => { form.elements.from.value = from; change(); };
  const change = () => {
    const from = form.elements.from.value;
    useStart(from === "data" ? `data:${example.value || 0}` : from === "picture" ? uploaded : "");
  };
  for (const radio of form.elements.from) radio.addEventListener("change", change);
  example.addEventListener("change", () => choose("data"));
  picture.addEventListener("change", async () => {
    notice("");
    try {
      const answer = await ask(`${form.dataset.at}/picture`, { method: "POST", body: picture.files[0] });
      const { start, note } = await answer.json();
      uploaded = start;
      said.textContent = note;
      choose("picture");
    } catch (problem) { notice(problem); }
  });
}

/** Start from there, and show it. */
function useStart(start) {
  const shown = document.getElementById("start-shown");
  const [kind, name] = start.split(":");
  form.elements.start.value = start;
  form.elements.from.value = kind;
  if (kind === "data") document.getElementById("example").value = name;
  shown.hidden = !start;
  shown.closest("details").open ||= Boolean(start);
  shown.alt = kind === "data" ? `Example ${name} of the data` : "Your picture, made as small as the model's images";
  if (start) shown.src = `${form.dataset.at}/start?start=${encodeURIComponent(start)}`;
}
