// A word that links to the glossary says its meaning where it stands, and a link to the references what it
// refers to; the link stays for the rest.
globalThis.allianceMeanings = function meanings(terms) {
  const KEY = "alliance-course-terms";
  const known = (globalThis.allianceTerms ??= {});
  try {
    Object.assign(known, JSON.parse(localStorage.getItem(KEY) ?? "{}"), terms ?? {});
    if (terms) localStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    Object.assign(known, terms ?? {});
  }
  if (globalThis.allianceMeaning || !document.addEventListener) return;
  globalThis.allianceMeaning = true;
  let note = null, from = null;
  const close = () => {
    note?.remove();
    from?.setAttribute("aria-expanded", "false");
    note = null;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href*=".ipynb"][href*="#Glossary"], a[href$="#References"]');
    if (note?.contains(event.target)) return;
    close();
    if (!link) return;
    const word = globalThis.allianceTerms[link.textContent.trim().toLowerCase()];
    const says = word ? [make("strong", {}, word.term), ": ", word.says, " "]
      : allianceSources(link).map((source) => make("span", {}, ...source.cloneNode(true).childNodes, " "));
    if (!says.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    from = link;
    link.setAttribute("aria-expanded", "true");
    const shut = make("button", { type: "button", ariaLabel: "Close" }, "\u2715");
    shut.addEventListener("click", () => { close(); from.focus(); });
    note = make("span", { className: "ac-meaning", tabIndex: -1 }, ...says, shut);
    note.setAttribute("role", "note");
    link.after(note);
    note.focus({ preventScroll: true });
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !note) return;
    close();
    from.focus();
  }, true);
};
