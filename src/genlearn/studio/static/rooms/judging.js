// A judge: image after image, each answer sent until it is kept. Pictures are there before their turn, so that nothing but they
// themselves can tell what they are; what was answered, the server knows, so that a page that is loaded again goes on.
import { picture, post, remember, remembered, insist, Refused } from "/static/rooms/judging_net.js";

const $ = (id) => document.getElementById(id);
const stage = $("judge");
const { kind } = stage.dataset;
const [total, practice, limit, width] = ["total", "practice", "limit", "width"].map((name) => Number(stage.dataset[name]));
const pair = kind === "pair", BLANK = 400; // milliseconds before an image that is shown for a time: the eye is on the buttons
const canvases = [...stage.querySelectorAll("canvas")], buttons = [...stage.querySelectorAll(".answer")];
const KEYS = pair ? { arrowleft: 0, a: 0, arrowright: 1, b: 1 } : { arrowleft: 1, r: 1, arrowright: 0, f: 0 };
let take = null; // what an answer does now; null while there is nothing to answer

const show = (id) => { for (const part of ["start", "trial", "end"]) $(part).hidden = part !== id; };
const paint = (bitmap) => canvases.forEach((canvas, side) => {
  const brush = canvas.getContext("2d");
  brush.clearRect(0, 0, canvas.width, canvas.height);
  if (bitmap) brush.drawImage(bitmap, -side * width, 0);
});
const say = (text, look = "") => { $("what").textContent = text; $("what").className = look; };
const seconds = (n) => new Promise((done) => { setTimeout(done, n); });
const enable = (on) => buttons.forEach((button) => { button.disabled = !on; });

/** Show the image at a place and take its answer. */
async function trial(place) {
  const about = place < practice ? `Practice ${place + 1} of ${practice}` : `${place - practice + 1} of ${total - practice}`;
  show("trial");
  paint(null);
  enable(false);
  say("");
  $("next").hidden = true;
  $("place").textContent = `${about}: ${pair ? "which one is real?" : "real or fake?"}`;
  $("progress").value = place;
  canvases.forEach((canvas, side) => canvas.setAttribute("aria-label", pair ? `Image ${"AB"[side]}, ${about}` : `Image, ${about}`));
  stage.focus({ preventScroll: true });
  const bitmap = await picture(place);
  if (limit) await seconds(BLANK);
  // Who loads the page again has seen an image that is shown for a time.
  const seen = limit && remembered("seen", sessionStorage) === String(place);
  if (seen) say("You have seen this one; answer from memory.");
  else paint(bitmap);
  remember("seen", place, sessionStorage);
  const began = performance.now();
  const hiding = limit && setTimeout(() => paint(null), 1000 * limit);
  if (place + 1 < total) picture(place + 1).catch(() => {});
  enable(true);
  take = (answer) => {
    take = null;
    enable(false);
    clearTimeout(hiding);
    answered(place, answer, Math.round(performance.now() - began), bitmap).catch(failed);
  };
}

/** Send an answer until it is kept; then what is told of it, or the next image. */
async function answered(place, answer, ms, bitmap) {
  const reply = await insist("answer", { place, answer, ms }, () => say("Not sent yet; trying again …"));
  const next = () => (reply.answered < total ? trial(reply.answered) : finish()).catch(failed);
  if (!("right" in reply)) return next();
  paint(bitmap);
  const { right, given, source } = reply;
  if (right === null) say("Both are real: no answer was right.");
  else {
    const what = pair ? `${"AB"[right]} is real, ${"BA"[right]} was made by ${source}` : right ? "it is real" : `${source} made it`;
    say(`${given === right ? "Right" : "No"}: ${what}.`, given === right ? "right" : "wrong");
  }
  $("next").hidden = false;
  $("next").onclick = next;
  $("next").focus({ preventScroll: true });
}

/** How it went. */
async function finish() {
  const answer = await fetch(`/room/${stage.dataset.code}/result`);
  $("end").innerHTML = await answer.text(); // escaped by the server
  show("end");
  stage.focus({ preventScroll: true });
  $("leave").addEventListener("click", async () => {
    await post("leave", {});
    remember("code", null);
    location.reload();
  });
}

const failed = (error) => {
  if (error instanceof Refused && error.status === 409) return finish().catch(failed);
  $("notice").textContent = error.message;
  show("");
};

async function begin() {
  const state = await (await fetch(`/room/${stage.dataset.code}/state`)).json();
  const code = remembered("code");
  if (!state.begun && code) {
    remember("code", null);
    if ((await post("resume", { code })).ok) { remember("code", code); return location.reload(); }
  }
  if (state.begun) remember("code", state.code);
  if (state.begun && (state.answered >= total || !state.open)) return finish();
  if (state.begun) return trial(state.answered);
  if (!state.open) throw new Error("The room is closed.");
  show("start");
}

$("start").addEventListener("submit", (event) => {
  event.preventDefault();
  insist("begin", { name: $("name").value }, () => {})
    .then(({ code }) => { remember("code", code); return trial(0); }).catch(failed);
});
buttons.forEach((button) => button.addEventListener("click", () => take?.(Number(button.dataset.answer))));
if (pair) canvases.forEach((canvas, side) => canvas.addEventListener("click", () => take?.(side)));
document.addEventListener("keydown", (event) => {
  const answer = KEYS[event.key.toLowerCase()];
  if (!take || answer === undefined || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  take(answer);
});
begin().catch(failed);
