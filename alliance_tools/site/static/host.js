// The place of a widget in a page without a kernel: enough of the protocol of anywidget for the course's own modules.

const site = (globalThis.allianceSite ??= {});
site.modules ??= {};
site.data ??= {};

function modelOf(state) {
  const heard = new Map();
  const tell = (event, value) => [...(heard.get(event) ?? [])].forEach((listener) => listener(value));
  return {
    get: (name) => state[name],
    set(name, value) {
      const changes = typeof name === "string" ? { [name]: value } : name;
      const moved = Object.keys(changes).filter((key) => state[key] !== changes[key]);
      Object.assign(state, changes);
      moved.forEach((key) => tell(`change:${key}`, state[key]));
      if (moved.length) tell("change");
    },
    save_changes() {},
    on(event, listener) { heard.set(event, [...(heard.get(event) ?? []), listener]); },
    off(event, listener) {
      if (event === undefined) heard.clear();
      else heard.set(event, (heard.get(event) ?? []).filter((one) => listener && one !== listener));
    },
  };
}

// A file of the folder; scripts are classic ones, because a page on a disk may load nothing else.
const asked = new Map();
function fetched(path) {
  if (!asked.has(path)) {
    asked.set(path, new Promise((done, failed) => {
      const sheet = path.endsWith(".css");
      const file = document.createElement(sheet ? "link" : "script");
      Object.assign(file, sheet ? { rel: "stylesheet", href: path } : { src: path });
      file.onload = done;
      file.onerror = () => { asked.delete(path); file.remove(); failed(new Error(`${path} cannot be read`)); };
      // before the site's own sheet, which fits the widgets into its pages
      document.head.insertBefore(file, sheet ? document.querySelector("link[rel=stylesheet]") : null);
    }));
  }
  return asked.get(path);
}
site.fetched = fetched;

function bytes(text) {
  const whole = atob(text);
  const data = new Uint8Array(whole.length);
  for (let i = 0; i < whole.length; i++) data[i] = whole.charCodeAt(i);
  return new DataView(data.buffer);
}

function draw(host, state) {
  const el = document.createElement("div");
  host.append(el);
  site.modules[host.dataset.module].render({ model: modelOf(state), el });
  const before = host.previousElementSibling;
  if (before?.matches(".still")) before.hidden = true;
  host.dataset.drawn = "";
}

async function bring(host) {
  near.unobserve(host);
  const key = host.dataset.load, boxes = key === "boxes";
  const before = host.previousElementSibling;
  host.spec ??= host.querySelector("script")?.textContent;
  try {
    const files = boxes ? ["boxes.js"] : ["explorer.css", "explorer.js", `e-${key}.js`];
    await Promise.all(files.map((file) => fetched(`assets/${file}`)));
    host.replaceChildren();
    const state = boxes ? JSON.parse(host.spec) : structuredClone(site.data[key]);
    if (!boxes) state._data = bytes(state._data);
    draw(host, state);
  } catch (error) {
    // the still before it has the starting values as a picture, for pages without scripts
    before?.querySelectorAll("noscript").forEach((kept) => {
      const image = document.createRange().createContextualFragment(kept.textContent);
      kept.replaceWith(image);
    });
    if (before) before.hidden = false;
    const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Try again" });
    const said = Object.assign(document.createElement("p"), { className: "fail" });
    said.append(boxes ? "This part could not be fetched. " : "The moving picture could not be fetched. Above stand its starting values. ", again);
    host.replaceChildren(said);
    again.addEventListener("click", () => { host.replaceChildren(); bring(host); });
  }
}

const near = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
  if (!isIntersecting) return;
  bring(target);
}), { rootMargin: "900px 0px" });

// paper has every picture, also those that nobody has scrolled to
site.whole = () => Promise.all([...document.querySelectorAll(".host[data-load]:not([data-drawn])")].map(bring));

for (const host of document.querySelectorAll(".host")) {
  if (host.dataset.load) near.observe(host);
  else draw(host, JSON.parse(host.querySelector("script").textContent));
}
