// A room that is being made ready: how far it is, until it is there or cannot be had.
import { hear } from "/static/studio.js";

const making = document.getElementById("making");
if (!making.hidden) {
  const reload = () => { source.close(); location.reload(); };
  const source = hear(making.dataset.eventsOf, {
    making: (text) => {
      const { doing, done, steps } = JSON.parse(text);
      document.getElementById("doing").textContent = doing;
      Object.assign(document.getElementById("done"), { max: steps, value: done });
    },
    ready: reload,
    count: reload, // a room's event: it was there before this page asked
    problem: (text) => {
      source.close();
      making.hidden = true;
      document.getElementById("problem").textContent = text;
      document.getElementById("failed").hidden = false;
    },
  });
}
