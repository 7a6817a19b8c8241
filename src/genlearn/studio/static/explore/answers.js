// Answers of the server that are examples: images side by side in one, or rows of a table.

import { ask, notice } from "/static/studio.js";

const AT_ONCE = 3; // questions on the way while something is dragged: the way takes longer than the answer
const root = document.getElementById("explore");
export const here = root.dataset.here;
const [width, height] = [Number(root.dataset.width), Number(root.dataset.height)];
export const ofImages = width > 0;

/** An element with a text in it. */
export function told(kind, text, options = {}) {
  return Object.assign(document.createElement(kind), { textContent: text, ...options });
}

/** Ask below this page's address; what is not there is left out. */
export function get(path, fields = {}) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  return ask(`${here}/${path}?${new URLSearchParams(given)}`);
}

/** Do `work`, and say what goes wrong; `busy` waits for it. */
export async function attempt(work, busy = null) {
  busy?.setAttribute("aria-busy", "true");
  try {
    const done = await work();
    notice();
    return done;
  } catch (problem) {
    notice(problem);
  } finally {
    busy?.removeAttribute("aria-busy");
  }
}

/** A function that asks for the newest of what is wanted, a few at a time, and leaves out what nobody waits for any more. */
export function newest(question, use) {
  let [wanted, busy, number, shown] = [undefined, 0, 0, 0];
  const work = async () => {
    while (wanted !== undefined) {
      const [now, own] = [wanted, ++number];
      wanted = undefined;
      const found = await question(now);
      if (own > shown) { shown = own; use(found, now); }
    }
  };
  return async (value) => {
    wanted = value;
    if (busy === AT_ONCE) return;
    busy += 1;
    await attempt(work);
    busy -= 1;
  };
}

/** The examples of an answer. */
export async function examples(answer) {
  if (answer.headers.get("content-type").startsWith("image/")) return new Images(await createImageBitmap(await answer.blob()));
  return new Rows(await answer.json());
}

class Images {
  constructor(bitmap) {
    this.bitmap = bitmap;
    this.columns = Math.round(bitmap.width / width);
    this.count = this.columns * Math.round(bitmap.height / height);
  }
  /** Show number `k` in `box`, whose canvas is made once. */
  show(k, box) {
    let canvas = box.querySelector("canvas");
    if (!canvas) box.replaceChildren(canvas = Object.assign(document.createElement("canvas"), { width, height, className: "pixels" }));
    this.draw(k, canvas.getContext("2d"), 0, 0, width, height);
    return canvas;
  }
  draw(k, pen, x, y, w, h) {
    pen.imageSmoothingEnabled = false;
    pen.clearRect(x, y, w, h);
    pen.drawImage(this.bitmap, (k % this.columns) * width, Math.floor(k / this.columns) * height, width, height, x, y, w, h);
  }
  /** All of them in `box`; `chosen(k)` hears of one that is clicked. */
  film(box, chosen) {
    box.replaceChildren(...Array.from({ length: this.count }, (_, k) => {
      const frame = document.createElement("div");
      frame.append(this.show(k, frame));
      frame.addEventListener("click", () => chosen(k));
      return frame;
    }));
  }
}

class Rows {
  constructor({ columns, cells, heads }) {
    Object.assign(this, { columns, cells, heads, count: cells.length });
  }
  show(k, box) {
    const rows = this.columns.map((name, c) => {
      const row = document.createElement("tr");
      row.append(told("th", name, { scope: "row" }), told("td", this.cells[k][c]));
      return row;
    });
    const table = Object.assign(document.createElement("table"), { className: "figures" });
    table.append(...rows);
    box.replaceChildren(table);
    box.removeAttribute("role");
  }
  film(box) {
    const table = Object.assign(document.createElement("table"), { className: "figures" });
    const head = table.createTHead().insertRow();
    head.append(...(this.heads ? [told("th", "")] : []), ...this.columns.map((name) => told("th", name, { scope: "col" })));
    const body = table.createTBody();
    this.cells.forEach((cells, k) => body.insertRow().append(...(this.heads ? [told("th", this.heads[k])] : []), ...cells.map((cell) => told("td", cell))));
    const scroll = Object.assign(document.createElement("div"), { className: "scroll" });
    scroll.append(table);
    box.replaceChildren(scroll);
  }
}

/** A strip that was asked for: one of its examples at a time, by a slider that tells `saying(k, count)`, and all of them. */
export function strip(section, found, saying, start = 0) {
  const box = section.querySelector(".strip");
  const [slider, shown] = [box.querySelector("input"), box.querySelector(".shown")];
  const film = box.querySelector(".film");
  const place = () => {
    const k = Number(slider.value);
    found.show(k, shown);
    slider.setAttribute("aria-valuetext", saying(k, found.count));
    box.querySelector("output").textContent = saying(k, found.count);
    [...film.children].forEach((frame, at) => frame.classList.toggle("on", ofImages && at === k));
  };
  slider.max = found.count - 1;
  slider.value = start;
  slider.oninput = place;
  found.film(film, (k) => { slider.value = k; place(); });
  box.hidden = false;
  place();
}
