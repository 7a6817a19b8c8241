// Points on a canvas that are zoomed, dragged and pinched, by keys too, with thumbnails where there is room.
//
// Points are written into the pixels themselves, so that 50,000 move as fast as the screen shows them. A thumbnail stands for
// a square of the plane whose side is a power of two, the point nearest to its middle, so that none flickers as the map moves.

import { listen } from "./gestures.js";

const CELL = 46, THUMB = 30; // pixels
const MOST_TILES = 4000; // thumbnails held as pixels
const SMALLEST = 0.5, LARGEST = 400; // zoom, in shares of the whole

export class Scatter {
  /** `labels`: classes of n points; `colours(style)` -> the colour of each class; `hover(i)` and `pick(i)` hear of points, -1
   *  for none; `top(pen)` draws over all of it. */
  constructor(canvas, { labels, colours, hover = () => {}, pick = () => {}, top = () => {} }) {
    Object.assign(this, { canvas, labels, colours, hover, pick, top, n: labels.length, pen: canvas.getContext("2d") });
    Object.assign(this, { width: 0, height: 0, ox: 0, oy: 0, zoom: 1, on: -1, thumbnails: true, tool: null });
    this.px = new Float32Array(this.n).fill(NaN);
    this.py = new Float32Array(this.n).fill(NaN);
    this.hidden = new Set(); // classes that are not shown
    this.marked = null; // or a Uint8Array: those above 0 stand out
    this.sheet = null;
    this.cells = new Map(); // by level, who stands for which square
    this.tiles = new Map(); // thumbnails that were read
    this.recolour();
    listen(this);
    this.follow();
  }

  /** Where points are, in [0, 1] from the left and the top; NaN for those that are nowhere. */
  place(px, py) {
    [this.px, this.py] = [px, py];
    this.changed();
  }

  /** Thumbnails: an image, or a bitmap of one, with `width` x `height` pixels for each, `columns` in a row. */
  illustrate(image, { width, height, columns }) {
    this.sheet = { image, width, height, columns };
    this.tiles.clear();
    this.draw();
  }

  /** What is shown has changed, not only from where. */
  changed() {
    this.cells.clear();
    this.draw();
  }

