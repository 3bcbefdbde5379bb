// What a learner writes, rates and hands over: the boxes of the capstone, and files for others.

// A file among the learner's downloads.
function download(name, text, type) {
  const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

const noted = (id) => book.get("guesses", id)?.guess ?? "";
const told = () => make("p", { className: "ac-verdict", role: "status" });

// Words of one's own, kept while they are written.
function textBox(card) {
  const area = make("textarea", { rows: 5 });
  const saved = savedLine("guesses", card.id);
  let waiting = 0;
  const keep = () => {
    clearTimeout(waiting);
    waiting = 0;
    if (area.value !== noted(card.id)) book.put("guesses", card.id, { guess: area.value });
  };
  area.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(keep, 600); });
  area.addEventListener("change", keep);
  own(area);
  const label = make("label", { className: "ac-text" }, make("strong", {}, card.prompt), make("span", {}, ...prose(card.ask)), area);
  return {
    node: make("section", { className: "ac-question" }, label, saved.node),
    show() {
      saved.update();
      if (!waiting && area.value !== noted(card.id)) area.value = noted(card.id);
    },
    end: () => { if (waiting) keep(); },
  };
}

// The rubric: 0, 1 or 2 points in each line.
function rubricBox(card) {
  const saved = savedLine("guesses", card.id);
  const lines = card.lines.map(({ key, title, levels }) => {
    const name = unique();
    const inputs = levels.map((level, i) => make("input", { type: "radio", name, value: String(i) }));
    inputs.forEach((input) => input.addEventListener("input", () =>
      book.put("guesses", card.id, { guess: { ...noted(card.id), [key]: Number(input.value) } })));
    own(...inputs);
    const labels = levels.map((level, i) => make("label", {}, inputs[i], make("span", {}, `${i}: ${level}`)));
    return { key, inputs, node: make("fieldset", {}, make("legend", {}, title), ...labels) };
  });
  const head = [make("p", { className: "ac-title" }, card.prompt), make("p", {}, card.ask)];
  return {
    node: make("section", { className: "ac-question" }, ...head, ...lines.map((line) => line.node), saved.node),
    show() {
      saved.update();
      for (const { key, inputs } of lines)
        inputs.forEach((input, i) => { input.checked = noted(card.id)[key] === i; });
    },
  };
}

const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const base64 = (text) => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));

