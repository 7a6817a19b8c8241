// What a pointer does on the map beside moving it: selecting by a rectangle or a lasso, and decoding where it is.

const STEP = 12; // pixels that an arrow key moves by

/** Select the points in an area that is drawn; `done(test)` gets what tells whether a place is in it. */
export class Brush {
  constructor(scatter, lasso, done) {
    Object.assign(this, { scatter, lasso, done, path: null });
  }
  start(x, y) { this.path = [[x, y]]; }
  move(x, y) {
    if (this.lasso) this.path.push([x, y]);
    else this.path[1] = [x, y];
    this.scatter.cover();
  }
  end(x, y) {
    this.move(x, y);
    const path = this.outline();
    this.cancel();
    const wide = Math.max(...[0, 1].map((axis) => Math.max(...path.map((p) => p[axis])) - Math.min(...path.map((p) => p[axis]))));
    this.done(wide < 4 ? () => false : (px, py) => inside(path, px, py));
  }
  cancel() {
    this.path = null;
    this.scatter.cover();
  }
  outline() {
    if (this.lasso) return this.path;
    const [[a, b], [c, d]] = [this.path[0], this.path[1] ?? this.path[0]];
    return [[a, b], [c, b], [c, d], [a, d]];
  }
  draw(pen) {
    if (!this.path) return;
    pen.beginPath();
    this.outline().forEach((at) => pen.lineTo(...at));
    pen.closePath();
    pen.strokeStyle = this.scatter.ink;
    pen.lineWidth = 1.5;
    pen.setLineDash([5, 4]);
    pen.stroke();
    pen.setLineDash([]);
  }
}

/** Decode where the pointer is: `want([x, y])` gets shares of the plane; `picture(pen, x, y)` draws what came of it. */
export class Probe {
  constructor(scatter, want, picture) {
    Object.assign(this, { scatter, want, picture, at: null });
  }
  start(x, y) { this.go(x, y); }
  move(x, y) { this.go(x, y); }
  end() {}
  cancel() {}
  go(x, y) {
    const { scatter } = this;
    const clamp = (value) => Math.min(2, Math.max(-1, value));
    this.at = scatter.from(x, y).map(clamp);
    this.want(this.at.map((value) => value.toFixed(5)));
    scatter.cover();
  }
  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return false;
    const { scatter } = this;
    const [x, y] = this.at ? this.place() : [scatter.width / 2, scatter.height / 2];
    const far = event.shiftKey ? 4 * STEP : STEP;
    this.go(...[x + far * way[0], y + far * way[1]].map((value, axis) => Math.min(Math.max(value, 0), [scatter.width, scatter.height][axis])));
    return true;
  }
  place() { return this.at.map((share, axis) => [this.scatter.ox, this.scatter.oy][axis] + share * this.scatter.zoom); }
  draw(pen) {
    if (!this.at) return;
    const [x, y] = this.place();
    pen.strokeStyle = this.scatter.ink;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { pen.moveTo(x + 4 * dx, y + 4 * dy); pen.lineTo(x + 11 * dx, y + 11 * dy); }
    pen.stroke();
    this.picture(pen, x, y);
  }
}

/** Whether a place lies in a polygon: a ray from it crosses its sides an odd number of times. */
function inside(path, x, y) {
  let odd = false;
  path.forEach(([ax, ay], k) => {
    const [bx, by] = path[(k + 1) % path.length];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  });
  return odd;
}