  recolour() {
    const style = getComputedStyle(document.documentElement);
    const bytes = (colour) => [1, 3, 5].map((at) => parseInt(colour.trim().padEnd(7, "0").slice(at, at + 2), 16));
    this.paints = this.colours(style).map((colour) => {
      const [r, g, b] = bytes(colour.trim().length === 4 ? colour.trim().replace(/[^#]/g, "$&$&") : colour);
      return { full: ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0, faint: ((56 << 24) | (b << 16) | (g << 8) | r) >>> 0 };
    });
    this.ink = style.getPropertyValue("--ink");
    this.draw();
  }

  // The view: a point at (x, y) stands at (ox + x * zoom, oy + y * zoom).
  get least() { return 0.92 * Math.min(this.width, this.height); }
  whole() {
    this.zoom = this.least;
    [this.ox, this.oy] = [(this.width - this.zoom) / 2, (this.height - this.zoom) / 2];
    this.draw();
  }
  zoomAt(x, y, factor) {
    const next = Math.min(Math.max(this.zoom * factor, SMALLEST * this.least), LARGEST * this.least);
    this.ox = x - ((x - this.ox) * next) / this.zoom;
    this.oy = y - ((y - this.oy) * next) / this.zoom;
    this.zoom = next;
    this.draw();
  }
  move(dx, dy) {
    [this.ox, this.oy] = [this.ox + dx, this.oy + dy];
    this.draw();
  }
  at(i) { return [this.ox + this.px[i] * this.zoom, this.oy + this.py[i] * this.zoom]; }
  from(x, y) { return [(x - this.ox) / this.zoom, (y - this.oy) / this.zoom]; }
  shows(i) { return !this.hidden.has(this.labels[i]) && this.px[i] === this.px[i]; }
  /** Points that are shown and for which `test(x, y)` in pixels holds. */
  within(test) {
    const found = [];
    for (let i = 0; i < this.n; i++) if (this.shows(i) && test(...this.at(i))) found.push(i);
    return found;
  }
  nearest(x, y, reach) {
    let [best, least] = [-1, reach * reach];
    for (let i = 0; i < this.n; i++) {
      const d = (this.ox + this.px[i] * this.zoom - x) ** 2 + (this.oy + this.py[i] * this.zoom - y) ** 2;
      if (d < least && this.shows(i)) [best, least] = [i, d];
    }
    return best;
  }

  draw() {
    this.stale = true;
    this.cover();
  }
  /** Draw what stands over the points anew, and not the points. */
  cover() {
    if (this.asked || !this.width) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.paint(); });
  }
  paint() {
    const { pen, ratio, width, height } = this;
    if (this.stale) {
      this.stale = false;
      this.pixels.fill(0);
      this.dots();
      if (this.sheet && this.thumbnails) this.pictures();
    }
    pen.putImageData(this.image, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.on >= 0) {
      pen.strokeStyle = this.ink;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(...this.at(this.on), this.sheet && this.thumbnails ? THUMB / 2 + 6 : 8, 0, 7);
      pen.stroke();
    }
    this.top(pen, width, height);
  }
  dots() {
    const { pixels, marked, labels, px, py, ratio, n } = this;
    const [w, h, zoom, ox, oy] = [this.canvas.width, this.canvas.height, this.zoom * ratio, this.ox * ratio, this.oy * ratio];
    const r = Math.min(4, Math.max(1.2, 70 / Math.sqrt(n))) * ratio * Math.min(1.5, Math.max(1, this.zoom / this.least) ** 0.5);
    const [shapes, margin] = [stamps(r, w), Math.ceil(1.3 * r) + 1];
    const stampOf = this.paints.map((_, c) => (this.hidden.has(c) ? null : shapes[Math.floor(c / 10) % 3]));
    for (const pass of marked ? [0, 1] : [1]) {
      const colours = Uint32Array.from(this.paints, (paint) => (pass ? paint.full : paint.faint));
      for (let i = 0; i < n; i++) {
        const [x, y] = [ox + px[i] * zoom, oy + py[i] * zoom];
        if (!(x > margin && y > margin && x < w - margin && y < h - margin)) continue;
        if (marked && (marked[i] > 0) !== (pass === 1)) continue;
        const stamp = stampOf[labels[i]];
        if (stamp === null) continue;
        const [start, colour] = [(y | 0) * w + (x | 0), colours[labels[i]]];
        for (let k = 0; k < stamp.length; k++) pixels[start + stamp[k]] = colour;
      }
    }
  }
  pictures() {
    const level = Math.round(Math.log2(this.zoom / CELL));
    const side = 2 ** -level;
    const chosen = this.representatives(level, side);
    const [[left, top], [right, bottom]] = [this.from(0, 0), this.from(this.width, this.height)];
    const cell = (value) => Math.min(Math.max(Math.floor(value / side), -1), 1 / side);
    const seen = [];
    for (let x = cell(left); x <= cell(right); x++) for (let y = cell(top); y <= cell(bottom); y++) {
      const i = chosen.get(x * 65536 + y);
      if (i !== undefined) seen.push(i);
    }
    this.fetch(seen);
    const size = this.fitted(THUMB * this.ratio * Math.min(1.3, (side * this.zoom) / CELL)).map(Math.round);
    const across = Int32Array.from({ length: size[0] }, (_, x) => Math.floor((x * this.sheet.width) / size[0]));
    for (const i of seen) this.stamp(i, across, size[1]);
  }
  /** Read the thumbnails of `wanted` that were not read before, as pixels. */
  fetch(wanted) {
    const missing = wanted.filter((i) => !this.tiles.has(i));
    if (!missing.length) return;
    if (this.tiles.size > MOST_TILES) this.tiles.clear();
    const { width, height } = this.sheet;
    const strip = new OffscreenCanvas(width, height * missing.length);
    const pen = strip.getContext("2d", { willReadFrequently: true });
    missing.forEach((i, row) => this.thumbnail(pen, i, 0, row * height, width, height));
    const all = new Uint32Array(pen.getImageData(0, 0, width, height * missing.length).data.buffer);
    missing.forEach((i, row) => this.tiles.set(i, all.subarray(row * width * height, (row + 1) * width * height)));
  }
  /** Write the thumbnail of `i`, `h` pixels high, those of its columns that lie `across`, framed in its colour. */
  stamp(i, across, h) {
    const { pixels, ratio } = this;
    const [wide, high, tile, sheet, w] = [this.canvas.width, this.canvas.height, this.tiles.get(i), this.sheet, across.length];
    const [left, top] = this.at(i).map((at, axis) => Math.round(at * ratio - [w, h][axis] / 2));
    const [edge, frame] = [Math.round(1.5 * ratio), this.paints[this.labels[i]].full];
    const [from, to] = [Math.max(0, -left), Math.min(w, wide - left)];
    for (let y = Math.max(-edge, -top); y < Math.min(h + edge, high - top); y++) {
      const start = (top + y) * wide;
      pixels.fill(frame, start + Math.max(0, left - edge), start + Math.max(0, Math.min(wide, left + w + edge)));
      if (y < 0 || y >= h) continue;
      const row = Math.floor((y * sheet.height) / h) * sheet.width;
      for (let x = from; x < to; x++) pixels[start + left + x] = tile[row + across[x]];
    }
  }
  /** For each square of the plane that holds points the one nearest to its middle. */
  representatives(level, side) {
    let chosen = this.cells.get(level);
    if (chosen) return chosen;
    chosen = new Map();
    const distances = new Map();
    for (let i = 0; i < this.n; i++) {
      if (!this.shows(i) || (this.marked && !this.marked[i])) continue;
      const [x, y] = [Math.floor(this.px[i] / side), Math.floor(this.py[i] / side)];
      const key = x * 65536 + y;
      const d = (this.px[i] / side - x - 0.5) ** 2 + (this.py[i] / side - y - 0.5) ** 2;
      if (!(d >= distances.get(key))) { distances.set(key, d); chosen.set(key, i); }
    }
    this.cells.set(level, chosen);
    return chosen;
  }
  fitted(side) {
    const { width = 1, height = 1 } = this.sheet ?? {};
    return [width, height].map((one) => (one * side) / Math.max(width, height));
  }
  /** Draw the thumbnail of example `i`; nothing before there are any. */
  thumbnail(pen, i, x, y, w, h) {
    if (!this.sheet) return;
    const { image, width, height, columns } = this.sheet;
    pen.drawImage(image, (i % columns) * width, Math.floor(i / columns) * height, width, height, x, y, w, h);
  }
  /** It as a canvas of its own, `side` pixels large; null before there are any. */
  picture(i, side) {
    if (!this.sheet) return null;
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [this.sheet.width, this.sheet.height];
    [picture.style.width, picture.style.height] = this.fitted(side).map((one) => one + "px");
    this.thumbnail(picture.getContext("2d"), i, 0, 0, picture.width, picture.height);
    return picture;
  }

  show(i) {
    if (i === this.on) return;
    this.on = i;
    this.hover(i);
    this.cover();
  }

  /** Take the size of the page, and its theme. */
  follow() {
    const { canvas } = this;
    new ResizeObserver(() => {
      const [w, h, first] = [canvas.clientWidth, canvas.clientHeight, !this.width];
      if (!w || !h) return;
      this.ratio = Math.min(2, devicePixelRatio || 1);
      if (!first) [this.ox, this.oy] = [this.ox + (w - this.width) / 2, this.oy + (h - this.height) / 2];
      [this.width, this.height] = [w, h];
      [canvas.width, canvas.height] = [Math.round(w * this.ratio), Math.round(h * this.ratio)];
      this.image = this.pen.createImageData(canvas.width, canvas.height);
      this.pixels = new Uint32Array(this.image.data.buffer);
      if (first) this.whole();
      this.draw();
    }).observe(canvas);
    new MutationObserver(() => this.recolour()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
  }
}

/** Steps from the middle of a mark to its pixels in rows of `w`: a disc, a square, a diamond of radius `r`. */
function stamps(r, w) {
  const shapes = [(x, y) => x * x + y * y <= r * r, (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.9 * r, (x, y) => Math.abs(x) + Math.abs(y) <= 1.3 * r];
  const reach = Math.ceil(r);
  return shapes.map((inside) => {
    const steps = [];
    for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) if (inside(x, y)) steps.push(y * w + x);
    return Int32Array.from(steps);
  });
}
