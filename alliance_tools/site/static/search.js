// Finds places of the course by words: all of them must begin a word there, and headings count more.

const { make, dialog } = allianceSite;
const index = @INDEX@;

const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? [];

function search(query) {
  const wanted = words(query);
  if (!wanted.length) return [];
  const found = [];
  for (const place of index) {
    const heading = place.heading.toLowerCase(), text = place.text.toLowerCase();
    let score = 0;
    for (const word of wanted) {
      const inHeading = heading.includes(word), at = text.search(new RegExp(`(^|[^\\p{L}])${word.replace(/[.]/g, "\\.")}`, "u"));
      if (!inHeading && at < 0) { score = 0; break; }
      score += (inHeading ? 8 : 0) + (at < 0 ? 0 : 1 + 1 / (1 + at / 200));
    }
    if (score) found.push({ ...place, score });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, 20);
}

function snippet(text, query) {
  const first = words(query)[0];
  const at = Math.max(0, text.toLowerCase().indexOf(first));
  const from = Math.max(0, text.lastIndexOf(" ", Math.max(0, at - 60)));
  const part = text.slice(from, from + 170);
  const hit = part.toLowerCase().indexOf(first);
  if (hit < 0) return [part, " …"];
  return [from ? "… " : "", part.slice(0, hit), make("mark", {}, part.slice(hit, hit + first.length)), part.slice(hit + first.length), " …"];
}

const input = make("input", { type: "search", autocomplete: "off" });
input.setAttribute("aria-label", "Search the course");
const list = make("ul", { className: "found" });
const said = make("p");
said.setAttribute("role", "status");
const panel = dialog("Search the course", input, said, list);
// a search field takes the first press for itself
input.addEventListener("keydown", (event) => event.key === "Escape" && panel.close());
input.addEventListener("input", () => {
  const hits = search(input.value);
  said.textContent = !input.value.trim() ? "" : !hits.length ? "Nothing found. Try one word less."
    : hits.length === 20 ? "The best 20 places" : `${hits.length} ${hits.length === 1 ? "place" : "places"}`;
  list.replaceChildren(...hits.map((hit) => {
    const link = make("a", { href: hit.at ? `${hit.page}#${hit.at}` : hit.page }, hit.heading && hit.heading !== hit.title ? `${hit.title}: ${hit.heading}` : hit.title);
    link.addEventListener("click", () => panel.close());
    return make("li", {}, link, make("p", {}, ...snippet(hit.text, input.value)));
  }));
});
allianceSite.search = () => {
  if (!panel.open) panel.showModal();
  input.focus();
};
