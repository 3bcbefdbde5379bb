// Your answers as a file or as text, and the way back.

const { make, memory, dialog } = allianceSite;
const { whole, moments, since, newer, keepWords, fill, show, SAVED } = allianceSite.answers;
const record = globalThis.allianceCourse;

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

function tell() {
  const [all, fresh] = [moments().length, since()];
  const how = all === 0 ? "There is nothing yet." : fresh
    ? `${fresh} of ${all} came since you last saved them as a file.` : `All ${all} are in the file that you saved.`;
  state.textContent = `${how} ${record.status().text}`.trim();
  show();
}
allianceSite.panel = () => {
  tell();
  told.textContent = "";
  text.value = JSON.stringify(whole(), null, 1);
  panel.showModal();
};
save.addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(whole(), null, 1)}\n`], { type: "application/json" }));
  const link = make("a", { href: address, download: `answers-${new Date().toISOString().slice(0, 10)}.json` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  memory.write(SAVED, new Date().toISOString());
  tell();
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
  tell();
  told.textContent = `${added} ${added === 1 ? "answer was" : "answers were"} added. Where both had one, the newer stayed.`;
}
file.addEventListener("change", async () => {
  if (file.files.length) bring(decoded(await file.files[0].arrayBuffer()));
  file.value = "";
});
bringText.addEventListener("click", () => bring(pasted.value));
