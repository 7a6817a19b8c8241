// The page of the map: what is hovered, clicked, selected and decoded on it.

import { Scatter } from "/static/scatter/scatter.js";
import { point } from "/static/scatter/gestures.js";
import { attempt, examples, get, newest, told } from "./answers.js";
import { Atlas } from "./atlas.js";
import { make } from "./making.js";
import { Brush, Probe } from "./tools.js";
import { groups, walk } from "./between.js";

const KEYS = {
  move: "Drag to move, scroll or pinch to zoom, click a point for its neighbours. Keys: arrows, + and −, 0 for all, Enter for the point that is marked.",
  decode: "Click or drag anywhere to decode there. Keys: arrows move the place.",
  rectangle: "Drag a rectangle around points to select them. Without a pointer: “What is in view”.",
  lasso: "Draw around points to select them. Without a pointer: “What is in view”.",
};
const SHOWN = 48; // pictures of a selection
const SIDE = 84; // pixels of what is decoded beside the pointer

const find = (selector) => document.querySelector(selector);
const element = document.getElementById("atlas");
const first = find('[data-making="map"]');
if (element) attempt(() => open(new Atlas(element)));
else {
  const begin = () => attempt(async () => { if (await make(first)) location.reload(); });
  first.querySelector("button").addEventListener("click", begin);
  if ("now" in first.dataset) begin();
}

async function open(atlas) {
  await atlas.read();
  let probe = null;
  let tool = null;
  const scatter = new Scatter(document.getElementById("map"), {
    labels: atlas.labels,
    colours: (style) => (atlas.classes.length ? atlas.classes : [""]).map((_, c) => style.getPropertyValue(atlas.classes.length ? `--c${c % 10}` : "--accent")),
    hover: (i) => point(find("#tip"), scatter, i, i < 0 ? [] : about(atlas, i)),
    pick: (i) => show(i),
    top: (pen) => tool?.draw?.(pen),
  });
  scatter.place(...atlas.points);
  const picture = (i, side) => scatter.picture(i, side) ?? told("span", atlas.name(i));
  const panels = new Panels(atlas, picture, (i) => show(i));

  function show(i) {
    panels.example(i);
    if (i >= 0) attempt(async () => panels.neighbours(i, await (await get("neighbours", { of: i })).json()));
  }
  function select(chosen) {
    scatter.marked = chosen.length ? new Uint8Array(atlas.n) : null;
    for (const i of chosen) scatter.marked[i] = 1;
    scatter.changed();
    panels.selection(chosen);
  }
  const within = (test) => select(scatter.within(test));

  // Tools
  let decoded = null;
  const want = newest(([x, y]) => get("at", { x, y }).then(examples), (found) => {
    decoded = found;
    find("#decoded").hidden = false;
    found.show(0, find("#decoded .shown"));
    scatter.cover();
  });
  probe = new Probe(scatter, want, (pen, x, y) => {
    if (!decoded?.draw) return;
    const left = x + 14 + SIDE > scatter.width ? x - 14 - SIDE : x + 14;
    const top = Math.min(Math.max(y - SIDE / 2, 0), scatter.height - SIDE);
    decoded.draw(0, pen, left, top, SIDE, SIDE);
    pen.strokeRect(left, top, SIDE, SIDE);
  });
  const tools = { move: null, decode: probe, rectangle: new Brush(scatter, false, within), lasso: new Brush(scatter, true, within) };
  for (const radio of document.querySelectorAll('[name="tool"]')) {
    const choose = () => {
      if (!radio.checked) return;
      tool = scatter.tool = tools[radio.value];
      scatter.canvas.dataset.tool = radio.value;
      find("#keys").textContent = KEYS[radio.value];
      scatter.cover();
    };
    radio.addEventListener("change", choose);
    choose();
  }
  find("#whole").addEventListener("click", () => scatter.whole());
  find("#thumbnails")?.addEventListener("change", (event) => { scatter.thumbnails = event.target.checked; scatter.draw(); });
  find("#seen").addEventListener("click", () => within((x, y) => x >= 0 && y >= 0 && x <= scatter.width && y <= scatter.height));
  find("#clear").addEventListener("click", () => select([]));
  find("#of-class")?.addEventListener("change", (event) => {
    if (event.target.value) select([...atlas.labels.keys()].filter((i) => atlas.labels[i] === Number(event.target.value)));
  });
  find("#goto").addEventListener("submit", (event) => {
    event.preventDefault();
    const i = atlas.of(Number(event.target.elements.number.value));
    if (i < 0) attempt(() => { throw new Error("This example is not on the map, which shows a part of the data."); });
    else show(i);
  });
  legend(atlas, scatter);
  layouts(atlas, scatter);
  if (find("#walk")) walk(find("#walk"), atlas, panels);
  if (find("#groups")) groups(find("#groups"), atlas, panels);
  if (atlas.sprites) attempt(async () => scatter.illustrate(await atlas.thumbnails(), atlas.sprites));
  attempt(() => atlas.readNames());
  scatter.canvas.dataset.ready = "";
}

