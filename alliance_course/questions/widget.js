// One question: a fieldset of native controls, a button, and a status line that screen readers announce.

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Words between `backticks` become code and *stressed* ones stress; the rest stays text, never markup.
function prose(text) {
  const tags = { "`": "code", "*": "em" };
  return text.split(/(`[^`]+`|\*\w[^*]*\*)/).map((part, i) =>
    i % 2 ? make(tags[part[0]], {}, part.slice(1, -1)) : part);
}

// Each view needs a name of its own: the same question may be shown twice on a page.
const unique = () => Math.random().toString(36).slice(2);

// Each kind of control: the nodes to show, what is chosen now ("" for nothing), how to show a stored value.
function choices(spec, name) {
  const type = spec.kind === "choices" ? "checkbox" : "radio";
  const inputs = spec.options.map(({ key }) => make("input", { type, name, value: key }));
  const nodes = spec.options.map(({ key, text }, i) =>
    make("label", {}, inputs[i], make("span", {}, `${key}) `, ...prose(text))));
  return {
    nodes, inputs,
    read: () => inputs.filter((input) => input.checked).map((input) => input.value).join(""),
    show: (value) => inputs.forEach((input) => { input.checked = value.includes(input.value); }),
    empty: type === "radio" ? "Choose one answer first." : "Choose at least one answer first.",
  };
}

function slider(spec) {
  const input = make("input", { type: "range", min: spec.minimum, max: spec.maximum, step: spec.step });
  input.value = spec.start;
  const shown = make("output");
  const unit = spec.unit ? ` ${spec.unit}` : "";
  let moved = false;
  const update = () => {
    shown.textContent = `${input.value}${unit}`;
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => { moved = true; update(); });
  update();
  return {
    nodes: [make("label", {}, "Your guess", input, shown)], inputs: [input],
    read: () => (moved ? input.value : ""),
    show: (value) => { input.value = value; moved = true; update(); },
    empty: "Move the slider to your guess first.",
  };
}

function number() {
  const input = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
  return {
    nodes: [make("label", {}, "Your answer", input)], inputs: [input],
    read: () => input.value.trim(),
    show: (value) => { input.value = value; },
    empty: "Type a number first.",
  };
}

function render({ model, el }) {
  const spec = model.get("spec");
  const kinds = { slider, number, choice: choices, choices };
  const control = kinds[spec.kind](spec, `ac-${unique()}`);
  const button = make("button", { type: "button" }, spec.button);
  const status = make("p");
  status.setAttribute("role", "status");
  const code = spec.code ? [make("pre", {}, make("code", {}, spec.code.trim()))] : [];
  const field = make("fieldset", { className: "ac-question" },
    make("legend", {}, ...prose(spec.prompt)), ...code, ...control.nodes, button, status);

  // Else JupyterLab takes the arrow keys and letters; it looks for this on the focused element itself.
  [...control.inputs, button].forEach((node) => node.setAttribute("data-lm-suppress-shortcuts", "true"));

  const say = (text) => status.replaceChildren(...prose(text));
  const lock = (value) => {
    control.show(value);
    [...control.inputs, button].forEach((node) => { node.disabled = true; });
    say(`${spec.done} ${model.get("reply")}`);
  };
  const answered = (value) => {
    const known = (spec.feedback ?? {})[value];
    say(`${known ?? ""} ${model.get("reply")}`.trim());
  };
  const submit = () => {
    const value = control.read();
    if (!value) return say(control.empty);
    const again = value === model.get("answer");
    if (!again) model.set({ answer: value, reply: "" });
    if (spec.done) lock(value);
    else if (spec.feedback?.[value] || again) answered(value);
    else say("The running notebook checks this. If nothing follows, run the cell again.");
    model.save_changes();
  };
  const replied = () => {
    if (!model.get("reply")) return;
    if (spec.done) lock(model.get("answer"));
    else answered(model.get("answer"));
  };
  button.addEventListener("click", submit);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.type === "text") submit();
  });
  model.on("change:reply", replied);
  const hide = `.${spec.still}, .jp-OutputArea-child:has(.${spec.still}) { display: none; }`;
  el.replaceChildren(make("style", {}, hide), field);
  const before = spec.noted ?? model.get("answer");
  if (before && spec.done) lock(before);
  else if (before) { control.show(before); answered(before); }
  return () => model.off("change:reply", replied);
}

export default { render };
