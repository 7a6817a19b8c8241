// A picture of one's own, or an example, and what the model makes of it.

import { send } from "/static/studio.js";
import { attempt, examples, get, here } from "./answers.js";
import { Mask } from "./mask.js";

const FILLS = 4;
const find = (selector) => document.querySelector(selector);
const seen = find(".brought .shown");
const { width, height } = find("#explore").dataset;
let of = "";
let seed = 0;
let mask = null;

/** Show the picture that is called `name` from now on. */
async function take(name, note) {
  const found = await examples(await get("pictured", { of: name }));
  of = name;
  const canvas = found.show(0, seen);
  find("#note").textContent = note;
  for (const shown of document.querySelectorAll("#made .pairs, #made .film")) shown.hidden = true;
  find("#made").hidden = false;
  mask?.over(canvas);
}

find("#bring").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const found = await (await send(`${here}/picture`, new FormData(event.target))).json();
    await take(found.of, found.note || "The picture is as the model takes them.");
  }, event.target);
});
find("#choose").addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = event.target.elements.example;
  attempt(() => take(`data:${value}`, `Example ${value}`), event.target);
});

/** What a button in a section does: the pictures of an answer side by side. */
function made(id, question) {
  const section = find(`#${id}`);
  section?.querySelector("button").addEventListener("click", () => attempt(async () => {
    const found = await examples(await question(section));
    section.querySelectorAll(".shown").forEach((box, k) => found.show(k, box));
    section.querySelector(".pairs").hidden = false;
  }, section));
}
made("reconstructed", () => get("reconstructed", { of }));
made("denoised", (section) => get("denoised", { of, noise: section.querySelector("input").value }));

find("#denoised input")?.addEventListener("input", (event) => {
  find("#denoised output").textContent = Math.round(100 * event.target.value);
});

find("#near button")?.addEventListener("click", () => attempt(async () => {
  const rows = await (await get("near", { of })).json();
  film(find("#near .film"), await examples(await get("examples", { rows: rows.join() })), (k) => `example ${rows[k]}`);
}, find("#near")));

/** Pictures in a row; one that is clicked says what it is. */
function film(box, found, name) {
  found.film(box, () => {});
  [...box.children].forEach((frame, k) => { frame.title = name(k); frame.setAttribute("role", "img"); frame.setAttribute("aria-label", name(k)); });
  box.hidden = false;
}

if (find("#mask")) {
  mask = new Mask(find("#mask"), Number(width), Number(height), (count) => {
    find("#marked").textContent = count ? `${count} of ${width * height} pixels are marked.` : "Nothing is marked.";
  });
  const size = find("#brush");
  const resize = () => { mask.size = Number(size.value); };
  size.addEventListener("input", resize);
  resize();
  for (const radio of document.querySelectorAll('[name="brush"]')) radio.addEventListener("change", () => { mask.on = Number(radio.value); });
  find("#unmask").addEventListener("click", () => mask.clear());
  find("#rectangle").addEventListener("submit", (event) => {
    event.preventDefault();
    mask.rectangle(...["x", "y", "w", "h"].map((name) => Number(event.target.elements[name].value)));
  });
  find("#fill").addEventListener("click", () => attempt(async () => {
    const fields = { of, mask: mask.text, count: FILLS, seed };
    const found = await examples(await send(`${here}/inpainted`, fields));
    film(find("#inpainted .film"), found, (k) => `Filled in, way ${seed * FILLS + k + 1}`);
    seed += 1;
    find("#fill").textContent = "Fill in otherwise";
  }, find("#inpainted")));
}
