// The front page: what is done, and where to go on; and the way to leave nothing behind.

const { memory } = allianceSite;
const { whole, since } = allianceSite.answers;
const record = globalThis.allianceCourse;

const path = document.querySelector(".path");
function progress() {
  const all = whole();
  const split = (list) => (list ?? "").split(" ").filter(Boolean);
  let next = null;
  let begun = false;
  for (const item of path.children) {
    const guesses = split(item.dataset.guesses), answers = split(item.dataset.answers);
    const done = guesses.filter((key) => key in all.guesses).length + answers.filter((key) => all.answers[key]?.state === "right").length;
    const touched = guesses.some((key) => key in all.guesses) || answers.some((key) => key in all.answers);
    const total = guesses.length + answers.length;
    begun ||= touched;
    item.dataset.state = done === total ? "done" : touched ? "begun" : "";
    const said = item.querySelector(":scope > .done");
    said.hidden = !touched;
    said.textContent = done === total ? "All done." : `${done} of ${total} done.`;
    if (!next && done < total) next = item;
    const practice = item.querySelector(".practice");
    if (!practice) continue;
    const tasks = split(practice.dataset.answers);
    const solved = tasks.filter((key) => all.answers[key]?.state === "right").length;
    practice.querySelector(".done").textContent = solved ? `${solved} of ${tasks.length} solved` : "";
  }
  const go = document.getElementById("go-on"), went = document.getElementById("went");
  let place = null;
  try { place = JSON.parse(memory.read("alliance-course-place")); } catch { /* then the first open lesson */ }
  const known = [...path.querySelectorAll("a")].find((link) => link.getAttribute("href") === `${place?.page}.html`);
  if (known) {
    go.textContent = "Go on";
    go.href = `${place.page}.html${place.at ? `#${place.at}` : ""}`;
    const name = known.querySelector(".name")?.textContent ?? known.getAttribute("aria-label");
    went.textContent = `You were in ${name}${place.heading ? `: ${place.heading}` : ""}`;
  } else if (begun && next) {
    go.textContent = "Go on";
    go.href = next.querySelector("a").getAttribute("href");
    went.textContent = next.querySelector(".name").textContent;
  }
}
if (path) {
  progress();
  record.subscribe(progress);
}

// whoever shares a computer can leave nothing behind

const forget = document.getElementById("forget");
if (forget) {
  forget.hidden = false;
  const said = document.getElementById("forgotten");
  forget.addEventListener("click", () => {
    const fresh = since();
    if (!confirm(fresh ? `${fresh} answers are not saved as a file and will be lost. Delete them?` : "Delete what this browser has kept of the course?")) return;
    ["record", "words", "saved", "place", "look"].forEach((name) => memory.forget(`alliance-course-${name}`));
    said.textContent = "Deleted.";
    setTimeout(() => location.reload(), 600);
  });
}
