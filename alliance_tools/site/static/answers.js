// The learner's answers: how many there are, a file to take along, and the way back from it.

const { make, memory, dialog, tool } = allianceSite;
const WORDS = "alliance-course-words";
const SAVED = "alliance-course-saved";
const record = globalThis.allianceCourse;

// what is written in words, kept beside the record and taken along with it: {key: {text, at}}
let texts = {};
try { texts = JSON.parse(memory.read(WORDS) ?? "{}") ?? {}; } catch { texts = {}; }
const fields = [...document.querySelectorAll("textarea[data-words]")];
const fill = () => fields.forEach((field) => { field.value = texts[field.dataset.words]?.text ?? field.value; });
function newer(brought) {
  let added = 0;
  for (const [key, entry] of Object.entries(brought ?? {})) {
    if (typeof entry?.text !== "string" || typeof entry?.at !== "string") continue;
    if (texts[key] && texts[key].at >= entry.at) continue;
    texts[key] = { text: entry.text, at: entry.at };
    added += 1;
  }
  return added;
}
function keepWords() {
  // another window may have written since
  try { newer(JSON.parse(memory.read(WORDS) ?? "{}")); } catch { /* damaged: what is here stands */ }
  return memory.write(WORDS, JSON.stringify(texts));
}
for (const field of fields) {
  field.addEventListener("input", () => {
    texts[field.dataset.words] = { text: field.value, at: new Date().toISOString() };
    keepWords();
    show();
  });
}
addEventListener("storage", (event) => {
  if (event.key !== WORDS) return;
  try { newer(JSON.parse(event.newValue ?? "{}")); } catch { return; }
  fields.filter((field) => field !== document.activeElement).forEach((field) => { field.value = texts[field.dataset.words]?.text ?? field.value; });
});
fill();

const whole = () => ({ ...(record.all()), ...(Object.keys(texts).length ? { words: texts } : {}) });
function moments() {
  const all = whole();
  return [all.guesses, all.answers, all.words ?? {}].flatMap((part) => Object.values(part)).map((entry) => String(entry.at ?? ""));
}
const since = () => {
  const saved = memory.read(SAVED) ?? "";
  return moments().filter((at) => Date.parse(at) > (Date.parse(saved) || 0)).length;
};

const count = make("span", { className: "count" });
const button = tool("", () => open());
button.append("Your answers ", count);
const state = make("p");
state.setAttribute("role", "status");
const told = make("p");
told.setAttribute("role", "status");
const text = make("textarea", { rows: 4, readOnly: true });
text.setAttribute("aria-label", "Your answers as text");
const pasted = make("textarea", { rows: 4 });
pasted.setAttribute("aria-label", "Answers to bring, as text");
const file = make("input", { type: "file", accept: ".json,application/json" });
const save = make("button", { type: "button", className: "strong" }, "Save as a file");
const bringText = make("button", { type: "button" }, "Bring this text");
const panel = dialog("Your answers", state, told,
  make("div", { className: "row" }, save, make("label", { className: "file" }, "Bring back from a file", file)),
  make("p", {}, "The file holds no name. The notebooks of the course read it too, and where both have an answer, the newer one stays."),
  make("details", {}, make("summary", {}, "As text, where files are refused"), text, pasted, make("div", { className: "row" }, bringText)));

function show() {
  const [all, fresh] = [moments().length, since()];
  count.textContent = all ? (fresh ? `${fresh} to save` : "saved") : "";
  const kept = record.status();
  const how = all === 0 ? "There is nothing yet." : fresh
    ? `${fresh} of ${all} came since you last saved them as a file.` : `All ${all} are in the file that you saved.`;
  state.textContent = `${how} ${kept.text}`.trim();
  button.dataset.state = kept.state;
  if (kept.state === "failed") count.textContent = all ? "not kept: save them" : "not kept here";
}
function open() {
  show();
  told.textContent = "";
  text.value = JSON.stringify(whole(), null, 1);
  panel.showModal();
}
save.addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(whole(), null, 1)}\n`], { type: "application/json" }));
  const link = make("a", { href: address, download: `answers-${new Date().toISOString().slice(0, 10)}.json` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  memory.write(SAVED, new Date().toISOString());
  show();
  told.textContent = "Saved, if your browser did not ask otherwise. Look among your downloads.";
});

function decoded(data) {
  const start = new Uint8Array(data.slice(0, 2));
  const wide = (start[0] === 0xff && start[1] === 0xfe) ? "utf-16le" : (start[0] === 0xfe && start[1] === 0xff) ? "utf-16be" : "utf-8";
  return new TextDecoder(wide).decode(data);
}
function bring(content) {
  let found;
  try { found = JSON.parse(content); } catch {
    told.textContent = "This is no file of answers that can be read: it is damaged, or of another program. Nothing was changed.";
    return;
  }
  const result = record.merge(found);
  if (result.error) { told.textContent = result.error; return; }
  const added = result.added + newer(found?.words);
  keepWords();
  fill();
  show();
  told.textContent = `${added} ${added === 1 ? "answer was" : "answers were"} added. Where both had one, the newer stayed.`;
}
file.addEventListener("change", async () => {
  if (file.files.length) bring(decoded(await file.files[0].arrayBuffer()));
  file.value = "";
});
bringText.addEventListener("click", () => bring(pasted.value));
record.subscribe(show);
show();
allianceSite.answers = { whole, since };
