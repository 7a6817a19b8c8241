// The map, or a view of it, is being made: what is done, and how much of it.

import { hear, notice, send } from "/static/studio.js";
import { here } from "./answers.js";

/** Make what `section` stands for and follow that; done when it is there. */
export async function make(section) {
  const view = section.dataset.making;
  const [bar, told, button] = ["progress", "[role=status]", "button"].map((what) => section.querySelector(what));
  [section.hidden, bar.hidden] = [false, false];
  if (button) button.hidden = true;
  await send(`${here}/prepare?view=${view}`, {});
  notice();
  return new Promise((done) => {
    const source = hear(`${here}/events?view=${view}`, { making: (data) => {
      const at = JSON.parse(data);
      told.textContent = at.total ? `${at.what}: ${at.done.toLocaleString("en")} of ${at.total.toLocaleString("en")}` : at.what;
      if (at.total) bar.value = at.done / at.total;
      else bar.removeAttribute("value");
      if (!at.ended) return;
      source.close();
      bar.hidden = true;
      if (at.problem) { notice(at.problem); told.textContent = ""; if (button) button.hidden = false; }
      done(!at.problem);
    } });
  });
}
