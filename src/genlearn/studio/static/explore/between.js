// What lies between examples: the way from one to another, and what tells two groups apart added to a third.

import { send } from "/static/studio.js";
import { attempt, examples, get, here, strip } from "./answers.js";

/** The way from one example to another, which may be points of a map. */
export function walk(section, atlas = null, panels = null) {
  const form = section.querySelector("form");
  for (const button of document.querySelectorAll("[data-walk]")) button.addEventListener("click", () => {
    form.elements[button.dataset.walk].value = atlas.rows[panels.point];
    if (button.dataset.walk === "b") form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [a, b] = ["a", "b"].map((name) => form.elements[name].value);
    attempt(async () => {
      const found = await examples(await get("walk", { a, b }));
      strip(section, found, (k, count) => `${Math.round((100 * k) / (count - 1))} %`, Math.floor(found.count / 2));
      section.scrollIntoView({ block: "nearest" });
    }, form);
  });
}

/** Group A less group B, added to an example. */
export function groups(section, atlas, panels) {
  const form = section.querySelector("form");
  const chosen = { a: [], b: [] };
  for (const button of document.querySelectorAll("[data-group]")) button.addEventListener("click", () => {
    const group = button.dataset.group;
    chosen[group] = panels.selected;
    document.getElementById(`group-${group}`).textContent = `${panels.selected.length.toLocaleString("en")} examples`;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = { a: chosen.a.join(" "), b: chosen.b.join(" "), of: form.elements.of.value };
    attempt(async () => {
      const found = await examples(await send(`${here}/groups`, fields));
      const middle = (found.count - 1) / 2;
      strip(section, found, (k) => ((2 * (k - middle)) / middle).toFixed(1), middle + middle / 2);
    }, form);
  });
}
