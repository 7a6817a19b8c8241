// What a judge's page asks the server, and what it keeps in the browser.

const token = document.querySelector('meta[name="csrf"]').content;
const { code } = document.getElementById("judge").dataset;
const LONGEST = 5000; // milliseconds between two tries

/** The server will not do it, whenever it is asked again. */
export class Refused extends Error {
  constructor(status, why) {
    super(why);
    this.status = status;
  }
}

/** Kept in the browser for this room; nothing where it keeps nothing. */
export function remembered(what, where = localStorage) {
  try { return where.getItem(`genlearn ${code} ${what}`); } catch { return null; }
}

/** Keep it, or with null no longer. */
export function remember(what, value, where = localStorage) {
  try {
    if (value === null) where.removeItem(`genlearn ${code} ${what}`);
    else where.setItem(`genlearn ${code} ${what}`, value);
  } catch { /* a browser that keeps nothing: whoever loads the page anew begins anew */ }
}

/** Ask once. */
export function post(what, fields) {
  const headers = { "X-CSRF-Token": token, "Content-Type": "application/json" };
  return fetch(`/room/${code}/${what}`, { method: "POST", body: JSON.stringify(fields), headers });
}

/** Ask until there is an answer; `waiting` is called when there was none. Asking twice for the same does nothing twice. */
export async function insist(what, fields, waiting) {
  for (let wait = 300; ; wait = Math.min(2 * wait, LONGEST)) {
    const answer = await post(what, fields).catch(() => null);
    if (answer?.ok) return answer.json();
    if (answer?.status === 403) await again();
    if (answer && answer.status < 500 && answer.status !== 429) throw new Refused(answer.status, (await answer.text()).trim());
    waiting();
    await new Promise((done) => { setTimeout(done, wait); });
  }
}

/** The studio was started anew and knows no session: load the page, which goes on where it was. Once in a while: who keeps no
    cookies would come here for ever. */
async function again() {
  const before = Number(remembered("again", sessionStorage));
  if (Date.now() - before < 10_000) throw new Refused(403, "The test needs a cookie, which this browser does not keep. Allow cookies for this page.");
  remember("again", Date.now(), sessionStorage);
  location.reload();
  await new Promise(() => {});
}

const pictures = new Map();

/** The picture at a place, ready to be painted; the one before the last is let go of. */
export function picture(place) {
  if (!pictures.has(place)) {
    pictures.set(place, load(place).catch((error) => { pictures.delete(place); throw error; }));
    pictures.delete(place - 3);
  }
  return pictures.get(place);
}

async function load(place) {
  for (let wait = 300; ; wait = Math.min(2 * wait, LONGEST)) {
    const answer = await fetch(`/room/${code}/shown/${place}`).catch(() => null);
    if (answer?.ok) return createImageBitmap(await answer.blob());
    if (answer?.status === 403) await again();
    if (answer && answer.status < 500) throw new Refused(answer.status, "The image cannot be shown; load the page again.");
    await new Promise((done) => { setTimeout(done, wait); });
  }
}
