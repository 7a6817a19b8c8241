// What a trial is: the truth whose hash is the page's. It keeps honest people honest (answer_key.py).
const truthOf = (quiz, trial) => {
  const known = quiz.truths.findIndex((_, truth) => {
    let digest = sha256(utf8(`${quiz.salt}:${trial}:${truth}`));
    for (let i = 0; i < quiz.rounds; i++) digest = sha256(digest);
    return hex(digest).startsWith(quiz.hashes[trial]);
  });
  const [source, right] = quiz.truths[known];
  return { source, right };
};

const codeOf = (result) => {
  const body = btoa(String.fromCharCode(...utf8(JSON.stringify(result)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  return `genlearn-quiz:${body}:${hex(sha256(utf8(body))).slice(0, 8)}.`;
};

// Markup: el("p", {class: "x"}, "text", child...). Texts are texts, whatever is in them.
const el = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
};

const percent = (x) => `${Math.round(100 * x)} %`;
const between = (s) => `[${Math.round(100 * s.low)}, ${Math.round(100 * s.high)}]`;
const decimal = (x) => x.toFixed(2).replace("-", "−");
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

const verdict = (s) => {
  const near = s.pEquivalent < 0.05, p = s.p < 0.001 ? "p < 0.001" : `p = ${s.p.toPrecision(1)}`;
  if (s.p < 0.05 && s.accuracy.value < 0.5) return `You were wrong more often than guessing is (${p}): the fakes looked more real to you than the real ones.`;
  if (s.p < 0.05) return `You can tell them apart (${p})${near ? ", if by less than ten points" : ""}.`;
  if (near) return "You could not tell them apart: your share lies within ten points of guessing, and chance alone seldom brings that.";
  return "That settles nothing yet: so few answers show neither that you can tell them apart nor that you cannot.";
};

const mount = (root) => {
  if (root.dataset.ready) return;
  root.dataset.ready = "yes";
  const quiz = JSON.parse(root.querySelector(".quiz-data").textContent);
  const stage = root.querySelector(".quiz-stage");
  const pair = quiz.kind === "pair", each = pair ? 2 : 1;
  const total = quiz.hashes.length - quiz.practice, answers = [], times = [], truth = [];
  const sheet = new Image();
  sheet.src = quiz.sheet;
  // Decoded once: an image that is decoded when it is its turn would add to the time of the answer.
  let pixels = null;
  const ready = sheet.decode().then(() => createImageBitmap(sheet)).then((bitmap) => { pixels = bitmap; });
  // Answers: value, its word, its keys. On the left what the left arrow gives.
  const choices = pair
    ? [{ value: 0, word: "A", keys: ["arrowleft", "a"] }, { value: 1, word: "B", keys: ["arrowright", "b"] }]
    : [{ value: 1, word: "Real", keys: ["arrowleft", "r"] }, { value: 0, word: "Fake", keys: ["arrowright", "f"] }];
  let judge = "", hiding = 0, answer = null; // answer: what an answer does now; null while there is nothing to answer

  const show = (...children) => { answer = null; stage.replaceChildren(...children.filter((child) => child !== null)); };
  const button = (word, act, kind = "") => el("button", { type: "button", class: `quiz-button ${kind}`, onclick: act }, word);

  const tile = (index, longest, label) => {
    const zoom = Math.max(1, Math.ceil(longest / Math.max(quiz.width, quiz.height)));
    const canvas = el("canvas", { width: quiz.width, height: quiz.height, role: "img", "aria-label": label });
    canvas.style.width = `${quiz.width * zoom}px`;
    if (zoom > 1) canvas.classList.add("quiz-pixels");
    canvas.paint = () => canvas.getContext("2d").drawImage(
      pixels, (index % quiz.columns) * quiz.width, Math.floor(index / quiz.columns) * quiz.height, quiz.width, quiz.height,
      0, 0, quiz.width, quiz.height);
    canvas.hide = () => canvas.getContext("2d").clearRect(0, 0, quiz.width, quiz.height);
    return canvas;
  };

  const start = () => {
    const name = el("input", { type: "text", maxlength: 60, autocomplete: "off" });
    const begin = () => { judge = name.value.trim(); trial(0); };
    const keys = pair ? "A and B, or the arrows, are keys for the two." : "R or the left arrow is the key for real, F or the right arrow for fake.";
    const lead = pair
      ? "You will see two images at a time. One is real, the other a model has made."
      : "You will see one image at a time. Half of them are real, the others a model has made.";
    const seen = quiz.limit ? ` ${pair ? "Both are" : "Each is"} shown for ${quiz.limit} s; the answer may take longer.` : "";
    const first = (quiz.practice ? `First ${quiz.practice} for practice: after each you are told what it was. ` : "") + `${quiz.practice ? "Then" : "There are"} ${total}; how you did, you are told at the end.`;
    show(
      el("p", { class: "quiz-question" }, lead),
      el("p", {}, first + " If you cannot tell, guess." + seen), el("p", { class: "quiz-soft" }, keys),
      el("label", { class: "quiz-name" }, "Your name, if you like: it goes into your result, which stays here until you send it.", name),
      button("Start", begin, "quiz-main"));
  };

  const trial = (index) => {
    const practising = index < quiz.practice;
    const asked = pair ? "Which one is real?" : "Real or fake?";
    const place = practising ? `Practice ${index + 1} of ${quiz.practice}` : `${index - quiz.practice + 1} of ${total}`;
    const tiles = [...Array(each).keys()].map((side) => tile(index * each + side, pair ? 224 : 288, pair ? `Image ${"AB"[side]}, ${place}` : `Image, ${place}`));
    const buttons = choices.map((choice) => button(choice.word, () => answer?.(choice.value)));
    const shown = pair
      ? tiles.map((canvas, side) => { canvas.addEventListener("click", () => answer?.(side)); return el("div", { class: "quiz-side" }, canvas, buttons[side]); })
      : [el("div", { class: "quiz-side" }, tiles[0], el("div", { class: "quiz-answers" }, ...buttons))];
    const told = el("div", { class: "quiz-told", role: "status" });
    show(
      el("p", { class: "quiz-place", role: "status" }, `${place}: ${asked.toLowerCase()}`),
      el("progress", { max: quiz.hashes.length, value: index, "aria-label": "Progress" }),
      el("div", { class: "quiz-images" }, ...shown), told);
    stage.focus({ preventScroll: true });
    const began = () => {
      tiles.forEach((canvas) => canvas.paint());
      const then = performance.now();
      if (quiz.limit) hiding = setTimeout(() => tiles.forEach((canvas) => canvas.hide()), 1000 * quiz.limit);
      answer = (value) => {
        answer = null;
        clearTimeout(hiding);
        if (practising) return practised(index, value, told, buttons, tiles);
        answers.push(value);
        times.push(Math.round(performance.now() - then));
        truth.push(truthOf(quiz, index));
        if (answers.length === total) finish(); else trial(index + 1);
      };
    };
    // A timed image has a blank before it, as the eye is still on the buttons.
    ready.then(
      () => (quiz.limit ? setTimeout(began, 400) : began()),
      () => { told.textContent = "The images cannot be shown: the page is damaged."; });
  };

  const practised = (index, value, told, buttons, tiles) => {
    const { source, right } = truthOf(quiz, index);
    tiles.forEach((canvas) => canvas.paint());
    buttons.forEach((one) => { one.disabled = true; });
    const what = pair ? `${"AB"[right]} is real, ${"BA"[right]} was made by ${quiz.sources[source]}` : source < 0 ? "it is real" : `${quiz.sources[source]} made it`;
    const last = index + 1 === quiz.practice;
    const next = button(last ? `Now the ${total}` : "Next", () => trial(index + 1), "quiz-main");
    told.append(el("p", { class: value === right ? "quiz-right" : "quiz-wrong" }, `${value === right ? "Right" : "No"}: ${what}.`), next);
    next.focus({ preventScroll: true });
  };

  const finish = () => {
    const result = summarize(quiz.kind, quiz.sources, truth, answers);
    const { accuracy, detection: d, models, firstSide } = result;
    const lean = pair ? null : el("p", {}, `You called ${percent(d.hits.value)} of the real images real, and ${percent(d.alarms.value)} of the fakes.`);
    const side = firstSide ? el("p", {}, `In ${count(firstSide.n, "pair", "pairs")} both were real, so that no answer was right: you chose A in ${firstSide.count}.`) : null;
    show(
      el("p", { class: "quiz-question" }, `You were right ${accuracy.count} of ${accuracy.n}: ${percent(accuracy.value)} ${between(accuracy)}. Guessing gives 50 %.`),
      el("p", {}, verdict(result)),
      el("p", {}, `d′ = ${decimal(d.d)} [${decimal(d.low)}, ${decimal(d.high)}]: how well you tell them apart, whatever you like to answer; 0 for who cannot, 1 for a hunch, 3 for who hardly errs.`),
      lean, side, byModel(models), el("p", { class: "quiz-soft" }, "In brackets: 95 % intervals."), ...galleries(), sending());
    stage.focus({ preventScroll: true });
  };

  const byModel = (models) => el("div", { class: "scroll" }, el("table", { class: "quiz-models" },
    el("thead", {}, el("tr", {}, ...["Model", "Shown", "Fooled you", "95 %"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...models.filter((m) => m.fooled.n).map((m) => el("tr", {}, el("th", { scope: "row" }, m.name),
      el("td", {}, m.fooled.n), el("td", {}, `${m.fooled.count} (${percent(m.fooled.value)})`), el("td", {}, between(m.fooled)))))));

  const galleries = () => {
    const wrong = truth.map((one, i) => ({ ...one, i })).filter((one) => one.right !== null && answers[one.i] !== one.right);
    const of = (some, title, caption) => some.length ? [el("h3", {}, title), el("div", { class: "quiz-gallery" }, ...some.map((one) => {
      const index = (one.i + quiz.practice) * each + (pair ? 1 - one.right : 0);
      const canvas = tile(index, 96, `${caption(one)}, number ${one.i + 1}`);
      canvas.paint();
      return el("figure", {}, canvas, el("figcaption", {}, caption(one)));
    }))] : [];
    return [
      ...of(wrong.filter((one) => one.source >= 0), "Fake, and you took it for real", (one) => quiz.sources[one.source]),
      ...of(wrong.filter((one) => one.source < 0), "Real, and you took it for fake", () => "real")];
  };

  const sending = () => {
    const sitting = hex(crypto.getRandomValues(new Uint8Array(8)));
    const code = codeOf({ quiz: quiz.id, sitting, judge, answers: answers.join(""), ms: times });
    const area = el("textarea", { readonly: true, rows: 4, class: "quiz-code", onfocus: () => area.select() });
    area.value = code;
    const told = el("span", { role: "status", class: "quiz-soft" });
    const copy = async () => {
      area.select();
      const done = await navigator.clipboard?.writeText(code).then(() => true, () => false);
      told.textContent = done ? "Copied." : "It is selected: copy it with your keyboard.";
    };
    return el("div", { class: "quiz-send" }, el("label", {}, "Your result, to send to whoever asks for it", area), button("Copy", copy), told);
  };

  // Keys count while the quiz has the focus, so that the rest of a page keeps its own.
  stage.addEventListener("keydown", (event) => {
    if (!answer || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const choice = choices.find((one) => one.keys.includes(event.key.toLowerCase()));
    if (!choice) return;
    event.preventDefault();
    answer(choice.value);
  });

  start();
};

window.genlearnQuiz = { mount, summarize };
document.querySelectorAll(".quiz").forEach(mount);
