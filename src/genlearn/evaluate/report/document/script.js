"use strict";
(() => {
  const root = document.documentElement;

  // Theme: what the system says, until the reader says otherwise.
  const button = document.getElementById("theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.hidden = false;
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();

  // Sorting: the first click brings the best to the top; what was not measured stays at the bottom.
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.querySelectorAll("th:not(.group)")];
    heads.forEach((head, column) => {
      const press = document.createElement("button");
      press.type = "button";
      press.append(...head.childNodes);
      head.append(press);
      press.addEventListener("click", () => {
        const natural = head.dataset.better === "higher" ? "descending" : "ascending";
        const other = natural === "ascending" ? "descending" : "ascending";
        const way = head.getAttribute("aria-sort") === natural ? other : natural;
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", way);
        const sign = way === "ascending" ? 1 : -1;
        const value = (row) => {
          const cell = row.cells[column];
          return cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v === "" ? NaN : Number(cell.dataset.v);
        };
        const compare = (a, b) => {
          const [x, y] = [value(a), value(b)];
          if (typeof x === "string") return sign * x.localeCompare(y);
          return isNaN(x) - isNaN(y) || sign * (x - y) || 0;
        };
        body.append(...[...body.rows].sort(compare));
      });
    });
  }

  // Maps: the point under the pointer, or reached with the arrow keys, shows its image and class.
  const SVG = "http://www.w3.org/2000/svg";
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);

  const picture = (map, i) => {
    const [w, h] = map.dataset.tile.split(" ").map(Number);
    const columns = Number(map.dataset.columns);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `${(i % columns) * w} ${Math.floor(i / columns) * h} ${w} ${h}`);
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", "#" + map.dataset.sprite);
    svg.append(use);
    return svg;
  };

  const centre = (mark) => {
    const box = mark.getBBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };

  for (const map of document.querySelectorAll("svg[data-map]")) {
    const marks = [...map.querySelectorAll("[data-i]:not(.frame)")];
    let points = null;
    let on = null;
    const ready = () => (points ??= marks.map((mark) => [...centre(mark), mark]));
    const hide = () => { tip.hidden = true; on?.classList.remove("on"); on = null; };
    const show = (mark) => {
      if (on === mark) return;
      on?.classList.remove("on");
      on = mark;
      mark.classList.add("on");
      const label = document.createElement("div");
      label.textContent = mark.parentNode.dataset.class || "point " + (Number(mark.dataset.i) + 1);
      tip.replaceChildren(...(map.dataset.sprite ? [picture(map, Number(mark.dataset.i)), label] : [label]));
      tip.hidden = false;
      const box = mark.getBoundingClientRect();
      const left = Math.min(box.right + 12, root.clientWidth - tip.offsetWidth - 4);
      const top = box.top - tip.offsetHeight - 8;
      tip.style.left = scrollX + Math.max(4, left) + "px";
      tip.style.top = scrollY + (top < 4 ? box.bottom + 8 : top) + "px";
    };
    const nearest = (event) => {
      const frame = event.target.closest?.(".frame");
      if (frame) return marks.find((mark) => mark.dataset.i === frame.dataset.i);
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
      let [best, least] = [null, 14 * 14];
      for (const [x, y, mark] of ready()) {
        const d = (x - at.x) ** 2 + (y - at.y) ** 2;
        if (d < least) [best, least] = [mark, d];
      }
      return best;
    };
    const follow = (event) => { const mark = nearest(event); if (mark) show(mark); else hide(); };
    map.addEventListener("pointermove", follow);
    map.addEventListener("pointerdown", follow);
    map.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
    map.addEventListener("blur", hide);
    map.addEventListener("keydown", (event) => {
      const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
      if (event.key === "Escape") hide();
      if (!step) return;
      event.preventDefault();
      const [x0, y0] = on ? centre(on) : [-1e4 * step[0] || 260, -1e4 * step[1] || 160];
      let [best, least] = [null, Infinity];
      for (const [x, y, mark] of ready()) {
        const [along, aside] = [(x - x0) * step[0] + (y - y0) * step[1], (x - x0) * step[1] - (y - y0) * step[0]];
        const d = along + 2 * Math.abs(aside);
        if (along > 0.5 && d < least) [best, least] = [mark, d];
      }
      if (best) show(best);
    });
  }

  // Paper has no folds.
  addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach((d) => { d.open = true; d.dataset.folded = ""; }));
  addEventListener("afterprint", () => document.querySelectorAll("details[data-folded]").forEach((d) => { d.open = false; delete d.dataset.folded; }));
})();
