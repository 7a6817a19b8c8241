// Sliders of latents and the plane of two of them, and what they decode to.

import { attempt, examples, get, newest } from "./answers.js";
import { walk } from "./between.js";

const find = (selector) => document.querySelector(selector);
const limit = Number(find(".latents").dataset.limit);
const sliders = new Map([...document.querySelectorAll("[data-latent]")].map((slider) => [slider.dataset.latent, slider]));
const box = find(".latents .shown");
const moves = new Map(); // latents that were moved from the base
let [base, seed] = ["mean", 0];

const asked = () => ({ base, moves: [...moves].map(([latent, value]) => `${latent}:${value}`).join() });
const want = newest((fields) => get("decode", fields).then(examples), (found) => found.show(0, box));
const decode = () => want(asked());

function stand(slider, value) {
  slider.value = value;
  slider.parentElement.querySelector("output").textContent = Number(value).toFixed(2);
}

function move(latent, value) {
  moves.set(latent, value);
  stand(sliders.get(latent), value);
  decode();
}

/** Begin at another code; sliders show where that is. */
async function begin(name, told) {
  const at = await (await get("stand", { base: name })).json();
  base = name;
  moves.clear();
  for (const [latent, slider] of sliders) stand(slider, Math.min(limit, Math.max(-limit, at[latent] ?? 0)));
  find("#base").textContent = told;
  decode();
  plane?.renew();
}

for (const [latent, slider] of sliders) {
  slider.addEventListener("input", () => { move(latent, slider.value); plane?.draw(); });
  slider.addEventListener("change", () => plane?.renew());
}
find("#reset").addEventListener("click", () => attempt(() => begin("mean", "The mean code")));
find("#random").addEventListener("click", () => { seed += 1; attempt(() => begin(`seed:${seed}`, `Random code number ${seed}`)); });
find("#from").addEventListener("submit", (event) => {
  event.preventDefault();
  const { value } = event.target.elements.example;
  attempt(() => begin(`example:${value}`, `The code of example ${value}`), event.target);
});

/** The plane of two latents, with what it decodes to; where it is dragged, both move. */
class Plane {
  constructor(canvas) {
    Object.assign(this, { canvas, pen: canvas.getContext("2d"), sheet: null });
    this.axes = [find("#across"), find("#up")];
    for (const axis of this.axes) axis.addEventListener("change", () => this.renew());
    this.fetch = newest((fields) => get("sheet", fields).then((answer) => answer.blob()).then(createImageBitmap), (sheet) => {
      this.sheet = sheet;
      this.draw();
    });
    let down = false;
    const go = (event) => {
      const area = canvas.getBoundingClientRect();
      this.go((event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height);
    };
    canvas.addEventListener("pointerdown", (event) => { if (!event.button) { down = true; canvas.setPointerCapture(event.pointerId); go(event); } });
    canvas.addEventListener("pointermove", (event) => { if (down) go(event); });
    canvas.addEventListener("pointerup", () => { down = false; });
    canvas.addEventListener("pointercancel", () => { down = false; });
    canvas.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const step = event.shiftKey ? 0.1 : 0.02;
      this.go(...this.place().map((share, axis) => share + step * way[axis]));
    });
    new MutationObserver(() => this.draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.renew();
  }
  /** Where both latents are, in shares from the left and the top. */
  place() {
    const [x, y] = this.axes.map((axis) => (Number(sliders.get(axis.value).value) + limit) / (2 * limit));
    return [x, 1 - y];
  }
  go(x, y) {
    const [across, up] = [x, 1 - y].map((share) => ((2 * Math.min(Math.max(share, 0), 1) - 1) * limit).toFixed(3));
    move(this.axes[0].value, across);
    move(this.axes[1].value, up);
    this.draw();
  }
  renew() {
    const [across, up] = this.axes.map((axis) => axis.value);
    this.fetch({ ...asked(), across, up });
  }
  draw() {
    const { pen, canvas } = this;
    const [w, h] = [canvas.width, canvas.height];
    pen.clearRect(0, 0, w, h);
    pen.imageSmoothingEnabled = false;
    if (this.sheet) pen.drawImage(this.sheet, 0, 0, w, h);
    const [x, y] = this.place();
    for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      pen.arc(x * w, y * h, 9, 0, 7);
      pen.stroke();
    }
  }
}
if (find("#walk")) walk(find("#walk"));
const plane = find("#plane") ? new Plane(find("#plane")) : null;
decode();
