// A mask that is painted over a picture, pixel by pixel of the picture.

const SHADE = [214, 40, 57, 150]; // what is marked

export class Mask {
  /** On `canvas`, for pictures of w x h; `changed(count)` hears how many pixels are marked. */
  constructor(canvas, w, h, changed) {
    Object.assign(this, { canvas, w, h, changed, marked: new Uint8Array(w * h), picture: null, size: 3, on: 1, last: null });
    [canvas.width, canvas.height] = [w, h];
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * w, ((event.clientY - box.top) / box.height) * h];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      this.last = at(event);
      this.stroke(...this.last);
    });
    canvas.addEventListener("pointermove", (event) => { if (this.last) this.stroke(...at(event)); });
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { this.last = null; });
  }
  /** The picture that is painted on: a canvas. */
  over(picture) {
    this.picture = picture;
    this.clear();
  }
  /** From where the pointer was to (x, y). */
  stroke(x, y) {
    const [fx, fy] = this.last;
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(x - fx, y - fy)));
    for (let k = 0; k <= steps; k++) this.dab(fx + ((x - fx) * k) / steps, fy + ((y - fy) * k) / steps);
    this.last = [x, y];
    this.draw();
  }
  dab(cx, cy) {
    const r = this.size / 2;
    for (let y = Math.floor(cy - r); y <= cy + r; y++) for (let x = Math.floor(cx - r); x <= cx + r; x++) {
      const near = Math.hypot(x + 0.5 - cx, y + 0.5 - cy) <= r;
      if (near || (Math.floor(cx) === x && Math.floor(cy) === y)) this.mark(x, y);
    }
  }
  mark(x, y) {
    if (x >= 0 && y >= 0 && x < this.w && y < this.h) this.marked[y * this.w + x] = this.on;
  }
  rectangle(left, top, w, h) {
    for (let y = top; y < top + h; y++) for (let x = left; x < left + w; x++) this.mark(x, y);
    this.draw();
  }
  clear() {
    this.marked.fill(0);
    this.draw();
  }
  draw() {
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    pen.clearRect(0, 0, this.w, this.h);
    if (this.picture) pen.drawImage(this.picture, 0, 0);
    const image = pen.getImageData(0, 0, this.w, this.h);
    const share = SHADE[3] / 255;
    let count = 0;
    this.marked.forEach((on, i) => {
      if (!on) return;
      count += 1;
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = share * SHADE[c] + (1 - share) * image.data[4 * i + c];
    });
    pen.putImageData(image, 0, 0);
    this.changed(count);
  }
  /** A bit for each pixel, the first in the highest of a byte, in base64. */
  get text() {
    const bytes = new Uint8Array(Math.ceil(this.marked.length / 8));
    this.marked.forEach((on, i) => { if (on) bytes[i >> 3] |= 128 >> (i & 7); });
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }
}
