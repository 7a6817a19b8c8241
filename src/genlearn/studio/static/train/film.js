// Samples from one noise at moments of the training: a slider over them, and a film.

export class Film {
  /** In the figure `place`; `address` of a step's picture. */
  constructor(place, address) {
    Object.assign(this, { place, address, steps: [], timer: 0 });
    for (const name of ["frame", "play", "moment", "moment-words"]) this[name] = document.getElementById(name);
    this.moment.addEventListener("input", () => { this.stop(); this.show(); });
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
  }

  /** The steps that there are pictures of; who looks at the last one sees the next. */
  moments(steps) {
    if (!steps.length || steps.join() === this.steps.join()) return;
    const atEnd = Number(this.moment.value) >= this.steps.length - 1;
    this.steps = steps;
    this.moment.max = steps.length - 1;
    if (atEnd) this.moment.value = steps.length - 1;
    this.place.hidden = false;
    this.show();
  }

  show() {
    const at = Number(this.moment.value);
    const step = this.steps[at];
    const words = `step ${step.toLocaleString("en")}`;
    this.frame.src = this.address(step);
    this.frame.alt = `Samples from one fixed noise after ${words}`;
    this["moment-words"].textContent = words;
    this.moment.setAttribute("aria-valuetext", words);
  }

  start() {
    if (Number(this.moment.value) >= this.steps.length - 1) this.moment.value = 0;
    this.timer = setInterval(() => {
      const next = Number(this.moment.value) + 1;
      if (next >= this.steps.length) return this.stop();
      this.moment.value = next;
      this.show();
    }, 500);
    this.named("Stop", true);
    this.show();
  }

  stop() { clearInterval(this.timer); this.timer = 0; this.named("Play", false); }

  named(text, pressed) { this.play.textContent = text; this.play.setAttribute("aria-pressed", pressed); }
}
