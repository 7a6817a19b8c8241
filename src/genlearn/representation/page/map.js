"use strict";
(() => {
  const held = JSON.parse(document.getElementById("map-data").textContent);
  const canvas = document.getElementById("map");
  const pen = canvas.getContext("2d");
  const tip = document.getElementById("tip");
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const points = new Uint16Array(bytes(held.points));
  const labels = new Uint16Array(bytes(held.labels));
  const n = labels.length;
  const px = new Float32Array(n);
  const py = new Float32Array(n);
  for (let i = 0; i < n; i++) { px[i] = points[2 * i] / 65535; py[i] = points[2 * i + 1] / 65535; }
  const byClass = new Map();
  labels.forEach((c, i) => (byClass.get(c) ?? byClass.set(c, []).get(c)).push(i));

  // Thumbnails, drawn as soon as they are decoded.
  const sprites = held.sprites;
  const sheet = new Image();
  let ready = false;
  if (sprites) { sheet.onload = () => { ready = true; draw(); }; sheet.src = sprites.url; }
  const thumbnail = (to, i, x, y, w, h) => to.drawImage(
    sheet, (i % sprites.columns) * sprites.width, Math.floor(i / sprites.columns) * sprites.height,
    sprites.width, sprites.height, x, y, w, h);

  // The view: a point at (x, y) in [0, 1] stands at (ox + x * zoom, oy + y * zoom) pixels.
  let [width, height, ox, oy, zoom, on] = [1, 1, 0, 0, 1, -1];
  const least = () => 0.92 * Math.min(width, height);
  const whole = () => { zoom = least(); ox = (width - zoom) / 2; oy = (height - zoom) / 2; };
  const zoomAt = (x, y, factor) => {
    const next = Math.min(Math.max(zoom * factor, 0.5 * least()), 400 * least());
    ox = x - ((x - ox) * next) / zoom;
    oy = y - ((y - oy) * next) / zoom;
    zoom = next;
  };
  const inside = (i) => {
    const [x, y] = [ox + px[i] * zoom, oy + py[i] * zoom];
    return x > -40 && y > -40 && x < width + 40 && y < height + 40;
  };

  let asked = false;
  const draw = () => { if (!asked) { asked = true; requestAnimationFrame(paint); } };
  const paint = () => {
    asked = false;
    const style = getComputedStyle(document.documentElement);
    const colour = (c) => style.getPropertyValue(held.classes.length ? `--c${c % 10}` : "--accent");
    const ratio = devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    let seen = 0;
    for (let i = 0; i < n; i++) seen += inside(i);
    const side = Math.min(48, Math.sqrt((0.5 * width * height) / Math.max(seen, 1)));
    const pictures = ready && side >= 18;
    const [w, h] = pictures ? fitted(side) : [0, 0];
    const r = Math.min(4, Math.max(1.2, 70 / Math.sqrt(Math.max(seen, 1))));
    pen.imageSmoothingEnabled = false;
    for (const [c, members] of byClass) {
      pen.fillStyle = pen.strokeStyle = colour(c);
      pen.lineWidth = 1.5;
      for (const i of members) {
        if (!inside(i)) continue;
        const [x, y] = [ox + px[i] * zoom, oy + py[i] * zoom];
        if (pictures) {
          thumbnail(pen, i, x - w / 2, y - h / 2, w, h);
          pen.strokeRect(x - w / 2, y - h / 2, w, h);
        } else if (n > 5000) pen.fillRect(x - r, y - r, 2 * r, 2 * r);
        else { pen.beginPath(); pen.arc(x, y, r, 0, 7); pen.fill(); }
      }
    }
    if (on < 0) return;
    pen.strokeStyle = style.getPropertyValue("--ink");
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(ox + px[on] * zoom, oy + py[on] * zoom, Math.max(r, w / 2, h / 2) + 4, 0, 7);
    pen.stroke();
  };
  const fitted = (side) => {
    const scale = side / Math.max(sprites.width, sprites.height);
    return [sprites.width * scale, sprites.height * scale];
  };

  // What lies under the pointer: its thumbnail, name and class.
  const nearest = (x, y, reach) => {
    let [best, least] = [-1, reach * reach];
    for (let i = 0; i < n; i++) {
      const d = (ox + px[i] * zoom - x) ** 2 + (oy + py[i] * zoom - y) ** 2;
      if (d < least) [best, least] = [i, d];
    }
    return best;
  };
  const hide = () => { if (on >= 0) { on = -1; tip.hidden = true; draw(); } };
  const show = (i) => {
    if (i < 0) return hide();
    if (i !== on) {
      const name = document.createElement("b");
      name.textContent = held.names ? held.names[i] : "example " + i;
      const parts = [name];
      if (held.classes.length) {
        const told = document.createElement("span");
        told.textContent = held.classes[labels[i]];
        parts.push(told);
      }
      if (ready) {
        const picture = document.createElement("canvas");
        [picture.width, picture.height] = [sprites.width, sprites.height];
        [picture.style.width, picture.style.height] = fitted(96).map((side) => side + "px");
        thumbnail(picture.getContext("2d"), i, 0, 0, sprites.width, sprites.height);
        parts.unshift(picture);
      }
      tip.replaceChildren(...parts);
      on = i;
    }
    tip.hidden = false;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [box.left + ox + px[i] * zoom, box.top + oy + py[i] * zoom];
    const left = Math.min(x + 14, document.documentElement.clientWidth - tip.offsetWidth - 4);
    const top = y - tip.offsetHeight - 12;
    tip.style.left = scrollX + Math.max(4, left) + "px";
    tip.style.top = scrollY + (top < 4 ? y + 14 : top) + "px";
    draw();
  };

  // Mouse, fingers and keys.
  const down = new Map();
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const step = event.deltaMode ? 30 * event.deltaY : event.deltaY;
    zoomAt(...at(event), Math.exp(-0.0015 * step));
    hide();
    draw();
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    show(nearest(...at(event), 16));
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = at(event);
    const before = down.get(event.pointerId);
    if (!before) return show(nearest(x, y, 12));
    down.set(event.pointerId, [x, y]);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    const moved = Math.hypot(x - before[0], y - before[1]);
    if (!moved) return;
    if (other) {
      const spread = (a) => Math.max(Math.hypot(a[0] - other[0], a[1] - other[1]), 1);
      zoomAt((x + other[0]) / 2, (y + other[1]) / 2, spread([x, y]) / spread(before));
      [ox, oy] = [ox + (x - before[0]) / 2, oy + (y - before[1]) / 2];
    } else [ox, oy] = [ox + x - before[0], oy + y - before[1]];
    canvas.classList.add("moving");
    hide();
    draw();
  });
  const up = (event) => { down.delete(event.pointerId); canvas.classList.toggle("moving", down.size > 0); };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && !down.size) hide(); });
  canvas.addEventListener("blur", hide);
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    const factor = { "+": 1.4, "=": 1.4, "-": 1 / 1.4, _: 1 / 1.4 }[event.key];
    if (event.key === "Escape") return hide();
    if (move) [ox, oy] = [ox + move[0], oy + move[1]];
    else if (factor) zoomAt(width / 2, height / 2, factor);
    else if (event.key === "0") whole();
    else return;
    event.preventDefault();
    show(nearest(width / 2, height / 2, Math.min(width, height) / 3));
    draw();
  });

  // Size and theme.
  let first = true;
  new ResizeObserver(() => {
    const ratio = devicePixelRatio || 1;
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    if (first || !width) { [width, height] = [w, h]; whole(); first = false; }
    else { [ox, oy] = [ox + (w - width) / 2, oy + (h - height) / 2]; [width, height] = [w, h]; }
    [canvas.width, canvas.height] = [Math.round(w * ratio), Math.round(h * ratio)];
    draw();
  }).observe(canvas);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
