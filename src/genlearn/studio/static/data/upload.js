// Files and folders that are chosen or dropped, sent in one request that shows how far it is.
import { notice } from "/static/studio.js";
import { dropped } from "/static/data/dropped.js";

const form = document.getElementById("upload");
const part = (id) => document.getElementById(id);
const most = { files: Number(form.dataset.mostFiles), bytes: Number(form.dataset.mostBytes) };
let chosen = []; // { file, name }: with its folders, from the one that was chosen
let sending = null;

function bytes(count) {
  const [size, unit] = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]].find(([size]) => count >= size) ?? [1, "bytes"];
  return `${Number((count / size).toPrecision(3))} ${unit}`;
}

function choose(files) {
  chosen = files;
  notice("");
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const what = files.length === 1 ? files[0].name : `${files.length.toLocaleString("en")} files`;
  part("chosen").hidden = !files.length;
  part("chosen-words").textContent = `${what}, ${bytes(total)}`;
  part("told").textContent = files.length ? "" : "There are no files in it.";
  const first = files[0]?.name ?? "";
  const named = first.includes("/") || files.length === 1;
  part("name").value = named ? first.split("/")[0].replace(/\.[^/]*$/, "").slice(0, 60) : "";
  const problem = files.length > most.files ? `${files.length.toLocaleString("en")} files were chosen; at most ${most.files.toLocaleString("en")} can be sent at once: pack them into one .zip`
    : total > most.bytes ? `${bytes(total)} were chosen; at most ${bytes(most.bytes)} can be sent: take fewer files, or put them into the studio's folder` : "";
  notice(problem);
  part("send").disabled = Boolean(problem);
  if (files.length && !problem) part("send").focus();
}

for (const id of ["files", "folder"]) {
  part(id).addEventListener("change", ({ target }) => {
    if (!target.files.length) return;
    choose([...target.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
    target.value = "";
  });
}

form.addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("over");
});
form.addEventListener("dragleave", (event) => {
  if (!form.contains(event.relatedTarget)) form.classList.remove("over");
});
form.addEventListener("drop", async (event) => {
  event.preventDefault();
  form.classList.remove("over");
  if (sending) return;
  part("told").textContent = "Looking through what was dropped …";
  try {
    choose(await dropped(event.dataTransfer, most.files));
  } catch (problem) {
    part("told").textContent = "";
    notice(problem);
  }
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!chosen.length || sending) return;
  const fields = new FormData();
  fields.append("name", part("name").value);
  for (const { file, name } of chosen) fields.append("files", file, name);
  sending = new XMLHttpRequest();
  sending.open("POST", "/data/upload");
  sending.setRequestHeader("X-CSRF-Token", document.querySelector('meta[name="csrf"]').content);
  sending.upload.addEventListener("progress", ({ loaded, total }) => {
    part("progress").max = total;
    part("progress").value = loaded;
    say(loaded < total ? `${Math.floor((10 * loaded) / total) * 10} % sent` : "Sent; being put in its place …");
  });
  sending.addEventListener("load", ended);
  sending.addEventListener("error", () => stopped("The connection was lost; nothing was kept. Send it again."));
  sending.addEventListener("abort", () => stopped("", "Cancelled; nothing was kept."));
  busy(true);
  say("0 % sent");
  sending.send(fields);
});

part("cancel").addEventListener("click", () => {
  if (sending) sending.abort();
  else choose([]), say("");
});

function say(words) {
  if (part("told").textContent !== words) part("told").textContent = words;
}

function busy(is) {
  part("progress").hidden = !is;
  part("progress").value = 0;
  part("send").disabled = is;
  part("name").disabled = is;
  if (is) notice("");
}

function stopped(problem, words = "") {
  sending = null;
  busy(false);
  say(words);
  notice(problem);
}

function ended() {
  const answer = sending;
  if (answer.status !== 201) return stopped(answer.responseText.trim() || "It could not be sent; try again.");
  sending = null;
  location.assign(JSON.parse(answer.responseText).page);
}
