// What mouse, fingers and keys do to a scatter: zoom, move, point, pick; and what is told beside a point.

const REACH = 12, FINGER = 18; // pixels around a point that mean it
const CLICK = 4; // pixels that a pointer may travel in a click

/** Listen to the canvas of a scatter. Its `tool`, if it has one, takes what one pointer does, and keys first: start(x, y),
 *  move(x, y), end(x, y), cancel(), key(event). */
export function listen(scatter) {
  const { canvas } = scatter;
  const down = new Map();
  let [travelled, using] = [0, false];
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const on = (kind, listener, options) => canvas.addEventListener(kind, listener, options);
  on("wheel", (event) => {
    event.preventDefault();
    scatter.zoomAt(...at(event), Math.exp(-0.0015 * (event.deltaMode ? 30 * event.deltaY : event.deltaY)));
    scatter.show(-1);
  }, { passive: false });
  on("pointerdown", (event) => {
    if (event.button > 0) return;
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    travelled = 0;
    if (using) scatter.tool?.cancel();
    using = Boolean(scatter.tool) && down.size === 1;
    if (using) { scatter.show(-1); scatter.tool.start(...at(event)); }
    else scatter.show(scatter.nearest(...at(event), FINGER));
  });
  on("pointermove", (event) => {
    const [x, y] = at(event);
    const before = down.get(event.pointerId);
    if (!before) return scatter.show(scatter.nearest(x, y, REACH));
    down.set(event.pointerId, [x, y]);
    if (using) return scatter.tool.move(x, y);
    const moved = Math.hypot(x - before[0], y - before[1]);
    travelled += moved;
    if (!moved) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spread = (a) => Math.max(Math.hypot(a[0] - other[0], a[1] - other[1]), 1);
      scatter.zoomAt((x + other[0]) / 2, (y + other[1]) / 2, spread([x, y]) / spread(before));
      scatter.move((x - before[0]) / 2, (y - before[1]) / 2);
    } else scatter.move(x - before[0], y - before[1]);
    canvas.classList.add("moving");
    if (travelled > CLICK) scatter.show(-1);
  });
  const up = (event, whole) => {
    if (!down.delete(event.pointerId)) return;
    canvas.classList.toggle("moving", down.size > 0);
    if (using) {
      using = false;
      if (whole) scatter.tool?.end(...at(event));
      else scatter.tool?.cancel();
    } else if (whole && travelled <= CLICK && !down.size) scatter.pick(scatter.nearest(...at(event), FINGER));
  };
  on("pointerup", (event) => up(event, true));
  on("pointercancel", (event) => up(event, false));
  on("pointerleave", (event) => { if (event.pointerType === "mouse" && !down.size) scatter.show(-1); });
  on("blur", () => scatter.show(-1));
  on("keydown", (event) => { if (pressed(scatter, event)) event.preventDefault(); });
}

/** Whether a key means something to the scatter. */
function pressed(scatter, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (scatter.tool?.key?.(event)) return true;
  const way = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  const factor = { "+": 1.4, "=": 1.4, "-": 1 / 1.4, _: 1 / 1.4 }[event.key];
  const middle = [scatter.width / 2, scatter.height / 2];
  if (event.key === "Escape") return scatter.show(-1), true;
  if (event.key === "Enter" || event.key === " ") return scatter.pick(scatter.on), true;
  if (way) scatter.move(...way);
  else if (factor) scatter.zoomAt(...middle, factor);
  else if (event.key === "0") scatter.whole();
  else return false;
  scatter.show(scatter.nearest(...middle, Math.min(...middle) / 1.5));
  return true;
}

/** Show `parts` in `tip`, an element that stands absolutely in the page, beside point `i` of a scatter. */
export function point(tip, scatter, i, parts) {
  tip.hidden = i < 0;
  if (i < 0) return;
  const picture = scatter.picture(i, 96);
  tip.replaceChildren(...(picture ? [picture] : []), ...parts);
  const box = scatter.canvas.getBoundingClientRect();
  const [x, y] = scatter.at(i).map((value, axis) => value + [box.left, box.top][axis]);
  const left = Math.min(x + 14, document.documentElement.clientWidth - tip.offsetWidth - 4);
  const above = y - tip.offsetHeight - 12;
  tip.style.left = scrollX + Math.max(4, left) + "px";
  tip.style.top = scrollY + (above < 4 ? y + 14 : above) + "px";
}
