"use strict";
(() => {
  // Frames: one is seen at a time, chosen by the dial; without this script all of them stand there.
  for (const frames of document.querySelectorAll("[data-frames]")) {
    const dial = frames.querySelector(".dial");
    const input = dial.querySelector("input");
    const output = dial.querySelector("output");
    const all = [...frames.querySelectorAll(":scope > .frame")];
    const show = () => {
      const at = Number(input.value);
      all.forEach((frame, i) => { frame.hidden = i !== at; });
      output.textContent = all[at].dataset.label;
      input.setAttribute("aria-valuetext", all[at].dataset.label);
    };
    frames.classList.add("live");
    dial.hidden = false;
    input.addEventListener("input", show);
    show();
  }
})();
