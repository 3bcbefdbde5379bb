// The cards of a lesson: questions, guesses, labels, and what follows from them. Native controls,
// one status line that screen readers announce, and a line that says whether it is saved.

function make(tag, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Words between `backticks` become code and *stressed* ones stress; the rest stays text, never markup.
function prose(text) {
  const tags = { "`": "code", "*": "em" };
  return text.split(/(`[^`]+`|\*\w[^*]*\*)/).map((part, i) =>
    i % 2 ? make(tags[part[0]], {}, part.slice(1, -1)) : part);
}

const book = globalThis.allianceCourse;
// Each view needs a name of its own: the same question may be shown twice on a page.
const unique = () => `ac-${Math.random().toString(36).slice(2)}`;

const own = (...nodes) => nodes.forEach((node) => node.setAttribute(KEEPS_KEYS, "true"));

// The order of options differs between learners, and stays the same for one.
function shuffled(options, id) {
  let seed;
  try {
    seed = localStorage.getItem("alliance-course-order") ?? String(Math.random());
    localStorage.setItem("alliance-course-order", seed);
  } catch {
    seed = "0";
  }
  const rank = ({ key }) => {
    let hash = 2166136261;
    for (const letter of seed + id + key) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
    hash ^= hash >>> 15;
    return Math.imul(hash, 0x2c1b3c6d) >>> 0;
  };
  return [...options].sort((one, other) => rank(one) - rank(other));
}

// Each kind of control: the nodes to show, what is chosen now ("" for nothing), how to show a stored value.
function choices(card, name) {
  const type = card.kind === "choices" ? "checkbox" : "radio";
  const options = card.shuffle ? shuffled(card.options, card.id) : card.options;
  const inputs = options.map(({ key }) => make("input", { type, name, value: key }));
  const nodes = options.map(({ key, text }, i) =>
    make("label", {}, inputs[i], make("span", {}, card.shuffle ? "" : `${key}) `, ...prose(text))));
  return {
    nodes, inputs,
    read: () => inputs.filter((input) => input.checked).map((input) => input.value).sort().join(""),
    show: (value) => inputs.forEach((input) => { input.checked = value.includes(input.value); }),
    empty: type === "radio" ? "Choose one answer first." : "Choose at least one answer first.",
  };
}

function words(card, name) {
  const inputs = card.options.map(({ key }) => make("input", { type: "radio", name, value: key }));
  const nodes = card.options.map(({ key, text }, i) =>
    make("label", {}, inputs[i], make("span", {}, make("strong", {}, key), `: ${text}`)));
  return {
    nodes, inputs,
    read: () => inputs.find((input) => input.checked)?.value ?? "",
    show: (value) => inputs.forEach((input) => { input.checked = value === input.value; }),
    empty: "Choose one label first.",
  };
}

function slider(card) {
  const input = make("input", { type: "range", min: card.minimum, max: card.maximum, step: card.step });
  input.value = card.start;
  const shown = make("output");
  const unit = card.unit ? ` ${card.unit}` : "";
  let moved = false;
  const update = () => {
    shown.textContent = moved ? `${input.value}${unit}` : "move it";
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => { moved = true; update(); });
  update();
  return {
    nodes: [make("label", {}, "Your guess", input, shown)], inputs: [input],
    read: () => (moved ? input.value : ""),
    show: (value) => { input.value = value; moved = value !== ""; update(); },
    empty: "Move the slider to your guess first.",
  };
}

function number({ service }) {
  const input = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
  return {
    nodes: [make("label", {}, service ? `Your answer for service ${service}` : "Your answer", input)], inputs: [input],
    read: () => input.value.trim(),
    show: (value) => { input.value = value; },
    empty: "Type a number first.",
  };
}

const CONTROLS = { slider, number, choice: choices, choices, label: words };

const STATES = {
  right: ["\u2713", "Right", "right"],
  "near miss": ["\u25d0", "Partly", "partly"],
  misunderstanding: ["\u2717", "Not yet", "wrong"],
  "not yet": ["\u2717", "Not yet", "wrong"],
  kind: ["\u25cb", "Nothing to check", "empty"],
  empty: ["\u25cb", "Nothing chosen", "empty"],
  noted: ["\u270e", "Noted", "noted"],
  open: ["\u25cb", "Not copied", "empty"],
};

// The verdict: a mark, a word and a colour, then the sentence, all in one announced line.
function verdict() {
  const node = make("p", { className: "ac-verdict" });
  node.setAttribute("role", "status");
  return {
    node,
    say(state, text) {
      const [sign, word, look] = STATES[state];
      node.className = `ac-verdict ac-is-${look}`;
      const rest = text.replace(new RegExp(`^${word}\\. `), "");
      node.replaceChildren(make("span", { className: "ac-sign", ariaHidden: "true" }, sign),
        make("strong", {}, `${word}. `), ...prose(rest));
    },
    clear() { node.className = "ac-verdict"; node.replaceChildren(); },
  };
}

const SAVED = { saved: "\u2713 ", waiting: "\u2026 ", failed: "! " };
function savedLine(part, id) {
  const node = make("p", { className: "ac-saved" });
  node.setAttribute("aria-live", "polite");
  const update = () => {
    if (!book.get(part, id)) return node.replaceChildren();
    const { state, text } = book.status(part, id);
    const said = SAVED[state] + text;
    if (node.textContent === said) return;
    node.className = `ac-saved ac-is-${state}`;
    node.textContent = said;
  };
  return { node, update };
}

function hints(card) {
  const list = make("ol", { className: "ac-hints" });
  const button = make("button", { type: "button", className: "ac-quiet" });
  let shown = 0;
  const label = () => { button.textContent = `Hint ${shown + 1} of ${card.hints.length}`; };
  button.addEventListener("click", () => {
    list.append(make("li", { tabIndex: -1 }, ...prose(card.hints[shown])));
    shown += 1;
    if (shown < card.hints.length) label();
    else { button.hidden = true; list.lastChild.focus(); }
  });
  label();
  list.setAttribute("aria-live", "polite");
  own(button);
  return { button, list };
}

// Lines to copy; where dots stand in them, one chooses what goes there.
function codeWithCopy({ code: lines, blanks, name }, tell) {
  const button = make("button", { type: "button", className: "ac-quiet ac-copy" }, "Copy");
  const parts = blanks ? lines.trim().split(/"\.{3}"|\.{3}/) : [lines.trim()];
  const selects = (blanks ?? []).map((choices, i) => make("select", { ariaLabel: `In place of the dots, ${i + 1} of ${blanks.length}` },
    make("option", { value: "" }, "..."), ...choices.map((text) => make("option", { value: text }, text))));
  const code = make("code", {}, ...parts.flatMap((part, i) => (i ? [selects[i - 1], part] : [part])));
  button.addEventListener("click", async () => {
    const open = selects.filter((select) => !select.value).length;
    if (open) return tell(`${open === 1 ? "One place is" : `${open} places are`} still open: choose what stands there, then copy.`);
    const chosen = parts.reduce((text, part, i) => text + selects[i - 1].value + part);
    const text = blanks ? `${chosen}\nround(${name}, 2)` : chosen;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      code.replaceChildren(text);
      getSelection().selectAllChildren(code);
      button.textContent = "Selected: press Ctrl and C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  own(button, ...selects);
  return make("div", { className: "ac-code" }, make("pre", { tabIndex: 0 }, code), button);
}

// A question that is checked, or a guess that is noted.
function question(card) {
  const control = CONTROLS[card.kind](card, unique());
  const part = card.guess ? "guesses" : "answers";
  const button = make("button", { type: "button" }, card.guess ? "Note my guess" : "Check");
  const again = make("button", { type: "button", className: "ac-quiet", hidden: true }, "Change my guess");
  // a number of the capstone is judged where its service could be made, and kept in any case
  const yours = "service" in card;
  const said = verdict(), saved = savedLine(yours ? "guesses" : part, card.id);
  const hint = card.hints?.length ? hints(card) : null;
  const field = make("fieldset", { className: card.compact ? "ac-question ac-compact" : "ac-question" },
    make("legend", {}, ...prose(card.prompt)), ...(card.code ? [codeWithCopy(card, (text) => said.say("open", text))] : []), ...control.nodes,
    make("div", { className: "ac-buttons" }, button, again, ...(hint ? [hint.button] : [])), said.node, saved.node, ...(hint ? [hint.list] : []));
  own(...control.inputs, button, again);

  let touched = false, locked = false;
  const lock = (on) => {
    locked = on;
    // readable and in the order of the Tab key, but not to be changed
    for (const node of [...control.inputs, button]) node.setAttribute("aria-disabled", String(on));
    again.hidden = !on || Boolean(book.get(part, card.id)?.seen);
    field.classList.toggle("ac-locked", on);
  };
  const show = () => {
    saved.update();
    const entry = book.get(part, card.id);
    if (yours && !touched && !control.read()) control.show(book.get("guesses", card.id)?.guess ?? entry?.answer ?? "");
    if (!entry || touched || yours) return;
    if (card.guess) {
      control.show(String(entry.guess));
      lock(true);
      if (!said.node.textContent) said.say("noted", "Noted. You will see it again beside the result.");
    } else if (entry.answer && !said.node.textContent) {
      const found = judge(card, entry.answer);
      control.show(entry.answer);
      said.say(found.state, points(card, found));
    }
  };
  const submit = () => {
    if (locked) return;
    const value = control.read();
    if (!value) return said.say("empty", control.empty);
    touched = false;
    if (card.guess) {
      book.put(part, card.id, { guess: card.kind === "slider" ? Number(value) : value });
      said.say("noted", "Noted. You will see it again beside the result.");
      return;
    }
    const found = judge(card, value);
    said.say(found.state, points(card, found));
    if (found.state === "kind") return;
    if (yours) book.put("guesses", card.id, { guess: value, ...(card.table && { said: found.text, service: card.service }) });
    if (found.state !== "noted") book.answer(card.id, found, value);
  };
  button.addEventListener("click", submit);
  again.addEventListener("click", () => { touched = true; lock(false); said.clear(); control.inputs[0].focus(); });
  for (const input of control.inputs) {
    const hold = (event) => { if (locked) event.preventDefault(); };
    for (const kind of ["click", "pointerdown", "keydown"])
      input.addEventListener(kind, (event) => { if (kind !== "keydown" || event.key !== "Tab") hold(event); });
    input.addEventListener("input", () => {
      if (locked) return control.show(String(book.get(part, card.id).guess));
      touched = true; // an old verdict is not about a new choice
      said.clear();
    });
  }
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "text" && !event.shiftKey && !event.ctrlKey) submit();
  });
  return { node: field, show };
}

const SHARE = { right: 1, "near miss": 0.5 };
const points = (card, { state, text, hint }) => [text, hint,
  card.points ? `Points: ${card.points * (SHARE[state] ?? 0)} of ${card.points}.` : ""].filter(Boolean).join(" ");

// What was guessed, beside what came out; it follows the guess, also while one reads.
function again(card) {
  const list = card.items.map((item) => ({ item, node: make("p") }));
  const title = make("p", { className: "ac-title" }, "Your guess, again");
  const node = make("section", { className: "ac-question" }, title, ...list.map((one) => one.node));
  node.setAttribute("aria-label", "Your guess, again");
  const text = ({ id, kind, guessed, near, result, reveal }) => {
    const guess = book.get("guesses", id)?.guess;
    if (guess === undefined) return `You did not note a guess this time, and that is fine. ${reveal}`;
    if (kind !== "slider") return `${guessed[guess] ?? `You guessed ${guess}.`} ${reveal}`;
    const close = Math.abs(guess - result) <= near ? " That is close." : "";
    return `${guessed.replace("{guess}", String(Math.round(guess)))}${close} ${reveal}`;
  };
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const { id } = list.find((one) => one.node === target).item;
      const entry = book.get("guesses", id);
      if (isIntersecting && entry && !entry.seen) book.put("guesses", id, { ...entry, seen: true });
    }
  }, { threshold: 0.9 });
  list.forEach((one) => watch.observe(one.node));
  return {
    node,
    show() {
      for (const { item, node } of list) {
        const said = text(item);
        if (node.textContent === said) continue;
        node.replaceChildren(...prose(said));
        watch.unobserve(node); // asked anew whether it is in sight
        watch.observe(node);
      }
    },
    end: () => watch.disconnect(),
  };
}

const CARDS = { again };

// A line of text after a task that is answered in its card ("not tried yet") would say less than the card.
function hideLine(el, stop) {
  const after = el.closest(".jp-OutputArea-child")?.nextElementSibling;
  if (after?.querySelector('[data-mime-type="text/markdown"], [data-mime-type="text/plain"]')) hideWhileDrawn(after, stop);
}

// The entries of the list at the end that a link like "Okafor et al., 2018" means.
globalThis.allianceSources = (link) => {
  const scope = link.closest(".jp-Notebook") ?? document;
  const list = [...scope.querySelectorAll("h2")].find(({ textContent }) => textContent.startsWith("References"));
  const [, first, year = ""] = /^(.+?)(?: et al\.| & .*| and .*)?(?:, (.+))?$/.exec(link.textContent.trim()) ?? [];
  if (!list || !first) return [];
  const entries = [...scope.querySelectorAll("li")].filter((entry) =>
    list.compareDocumentPosition(entry) & Node.DOCUMENT_POSITION_FOLLOWING && !entry.closest("details") && entry.textContent.includes(year));
  const named = entries.filter(({ textContent }) => textContent.trim().startsWith(first));
  return named.length ? named : entries.filter(({ textContent }) => textContent.includes(first));
};

function render({ model, el }) {
  const { cards, terms } = model.get("spec");
  globalThis.allianceMeanings?.(terms);
  const parts = cards.map((card) => (CARDS[card.kind] ?? question)(card));
  const root = make("div", { className: "ac-cards" }, ...parts.map((part) => part.node));
  el.replaceChildren(root);
  const show = () => parts.forEach((part) => part.show());
  show();
  const stop = [book.subscribe(show), book.kernel(model), ...parts.map((part) => part.end ?? (() => {}))];
  letEnterThrough(root, stop);
  oncePlaced(root, stop, () => {
    hideStill(el, stop);
    allianceSigns(el.closest(".jp-Notebook") ?? root);
    if (cards.some((card) => card.points)) hideLine(el, stop);
  });
  return () => stop.splice(0).forEach((end) => end());
}

export default { render };
