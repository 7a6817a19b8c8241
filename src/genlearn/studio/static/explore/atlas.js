// The map as data: where points lie, what they are called, which they are.

import { ask } from "/static/studio.js";
import { here } from "./answers.js";

const WHOLE = 65535;

/** Of what is written on the element `atlas`, and of the map's files. */
export class Atlas {
  constructor({ dataset }) {
    this.n = Number(dataset.count);
    this.classes = JSON.parse(dataset.classes);
    this.sprites = dataset.sprites ? JSON.parse(dataset.sprites) : null;
    this.names = null;
    this.key = dataset.key;
  }
  async read() {
    const bytes = await this.part("points");
    const { n } = this;
    this.rows = new Uint32Array(bytes, 0, n);
    this.labels = new Uint16Array(bytes, 8 * n, n);
    this.points = placed(new Uint16Array(bytes, 4 * n, 2 * n));
  }
  /** Where the points lie by t-SNE; those that it leaves out are nowhere. */
  async tsne() {
    const bytes = await this.part("tsne");
    const count = bytes.byteLength / 8;
    const [found, some] = [new Uint32Array(bytes, 0, count), placed(new Uint16Array(bytes, 4 * count, 2 * count))];
    return some.map((axis) => {
      const all = new Float32Array(this.n).fill(NaN);
      found.forEach((i, k) => { all[i] = axis[k]; });
      return all;
    });
  }
  async thumbnails() { return createImageBitmap(await (await ask(`${here}/map/sprites`)).blob()); }
  async readNames() { this.names = await (await ask(`${here}/map/names`)).json(); }
  async part(name) { return (await ask(`${here}/map/${name}`)).arrayBuffer(); }

  name(i) { return this.names?.[i] ?? `example ${this.rows[i].toLocaleString("en")}`; }
  classOf(i) { return this.classes[this.labels[i]] ?? ""; }
  /** The point of an example of the data; -1 where it is not on the map. */
  of(row) {
    let [low, high] = [0, this.n - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle] < row) low = middle + 1;
      else high = middle;
    }
    return this.rows[low] === row ? low : -1;
  }
}

function placed(numbers) {
  const axis = (a) => Float32Array.from({ length: numbers.length / 2 }, (_, i) => numbers[2 * i + a] / WHOLE);
  return [axis(0), axis(1)];
}
