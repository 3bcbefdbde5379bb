// What cards and explorers do alike with the page around them; each undoes it through `stop`.

// without this on the very element, JupyterLab takes letters and arrow keys for commands of its own
const KEEPS_KEYS = "data-lm-suppress-shortcuts";

// Shift, Ctrl, Alt or Cmd with Enter runs a cell: JupyterLab listens for it on the document, so that the
// window comes before it. Letters and arrows stay with the control.
function letEnterThrough(root, stop) {
  const listen = ({ key: pressed, target, shiftKey, ctrlKey, altKey, metaKey }) => {
    if (pressed !== "Enter" || !(shiftKey || ctrlKey || altKey || metaKey) || !root.contains(target)) return;
    const holder = target.closest(`[${KEEPS_KEYS}]`);
    holder?.removeAttribute(KEEPS_KEYS);
    setTimeout(() => holder?.setAttribute(KEEPS_KEYS, "true"));
  };
  window.addEventListener("keydown", listen, true);
  stop.push(() => window.removeEventListener("keydown", listen, true));
}

// A widget is drawn before it has its place in the page.
function oncePlaced(root, stop, act) {
  const placed = new ResizeObserver(() => {
    if (!root.offsetWidth) return;
    placed.disconnect();
    act();
  });
  placed.observe(root);
  stop.push(() => placed.disconnect());
}

function hideWhileDrawn(node, stop) {
  const display = node.style.display;
  node.style.display = "none";
  stop.push(() => { node.style.display = display; });
}

// The still stands just before for pages without widgets; beside the widget it would be double.
function hideStill(el, stop) {
  let node = el.closest(".jp-OutputArea-child") ?? el;
  while (!node.previousElementSibling && node.parentElement !== document.body) node = node.parentElement;
  const before = node.previousElementSibling;
  const stills = before?.matches(".ac-still") ? [before] : before?.querySelectorAll(".ac-still") ?? [];
  if (stills.length !== 1) return;
  const [still] = stills;
  still.hidden = true;
  stop.push(() => { still.hidden = false; });
  hideWhileDrawn(still.closest(".jp-OutputArea-child") ?? still, stop); // its frame would leave a gap
}

// Bond, goals and tasks have one sign and colour each, wherever one of them stands as a name: in a heading of a
// table, a label, a stressed word, a link to its meaning. Running text stays plain; so does what has its sign by hand.
globalThis.allianceSigns ??= (root) => {
  const NAMES = 'th, td, dt, strong, label:not(:has(input)), a.term, a[href*="#Glossary"]';
  const named = /^(?:(?:key|you): |the |emotional |agreement on |agreed )*(bond|goal|task)s?(?: agreement)?[.:,]?$/i;
  for (const node of root.querySelectorAll(NAMES)) {
    const [, part] = named.exec(node.textContent.trim()) ?? [];
    if (!part || node.querySelector(NAMES) || /[\u25cf\u25a0\u25c6]/.test(node.closest("td, th, li, p")?.textContent)) continue;
    node.classList.add("ac-part", `ac-part-${part.toLowerCase()}`);
  }
};
