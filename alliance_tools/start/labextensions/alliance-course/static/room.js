// The reading room: a notebook of the course is a page to read, with its code folded, and the whole of
// JupyterLab one click away. Other notebooks look as JupyterLab has them.

const SHOWN = "alliance-course-show-code";
const SINGLE = "single-document";
const HOME = "home-text";
const memory = {
  read(key) { try { return localStorage.getItem(key); } catch { return null; } },
  write(key, value) { try { localStorage.setItem(key, value); } catch { /* for now only */ } },
};
// what the last call of a cell does; a comment on its first line says it better
const DOES = {
  predict: "asks for your guess", ask: "asks the questions", check: "checks your answer", mark: "marks your answer",
  revisit: "puts your guess beside the result", explore: "draws the picture that you move", play: "draws the picture that you move",
  label: "shows what to label", compare: "compares your labels with the key", show: "lists what studies found",
  plot: "draws the picture", caption: "draws the picture", take: "takes your answers", load: "reads the clinic's data",
  simulate: "simulates clients",
};
const open = new WeakSet(); // cells that wait for what the learner writes
const TO_FILL_IN = /[=:] *(\.\.\.|"""\.\.\.""")/;

function label(source) {
  const comment = /^# *(.+)/.exec(source);
  if (comment) return `Code: ${comment[1]}`;
  if (source.endsWith("hand_in()")) return "Code that saves your answers as a file";
  if (source.endsWith("home()")) return "Code that draws your way through the course";
  if (/^answer_\d+ *=/.test(source)) return "Answer in code instead";
  if (TO_FILL_IN.test(source)) return "Yours to fill in";
  const calls = [...source.matchAll(/\bac\.([a-z]+)/g)].map((found) => DOES[found[1]]).filter(Boolean);
  if (calls.length) return `Code that ${calls.at(-1)}`;
  const brings = source.split("\n").every((line) => /^(from|import) |^ *(#|$)/.test(line));
  return brings ? "Code that opens the course" : "Code that works this out";
}

// the line above the text, which leads home, is the mark of the course's own notebooks
const ours = (panel) => {
  const first = panel.content.model?.cells.get(0);
  return Boolean(first) && (first.id === HOME || first.sharedModel.getSource().startsWith("[Home](../Home.ipynb)"));
};

function button(text, act) {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = text;
  node.addEventListener("click", act);
  return node;
}

function fold(cell, shown) {
  const source = cell.model.sharedModel.getSource();
  if (cell.model.type !== "code" || !source.trim() || cell.node.querySelector(":scope > .ac-fold")) return;
  const node = button(label(source), () => { cell.inputHidden = !cell.inputHidden; });
  node.className = "ac-fold";
  node.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes Enter for its own
  const say = () => {
    node.setAttribute("aria-expanded", String(!cell.inputHidden));
    cell.node.classList.toggle("ac-folded", cell.inputHidden);
  };
  cell.handleInputHidden = say; // JupyterLab calls it after each change, whoever made it
  cell.node.prepend(node);
  if (TO_FILL_IN.test(source) && !/^answer_\d/.test(source)) open.add(cell);
  cell.inputHidden = !shown && !open.has(cell);
  say();
  cell.ready.then(() => cell.editor?.setOption("lineWrap", true)); // no line ends out of sight
  cell.model.stateChanged.connect((model, { name, newValue }) => {
    if (name === "executionState") node.classList.toggle("ac-runs", newValue === "running");
  });
  // what went wrong can only be understood beside its code
  cell.outputArea?.model.changed.connect((outputs) => {
    for (let k = 0; k < outputs.length; k++) if (outputs.get(k).type === "error") cell.inputHidden = false;
  });
}

// Tables as pandas and Markdown write them: an empty corner is no heading, and one that is wider than the page is
// moved by the keyboard as well. Editors have no name of their own.
function mend(notebook) {
  globalThis.allianceSigns?.(notebook);
  for (const code of notebook.querySelectorAll(".cm-content:not([aria-label])")) code.setAttribute("aria-label", "Code");
  for (const corner of notebook.querySelectorAll("th:empty")) corner.replaceWith(document.createElement("td"));
  for (const output of notebook.querySelectorAll(".jp-RenderedHTML, .jp-RenderedText, .jp-RenderedMarkdown")) {
    const wide = output.scrollWidth > output.clientWidth;
    if (wide === output.hasAttribute("tabindex")) continue;
    const told = { tabindex: "0", role: "group", "aria-label": "Wider than the page: scrolls sideways", "data-lm-suppress-shortcuts": "true" };
    for (const [name, value] of Object.entries(told)) wide ? output.setAttribute(name, value) : output.removeAttribute(name);
  }
}

// A lesson opens at its top. Somebody who was further down is told the section, and led there.
function leadBack({ content, context }) {
  const key = `alliance-course-place-${context.path}`, page = content.outerNode;
  const known = memory.read(key);
  const at = content.widgets.findIndex(({ model }) => model.id === known);
  const texts = content.widgets.slice(0, at + 1).filter(({ model }) => model.type === "markdown");
  const heading = texts.map(({ model }) => /^##? (.+)/m.exec(model.sharedModel.getSource())?.[1]).findLast(Boolean);
  let waits = false;
  page.addEventListener("scroll", () => {
    if (waits) return;
    waits = true;
    setTimeout(() => {
      waits = false;
      const top = page.getBoundingClientRect().top + 40;
      const now = content.widgets.find(({ node }) => node.isConnected && node.getBoundingClientRect().bottom > top);
      if (now) memory.write(key, now.model.id);
    }, 300);
  }, { passive: true });
  if (at < 4 || !heading) return null;
  const back = button(`Go on at \u201c${heading}\u201d`, () => {
    content.scrollToItem(at, "start");
    content.activeCellIndex = at;
    back.style.display = "none";
  });
  return back;
}

// paper has nothing to unfold; the answers of an explorer's questions stay folded
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll(".ac-room:not(.lm-mod-hidden) details:not([open], .ac-explorer *)")];
  unfolded.forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => unfolded.splice(0).forEach((one) => { one.open = false; }));

// Shift and Enter on the line above code runs the cell, as everywhere
addEventListener("keydown", ({ key, target, shiftKey, ctrlKey, altKey, metaKey }) => {
  if (key !== "Enter" || !(shiftKey || ctrlKey || altKey || metaKey) || !target.matches?.(".ac-fold")) return;
  delete target.dataset.lmSuppressShortcuts;
  setTimeout(() => { target.dataset.lmSuppressShortcuts = "true"; });
}, true);

export default function activate(app, Widget) {
  const rooms = new Set();
  let shown = memory.read(SHOWN) === "yes";

  function switchAll() {
    shown = !shown;
    memory.write(SHOWN, shown ? "yes" : "no");
    for (const { panel, code } of rooms) {
      code.setAttribute("aria-pressed", String(shown));
      for (const cell of panel.content.widgets) if (cell.node.querySelector(":scope > .ac-fold")) cell.inputHidden = !shown && !open.has(cell);
    }
  }

  // side bars are in the way of a page; all of JupyterLab has them again
  function arrange() {
    const single = app.shell.mode === SINGLE;
    for (const side of ["left", "right"])
      if (rooms.size && app.shell.isSideTabBarVisible?.(side) === single) app.shell.toggleSideTabBarVisibility(side);
    if (single && rooms.size) { app.shell.collapseLeft(); app.shell.collapseRight(); }
    for (const { whole } of rooms) whole.textContent = single ? "All of JupyterLab" : "Reading room";
  }

  function furnish(panel) {
    const code = button("Show all code", switchAll);
    code.setAttribute("aria-pressed", String(shown));
    const whole = button("", () => app.commands.execute("application:toggle-mode"));
    const room = { panel, code, whole };
    const tools = [["code", code], ["print", button("Print", () => print())], ["whole", whole]];
    const back = leadBack(panel);
    if (back) tools.unshift(["back", back]);
    tools.forEach(([name, node], place) => {
      node.className = "ac-tool";
      panel.toolbar.insertItem(place, `alliance-${name}`, new Widget({ node }));
    });
    panel.addClass("ac-room");
    for (const cell of panel.content.widgets) fold(cell, shown);
    let asked = 0;
    const later = () => { cancelAnimationFrame(asked); asked = requestAnimationFrame(() => mend(panel.content.node)); };
    // what an explorer writes at each move has nothing to mend
    const changed = (changes) => changes.every(({ target }) => target.closest(".ac-explorer")) || later();
    const seen = [new MutationObserver(changed), new ResizeObserver(later)];
    seen[0].observe(panel.content.node, { childList: true, subtree: true });
    seen[1].observe(panel.content.node);
    rooms.add(room);
    panel.disposed.connect(() => { rooms.delete(room); seen.forEach((one) => one.disconnect()); });
    arrange();
  }

  app.docRegistry.addWidgetExtension("Notebook", {
    createNew(panel, context) {
      context.ready.then(() => { if (!panel.isDisposed && ours(panel)) furnish(panel); });
      return { dispose() {}, isDisposed: false };
    },
  });
  app.restored.then(() => {
    new MutationObserver(arrange).observe(app.shell.node, { attributeFilter: ["data-shell-mode"] });
  });
}