function about(atlas, i) {
  const parts = [told("b", atlas.name(i))];
  return atlas.classes.length ? [...parts, told("span", atlas.classOf(i))] : parts;
}

/** Let a panel be seen, where panels have a bar of their own. */
function bring(panel) {
  const side = find(".atlas aside");
  side.scrollTop = find(panel).offsetTop;
}

/** The panels beside the map. */
class Panels {
  constructor(atlas, picture, show) {
    Object.assign(this, { atlas, picture, show, point: -1, selected: [] });
  }
  example(i) {
    this.point = i;
    find("#example").hidden = i < 0;
    if (i < 0) return;
    find("#example h2").textContent = [this.atlas.name(i), this.atlas.classOf(i)].filter(Boolean).join(" · ");
    find("#example .pictures").replaceChildren(...(this.atlas.sprites ? [this.picture(i, 128)] : []));
    find("#near").replaceChildren();
    bring("#example");
  }
  neighbours(i, near) {
    if (i === this.point) find("#near").replaceChildren(...near.map((j) => this.button(j)));
  }
  selection(chosen) {
    this.selected = chosen;
    find("#selection").hidden = !chosen.length;
    find("#selection h2").textContent = `${chosen.length.toLocaleString("en")} selected`;
    const counts = new Map();
    for (const i of chosen) counts.set(this.atlas.labels[i], (counts.get(this.atlas.labels[i]) ?? 0) + 1);
    const lines = this.atlas.classes.length ? [...counts].sort((a, b) => b[1] - a[1]).map(([c, count]) => told("li", `${this.atlas.classes[c]}: ${count.toLocaleString("en")}`)) : [];
    find("#selection .counts").replaceChildren(...lines);
    const step = Math.max(1, chosen.length / SHOWN);
    const some = Array.from({ length: Math.min(SHOWN, chosen.length) }, (_, k) => chosen[Math.floor(k * step)]);
    find("#selection .pictures").replaceChildren(...some.map((i) => this.button(i)));
    if (chosen.length) bring("#selection");
  }
  button(i) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "thumb" });
    button.setAttribute("aria-label", [this.atlas.name(i), this.atlas.classOf(i)].filter(Boolean).join(", "));
    button.title = button.getAttribute("aria-label");
    button.append(this.picture(i, 44));
    button.addEventListener("click", () => this.show(i));
    return button;
  }
}

/** The classes that occur: pressed, they are hidden or shown. */
function legend(atlas, scatter) {
  const list = find(".legend.classes");
  if (!list) return;
  list.replaceChildren(...[...new Set(atlas.labels)].sort((a, b) => a - b).map((c) => {
    const button = told("button", atlas.classes[c], { type: "button" });
    button.setAttribute("aria-pressed", "true");
    const mark = document.createElement("i");
    mark.className = `c${c % 10} shape${Math.floor(c / 10) % 3}`;
    button.prepend(mark);
    button.addEventListener("click", () => {
      const hidden = !scatter.hidden.delete(c);
      if (hidden) scatter.hidden.add(c);
      button.setAttribute("aria-pressed", String(!hidden));
      scatter.changed();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

/** Another layout, which is made where it is not there yet. */
function layouts(atlas, scatter) {
  const section = find('[data-making="tsne"]');
  let there = "tsne" in element.dataset;
  const select = find("#layout");
  const decode = find('[name="tool"][value="decode"]');
  select.addEventListener("change", () => attempt(async () => {
    const flat = select.value === "points";
    if (!flat && !there) {
      select.disabled = true;
      there = await make(section).finally(() => { select.disabled = false; });
      section.hidden = there;
      if (!there) { select.value = "points"; return; }
    }
    if (decode) {
      decode.disabled = !flat;
      if (!flat && decode.checked) find('[name="tool"][value="move"]').click();
    }
    scatter.place(...(flat ? atlas.points : await atlas.tsne()));
    scatter.whole();
  }));
}
