// The teacher's page of a room, and the one for the big screen: counts as they change, and the result once a second at most.
import { hear } from "/static/studio.js";

const PERIOD = 1000; // milliseconds from one result to the next
const $ = (id) => document.getElementById(id);
const { room } = $("room").dataset;
const words = (n, one, many) => [Object.assign(document.createElement("b"), { textContent: n.toLocaleString("en") }), ` ${n === 1 ? one : many}`];

let due = null, first = true;
const renewJudges = () => { if ($("by-judge")?.open) $("judge-rows").dispatchEvent(new CustomEvent("judges-wanted")); };
const renew = () => {
  due ??= setTimeout(() => { due = null; document.body.dispatchEvent(new CustomEvent("room-changed")); renewJudges(); }, PERIOD);
};
$("by-judge")?.addEventListener("toggle", renewJudges);
hear(`/rooms/${room}/events`, {
  count: (text) => {
    const { judges, answered, open } = JSON.parse(text);
    $("judges").replaceChildren(...words(judges, "judge", "judges"));
    $("answered").replaceChildren(...words(answered, "answer", "answers"));
    $("open").textContent = open ? "open" : "closed";
    for (const one of document.querySelectorAll(".while-open")) one.hidden = !open;
    for (const one of document.querySelectorAll(".while-closed")) one.hidden = open;
    if (!first) renew(); // the page has begun with the result
    first = false;
  },
});

// What was unfolded stays so when the result is renewed.
const unfolded = new Map();
document.body.addEventListener("toggle", ({ target }) => { if (target.id) unfolded.set(target.id, target.open); }, true);
document.body.addEventListener("htmx:afterSwap", () => {
  for (const [id, open] of unfolded) if ($(id)) $(id).open = open;
});

$("address")?.addEventListener("change", ({ target }) => {
  $("qr").src = `/rooms/${room}/qr/${target.value}`;
  $("link").textContent = target.selectedOptions[0].textContent;
});
$("copy")?.addEventListener("click", async ({ target }) => {
  const done = await navigator.clipboard?.writeText($("link").textContent).then(() => true, () => false);
  if (!done) getSelection().selectAllChildren($("link"));
  target.textContent = done ? "Copied" : "Selected: copy it with your keyboard";
});
$("whole")?.addEventListener("click", () => document.documentElement.requestFullscreen?.());
