// Samples by seed, truncation by a slider, styles mixed.

import { attempt, examples, get, here, ofImages } from "./answers.js";

const find = (selector) => document.querySelector(selector);
const form = find("#draw");

async function draw() {
  const fields = Object.fromEntries(new FormData(form));
  const answer = await get("drawn", fields);
  const many = Number(fields.n) > 1 ? `${fields.n} samples` : "One sample";
  if (ofImages) await picture(find("#drawn"), answer, `${many} of seed ${fields.seed}`);
  else (await examples(answer)).film(find("#drawn"));
  find("#told").textContent = `${many} of seed ${fields.seed}`;
  const link = find("#download");
  link.hidden = false;
  link.href = `${here}/drawn?${new URLSearchParams(ofImages ? fields : { ...fields, as: "csv" })}`;
  link.download = `samples-${fields.seed}.${ofImages ? "png" : "csv"}`;
}

/** An answer that is one picture, in `figure`. */
async function picture(figure, answer, told) {
  const image = Object.assign(new Image(), { alt: told, className: "pixels" });
  image.src = URL.createObjectURL(await answer.blob());
  await image.decode();
  URL.revokeObjectURL(image.src);
  figure.replaceChildren(image);
}

form.addEventListener("submit", (event) => { event.preventDefault(); attempt(draw, form); });
find("#again").addEventListener("click", () => {
  form.elements.seed.value = Number(form.elements.seed.value) + 1;
  form.requestSubmit();
});

const truncated = find("#truncated");
truncated?.querySelector("button").addEventListener("click", () => attempt(async () => {
  const found = await examples(await get("truncated", { seed: form.elements.seed.value }));
  const [film, slider] = [truncated.querySelector(".film"), truncated.querySelector("input")];
  const place = () => {
    const boxes = Array.from({ length: found.columns }, (_, j) => film.children[j] ?? film.appendChild(document.createElement("div")));
    boxes.forEach((box, j) => found.show(slider.value * found.columns + j, box));
    const degree = (slider.value / slider.max).toFixed(1);
    slider.setAttribute("aria-valuetext", degree);
    truncated.querySelector("output").textContent = degree;
  };
  slider.oninput = place;
  truncated.querySelector(".strip").hidden = false;
  place();
}, truncated));

const mixed = find("#mixed");
let mixing = 0;
for (const button of mixed?.querySelectorAll("button") ?? []) button.addEventListener("click", () => attempt(async () => {
  if ("again" in button.dataset) mixing += 1;
  await picture(mixed.querySelector("figure"), await get("mixed", { seed: mixing }), "Coarse styles in rows, fine styles in columns");
  mixed.querySelector("[data-again]").hidden = false;
}, mixed));

form.requestSubmit();