// What stands in the capstone's boxes now: for people with marks to fill in the page, for programs as JSON.
function capstone(card, seed) {
  const marks = { seed }, open = [], answers = {}, argument = {}, points = noted("L12.points") || {};
  for (const [key, id] of Object.entries(card.numbers)) {
    const entry = book.get("guesses", id), given = entry?.guess ?? book.get("answers", id)?.answer ?? "";
    const number = readNumbers(String(given)).meant?.[0];
    const other = entry?.service !== undefined && String(entry.service) !== seed;
    const said = other ? `Worked out for service ${entry.service}, and not for this one.` : entry?.said ?? "";
    answers[key] = { question: id, answer: number ?? (given || null), state: null, slip: "", feedback: said };
    marks[key] = number?.toFixed(2) ?? (given || "open");
    marks[`${key}.said`] = said;
    if (!given) open.push(key);
  }
  for (const key of card.texts) {
    const text = noted(`L12.${key}`).trim();
    argument[key] = /^\.*$/.test(text) ? "" : text;
    marks[key] = argument[key] || "open";
    if (!argument[key]) open.push(key);
  }
  const rated = Object.fromEntries(card.lines.map((key) => [key, points[key] ?? null]));
  for (const key of card.lines) marks[`${key}.points`] = String(rated[key] ?? "");
  const data = JSON.stringify({ capstone: 1, seed: Number(seed), answers, argument, own_points: rated }, null, 1);
  const html = card.page.replace(/\[\[([\w.]+)\]\]/g, (mark, name) => escaped(marks[name] ?? mark))
    .replace(/(id="capstone">)[^]*?(<\/script>)/, (all, start, end) => `${start}\n${data.replaceAll("<", "\\u003c")}\n${end}`)
    .replace(/(base64,)[^"]*/, (all, start) => start + base64(data));
  return { html, open, all: open.length === card.texts.length + Object.keys(card.numbers).length };
}

function pageBox(card) {
  const input = make("input", { type: "text", inputMode: "numeric", autocomplete: "off", readOnly: card.service !== null });
  const button = make("button", { type: "button" }, "Export my page");
  const list = make("p"), said = told(), saved = savedLine("guesses", card.id);
  own(input, button);
  input.addEventListener("change", () => book.put("guesses", card.id, { guess: input.value.trim() }));
  button.addEventListener("click", () => {
    const seed = input.value.trim();
    if (!/^\d{1,18}$/.test(seed)) {
      said.textContent = "Type the number of your service first: the whole number that you chose for it.";
      return input.focus();
    }
    const { html, open, all } = capstone(card, seed);
    if (all) { said.textContent = "Nothing is saved yet: all four numbers and all five texts are open."; return; }
    download(`capstone-${seed}.html`, html, "text/html");
    const rest = open.length ? ` Still open: ${open.join(", ")}.` : "";
    const example = seed === String(card.example) ? ` ${seed} is the example's number, and others have it too.` : "";
    said.textContent = `Saved as capstone-${seed}.html among your downloads.${rest}${example}`;
  });
  return {
    node: make("section", { className: "ac-question" }, make("p", { className: "ac-title" }, card.prompt), make("p", {}, card.ask), list,
      make("label", {}, "The number of your service", input), make("div", { className: "ac-buttons" }, button), said, saved.node),
    show() {
      saved.update();
      if (document.activeElement !== input) input.value = card.service ?? noted(card.id);
      const numbers = Object.entries(card.numbers).map(([key, id]) =>
        `${key} ${noted(id) || (book.get("answers", id)?.answer ?? "open")}`);
      const words = card.texts.map((key) => `${key} ${/[^.\s]/.test(noted(`L12.${key}`)) ? "written" : "open"}`);
      list.textContent = `On your page: ${[...numbers, ...words].join(", ")}.`;
    },
  };
}

// The record of the whole folder as one file, under a code of one's own.
function handIn(card) {
  const KEY = "alliance-course-code";
  const read = () => { try { return localStorage.getItem(KEY) ?? ""; } catch { return ""; } };
  const keep = (code) => { try { localStorage.setItem(KEY, code); } catch { /* typed anew next time */ } };
  // letters and digits that nobody takes for one another
  const madeUp = () => Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => "ABCDEFGHKLMNPRSTUVWXYZ345679"[byte % 28]).join("");
  const plain = (code) => code.trim().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  const input = make("input", { type: "text", autocomplete: "off", spellcheck: false });
  const button = make("button", { type: "button" }, "Save my answers to hand in");
  const said = told();
  input.value = plain(read()) || madeUp();
  own(input, button);
  input.addEventListener("change", () => keep(plain(input.value)));
  button.addEventListener("click", () => {
    const whole = globalThis.allianceSite?.answers?.whole() ?? book.all();
    const [guesses, answers] = [whole.guesses, whole.answers].map((part) => Object.keys(part).length);
    if (!guesses && !answers) { said.textContent = "There is nothing to hand in yet: note a guess or answer a question first."; return; }
    const code = plain(input.value) || madeUp();
    input.value = code;
    keep(code);
    download(`answers-${code}.json`, `${JSON.stringify(whole, null, 1)}\n`, "application/json");
    said.textContent = `Saved as answers-${code}.json among your downloads, with ${guesses} guesses and ${answers} answers from all lessons. `
      + "Send this file the way your class does, and take the same code each time.";
    globalThis.dispatchEvent(new Event("alliance-course-saved"));
  });
  return {
    node: make("section", { className: "ac-question" }, make("p", {}, card.prompt), make("label", {}, "Your code", input),
      make("div", { className: "ac-buttons" }, button), said),
    show() {},
  };
}

Object.assign(CARDS, { handIn, text: textBox, rubric: rubricBox, page: pageBox });
