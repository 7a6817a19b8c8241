const held = JSON.parse(document.getElementById("map-data").textContent);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
const labels = new Uint16Array(bytes(held.labels));
const points = new Uint16Array(bytes(held.points));
const tip = document.getElementById("tip");

const scatter = new Scatter(document.getElementById("map"), {
  labels,
  colours: (style) => (held.classes.length ? held.classes : [""]).map((_, c) => style.getPropertyValue(held.classes.length ? `--c${c % 10}` : "--accent")),
  hover: (i) => {
    if (i < 0) return point(tip, scatter, i, []);
    const told = (kind, text) => Object.assign(document.createElement(kind), { textContent: text });
    const name = told("b", held.names ? held.names[i] : `example ${i}`);
    point(tip, scatter, i, held.classes.length ? [name, told("span", held.classes[labels[i]])] : [name]);
  },
});
scatter.place(Float32Array.from(labels, (_, i) => points[2 * i] / 65535), Float32Array.from(labels, (_, i) => points[2 * i + 1] / 65535));

if (held.sprites) {
  const sheet = new Image();
  sheet.onload = async () => scatter.illustrate(await createImageBitmap(sheet), held.sprites);
  sheet.src = held.sprites.url;
}
