// How a comparison stands, as it changes: texts in place, and all of it anew where there is something else to show.
import { ask, hear, notice } from "/static/studio.js";

const place = document.getElementById("standing");

hear(`${place.dataset.at}/events`, { standing: (text) => update(JSON.parse(text)) });

async function update({ shape, doing, rows }) {
  if (shape !== place.querySelector("[data-shape]").dataset.shape) return anew();
  say(place.querySelector(".doing"), doing);
  for (const { name, state, detail, share } of rows) {
    const row = place.querySelector(`[data-name="${CSS.escape(name)}"]`);
    row.className = state;
    say(row.querySelector(".state"), state);
    say(row.querySelector(".detail"), detail);
    row.querySelector("progress").value = share;
  }
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

async function anew() {
  try {
    const answer = await ask(`${place.dataset.at}/standing`);
    const focused = document.activeElement?.id;
    place.innerHTML = await answer.text();
    window.htmx.process(place);
    if (focused) document.getElementById(focused)?.focus();
  } catch (problem) { notice(problem); }
}
