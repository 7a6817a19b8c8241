// Losses over steps, on data that is learned from and on data that is held out, drawn by uPlot.

const COLOURS = ["--c0", "--c1", "--c2", "--c3", "--c4", "--c5"];

export class Curves {
  /** In `place`, with a line of `words` below for those who do not see it. */
  constructor(place, words) {
    Object.assign(this, { place, words, lines: new Map(), drawn: "", asked: false });
    new ResizeObserver(() => this.later()).observe(place);
    new MutationObserver(() => { this.drawn = ""; this.later(); }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.drawn = ""; this.later(); });
  }

  /** Reports of a part of the model ("" for a model of one); `again` where earlier ones no longer count. */
  add(part, reports, again) {
    if (again) for (const name of [...this.lines.keys()]) if (name.startsWith(`${part}\n`)) this.lines.delete(name);
    for (const report of reports) {
      for (const [network, loss] of Object.entries(report.losses)) this.point(part, network, report.step, loss);
      if (report.validation !== undefined) this.point(part, "held out", report.step, report.validation);
    }
    this.later();
  }

  point(part, name, step, value) {
    const key = `${part}\n${name}`;
    if (!this.lines.has(key)) this.lines.set(key, new Map());
    this.lines.get(key).set(step, value);
  }

  later() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.draw(); });
  }

  draw() {
    if (!this.lines.size || !globalThis.uPlot) return;
    const names = [...this.lines.keys()].sort();
    const steps = [...new Set(names.flatMap((name) => [...this.lines.get(name).keys()]))].sort((a, b) => a - b);
    const data = [steps, ...names.map((name) => steps.map((step) => this.lines.get(name).get(step) ?? null))];
    if (this.drawn === names.join()) this.plot.setData(data);
    else this.begin(names, data);
    this.plot.setSize(this.size());
    this.words.textContent = names.map((name) => `${label(name)} ${[...this.lines.get(name).values()].at(-1).toPrecision(3)}`).join(", ");
  }

  size() { return { width: this.place.clientWidth, height: 280 }; }

  begin(names, data) {
    this.plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--faint") }, ticks: { stroke: colour("--line") }, font: "12px sans-serif" };
    const series = names.map((name, i) => ({
      label: label(name), stroke: colour(COLOURS[i % COLOURS.length]), width: 2, spanGaps: true,
      dash: name.endsWith("\nheld out") ? [6, 4] : undefined, value: (_, value) => value?.toPrecision(4) ?? "–",
    }));
    const options = { ...this.size(), scales: { x: { time: false } }, axes: [{ ...axis, label: "step", labelSize: 18 }, { ...axis, size: 64 }],
      series: [{ label: "step" }, ...series], legend: { live: false }, cursor: { y: false } };
    this.plot = new uPlot(options, data, this.place);
    this.drawn = names.join();
  }
}

const label = (name) => {
  const [part, what] = name.split("\n");
  return part ? `${part}: ${what}` : what;
};
