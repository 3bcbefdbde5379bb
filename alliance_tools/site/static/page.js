// What every page has: the bar, the look, the glossary, the search, the keys, and the way back to where one was.

const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
// In a frame of a learning platform, or where cookies are refused, a browser throws on any touch of its storage.
const memory = {
  read(key) { try { return localStorage.getItem(key); } catch { return null; } },
  write(key, value) { try { localStorage.setItem(key, value); return true; } catch { return false; } },
  forget(key) { try { localStorage.removeItem(key); } catch { /* there was nothing to forget */ } },
};
allianceSite.make = make;
allianceSite.memory = memory;

const tools = document.querySelector(".bar .tools");
const tool = (text, action) => {
  const button = make("button", { type: "button" }, text);
  button.addEventListener("click", action);
  tools?.append(button);
  return button;
};
allianceSite.tool = tool;
const said = make("p", { className: "told" });
said.setAttribute("role", "status");
tools?.after(said);

function dialog(title, ...content) {
  const close = make("button", { type: "button" }, "Close");
  const node = make("dialog", {}, make("h2", { id: `d-${title.length}` }, title), ...content, make("div", { className: "row" }, close));
  node.setAttribute("aria-labelledby", `d-${title.length}`);
  close.addEventListener("click", () => node.close());
  node.addEventListener("click", (event) => event.target === node && node.close());
  document.body.append(node);
  return node;
}
allianceSite.dialog = dialog;

// the search comes with its index, when it is asked for

async function openSearch() {
  try {
    await allianceSite.fetched("assets/search.js");
    allianceSite.search();
  } catch {
    said.textContent = "The search could not be fetched. Try again when you are connected.";
  }
}
tool("Search", openSearch);
if (document.querySelector(".host")) tool("Print", () => allianceSite.whole().then(() => setTimeout(print, 300)));

// the look

const looks = { "": "Look: as the device", light: "Look: light", dark: "Look: dark" };
const dark = matchMedia("(prefers-color-scheme: dark)");
const look = tool("", () => {
  const next = Object.keys(looks)[(Object.keys(looks).indexOf(look.value) + 1) % 3];
  if (next) memory.write("alliance-course-look", next);
  else memory.forget("alliance-course-look");
  wear(next);
});
function wear(chosen) {
  look.value = chosen;
  look.textContent = looks[chosen];
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  // the course's widgets ask for the theme as JupyterLab tells it
  document.body.dataset.jpThemeLight = String(chosen ? chosen === "light" : !dark.matches);
}
const known = memory.read("alliance-course-look");
wear(known in looks ? known : "");
dark.addEventListener("change", () => wear(look.value));

// the signs of the three, and what a word means and a citation refers to, where they stand

if (/^(lesson|practice)-/.test(document.body.dataset.page)) allianceSigns(document.querySelector("main"));
const terms = JSON.parse(document.getElementById("terms")?.textContent ?? "{}");
let card = null;
function closeCard(back) {
  if (!card) return;
  card.node.remove();
  if (back) card.link.focus();
  card.link.removeAttribute("aria-expanded");
  card = null;
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.term, a.cite");
  if (card && !card.node.contains(event.target) && link !== card.link) closeCard(false);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const entry = terms[link.dataset.term];
  const says = entry ? [make("p", {}, make("strong", {}, entry.term)), make("p", {}, entry.says)]
    : allianceSources(link).map((source) => make("p", {}, ...source.cloneNode(true).childNodes));
  if (!says.length) return;
  event.preventDefault();
  if (card) return closeCard(true);
  const all = entry ? ["lesson-00.html#glossary", "The whole glossary"] : ["#references", "All references"];
  const node = make("div", { className: "card", tabIndex: -1 }, ...says, make("a", { href: all[0] }, all[1]));
  node.setAttribute("role", "dialog");
  node.setAttribute("aria-label", entry?.term ?? link.textContent);
  document.body.append(node);
  const at = link.getBoundingClientRect();
  const left = Math.max(12, Math.min(at.left, document.documentElement.clientWidth - node.offsetWidth - 12));
  node.style.left = `${left + scrollX}px`;
  node.style.top = `${at.bottom + scrollY + 6}px`;
  link.setAttribute("aria-expanded", "true");
  card = { node, link };
  node.focus({ preventScroll: true });
  node.addEventListener("keydown", (key) => key.key === "Escape" && closeCard(true));
});

// the keys

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openSearch();
    return;
  }
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (!way || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // whoever works a control, or scrolls a table sideways, wants to stay
  if (event.target.closest("input, textarea, select, button, summary, [contenteditable], [tabindex]:not(main), dialog")) return;
  const link = document.querySelector(`head link[rel=${way}]`);
  if (link) location.href = link.href;
});

// where one is

const contents = document.querySelector(".toc details");
if (contents && matchMedia("(min-width: 84rem)").matches) contents.open = true;
const headings = [...document.querySelectorAll("main h2[id]")];
let here = null;
function follow() {
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3).at(-1);
  if ((passed?.id ?? "") === here) return;
  here = passed?.id ?? "";
  document.querySelectorAll(".toc a").forEach((link) => {
    if (link.hash === `#${here}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
  if (document.body.dataset.page.match(/^(lesson|practice)-/))
    memory.write("alliance-course-place", JSON.stringify({ page: document.body.dataset.page, at: here, heading: passed?.textContent ?? "" }));
}
let waiting = false;
addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  setTimeout(() => { waiting = false; follow(); }, 250);
}, { passive: true });
follow();

// what scrolls can be reached with the keyboard, and says what it is

for (const frame of document.querySelectorAll(".table")) {
  if (frame.scrollWidth <= frame.clientWidth) continue;
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", `Table, scrolls sideways: ${frame.querySelector("caption, th")?.textContent.trim() || "results"}`);
}

// paper has nothing to unfold

let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("main details:not([open], .code)")];
  unfolded.forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => unfolded.splice(0).forEach((one) => { one.open = false; }));

// without a network, and on a home screen: only where a server answers that is not a learner's own

if (location.protocol.startsWith("http") && !document.getElementById("jupyter-config-data")) {
  document.head.append(make("link", { rel: "manifest", href: "course.webmanifest" }));
  const idle = globalThis.requestIdleCallback ?? ((action) => setTimeout(action, 2000));
  const keep = () => idle(() => navigator.serviceWorker.register("offline.js").catch(() => { /* the pages work without */ }));
  // who saves data, or waits on a slow line, reads first
  if ("serviceWorker" in navigator && isSecureContext && origin !== "null" && !navigator.connection?.saveData) {
    const slow = /2g|3g/.test(navigator.connection?.effectiveType ?? "");
    const later = () => setTimeout(keep, slow ? 30000 : 1500);
    if (document.readyState === "complete") later();
    else addEventListener("load", later);
  }
}
