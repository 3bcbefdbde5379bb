// Code that runs where it stands. Python comes when somebody first wants it, in a thread of its own: the page stays usable.

const { make } = allianceSite;
const record = globalThis.allianceCourse;
const data = document.getElementById("cells");
// the code of the page in order: a text that runs unseen, or the number of a fold
const order = JSON.parse(data.textContent);
const folds = new Map();
let worker = null;
let ran = []; // the code that has run, place by place
let end = null;

const code = (cell) => (typeof cell === "string" ? cell : folds.get(cell).code());

function stop(why) {
  worker?.terminate();
  worker = null;
  ran = [];
  end?.({ failed: why });
}

function ask(message, tell) {
  return new Promise((done) => {
    end = (reply) => { end = null; done(reply); };
    if (!worker) {
      worker = new Worker("py/worker.js", { type: "module" });
      worker.addEventListener("error", (event) => { event.preventDefault(); stop(event.message || "its files cannot be read"); });
    }
    worker.onmessage = ({ data: reply }) => (reply.said ? tell(reply.said) : end?.(reply));
    worker.postMessage(message);
  });
}

function shown(entry) {
  if (entry.text !== undefined) return make("pre", { tabIndex: 0 }, entry.text.trimEnd());
  const held = make("template");
  held.innerHTML = entry.html;
  held.content.querySelectorAll("style, script").forEach((one) => one.remove());
  held.content.querySelectorAll("[style], table").forEach((one) => { one.removeAttribute("style"); one.removeAttribute("border"); });
  held.content.querySelectorAll("table").forEach((table) => {
    const frame = make("div", { className: "table" });
    table.replaceWith(frame);
    frame.append(table);
  });
  return held.content;
}

function inWords(error, number, places) {
  const at = error.line ? ` in line ${error.line}` : "";
  if (error.name === `Code ${number}`) return `It stopped${at}. ${error.said}`;
  const place = places.find(({ name }) => name === error.name);
  const what = typeof place.cell === "number" ? error.name : `What the page itself prepares (${place.code.split("\n")[0]})`;
  return `${what} runs before this one, and stopped${at}. ${error.said}`;
}

async function run(number, fold) {
  const place = order.indexOf(number);
  const places = order.slice(0, place + 1).map((cell, i) =>
    ({ cell, code: code(cell), name: typeof cell === "number" ? `Code ${cell}` : `before ${i}` }));
  const changed = places.findIndex((one, i) => ran[i] !== one.code);
  const from = changed === -1 ? place : changed;
  fold.wait(true);
  const { version, guesses, answers } = record.all();
  const message = { cells: places.slice(from).map(({ name, code: text }) => ({ name, code: text })),
    record: JSON.stringify({ version, guesses, answers }) };
  const reply = await ask(message, (said) => { fold.said.textContent = said; });
  fold.wait(false);
  if (reply.failed) {
    fold.said.textContent = reply.failed === "stopped" ? "Stopped. The next run starts Python anew."
      : `Python could not be started here (${reply.failed}). The saved results stand in the page.`;
    return;
  }
  ran.length = Math.min(ran.length, from);
  places.slice(from, from + reply.done).forEach((one) => ran.push(one.code));
  const mine = reply.error && reply.error.name !== `Code ${number}` ? [] : reply.shown;
  fold.out.replaceChildren(...mine.map(shown), ...Object.entries(reply.files ?? {}).map(([name, text]) => {
    const whole = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return make("p", {}, make("a", { href: URL.createObjectURL(new Blob([whole])), download: name }, `Save ${name}`));
  }));
  fold.said.textContent = reply.error ? inWords(reply.error, number, places)
    : mine.length ? "This is what it shows:" : "It ran. It shows nothing by itself.";
  record.merge(JSON.parse(reply.record));
}

function furnish(details) {
  const number = Number(details.dataset.code);
  const given = details.querySelector("code").textContent;
  const field = make("textarea", { value: given, rows: given.split("\n").length + 1, spellcheck: false, autocapitalize: "off", wrap: "off" });
  field.setAttribute("aria-label", `Code ${number}, to change as you like`);
  const go = make("button", { type: "button" }, "Run this here");
  const halt = make("button", { type: "button", hidden: true }, "Stop");
  const back = make("button", { type: "button", hidden: true }, "As it was");
  const said = make("p", { className: "said-here" });
  said.setAttribute("role", "status");
  const out = make("div", { className: "out" });
  const fold = {
    said, out,
    code: () => field.value,
    wait(on) {
      folds.forEach((other) => other.hold(on));
      halt.hidden = !on;
    },
    hold(on) { go.disabled = on; },
  };
  folds.set(number, fold);
  go.addEventListener("click", () => run(number, fold));
  halt.addEventListener("click", () => stop("stopped"));
  back.addEventListener("click", () => { field.value = given; back.hidden = true; field.focus(); });
  field.addEventListener("input", () => { back.hidden = field.value === given; });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || go.disabled) return;
    event.preventDefault();
    run(number, fold);
  });
  details.querySelector("pre").replaceWith(field);
  details.append(make("div", { className: "row" }, go, halt, back), said, out);
}

for (const details of document.querySelectorAll("details.code[data-code]")) {
  if (location.protocol.startsWith("http")) furnish(details);
  else details.append(make("p", {}, "Opened from a disk, a page cannot start Python: from a web address this code runs here."));
}
if (folds.size) {
  const first = folds.values().next().value;
  first.said.textContent = `The first run fetches Python, about ${data.dataset.size}. What you change here is not kept.`;
}
