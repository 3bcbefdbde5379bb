// The learner's answers: how many there are, a file to take along, and the way back from it.

const { make, memory, tool } = allianceSite;
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
    // what was written for the capstone has a box of its own now, and stands in the record
    const box = key.startsWith("lesson-12.") && key.replace("lesson-12", "L12");
    if (box && !record.get("guesses", box)) record.put("guesses", box, { guess: entry.text });
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
const before = texts;
texts = {};
newer(before);

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
// the panel behind the button comes when somebody wants it
async function open() {
  try {
    await allianceSite.fetched("assets/panel.js");
    allianceSite.panel();
  } catch {
    count.textContent = "cannot be shown: try again when you are connected";
  }
}

function show() {
  const [all, fresh] = [moments().length, since()];
  const refused = record.status().state === "failed";
  const not = all ? "not kept: save them" : "not kept here";
  count.textContent = refused ? not : !all ? "" : fresh ? `${fresh} to save` : "saved";
}
record.subscribe(show);
show();
addEventListener("alliance-course-saved", () => { memory.write(SAVED, new Date().toISOString()); show(); });
allianceSite.answers = { whole, moments, since, newer, keepWords, fill, show, SAVED };
