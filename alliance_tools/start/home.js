// The course as a path: what is done, and where to go on.
function home(card) {
  const go = make("button", { type: "button" });
  const said = make("p", { className: "ac-title" });
  const list = make("ol", { className: "ac-path" });
  const [save, bring] = ["Save my answers as a file", "Bring answers from a file"].map((text) =>
    make("button", { type: "button", className: "ac-quiet" }, text));
  const note = make("p");
  note.setAttribute("role", "status");
  const pages = make("p", { hidden: true });
  const settings = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "null");
  if (settings) {
    const href = `${settings.baseUrl}alliance-course/pages/index.html`;
    const link = make("a", { href, target: "_blank", rel: "noopener" }, "Read it as pages");
    own(link);
    pages.append(link, ", without cells. What you answer there and here is one record. What you write there in words stays in this browser.");
    // only the course's own server has them
    fetch(href, { method: "HEAD" }).then(({ ok }) => { pages.hidden = !ok; }, () => { /* no server: no pages */ });
  }
  const node = make("section", { className: "ac-question" }, said, make("div", { className: "ac-buttons" }, go),
    pages, list, make("div", { className: "ac-buttons" }, save, bring), note);
  node.setAttribute("aria-label", "Your way through the course");
  own(go, save, bring);
  const right = (ids) => ids.filter((id) => book.get("answers", id)?.state === "right").length;
  const guessed = (ids) => ids.filter((id) => book.get("guesses", id)).length;
  const last = (ids) => ids.map((id) => book.get("answers", id)?.at ?? book.get("guesses", id)?.at ?? "").sort().pop() ?? "";
  // the links of the notebook itself open beside this page; a link in a card would load everything anew
  const open = (title) => [...document.querySelectorAll("a")].find((link) => link.textContent === title)?.click();
  let target = card.steps[0];
  go.addEventListener("click", () => open(target.title));
  save.addEventListener("click", () => {
    const text = JSON.stringify(book.all(), null, 1);
    download("progress.json", text, "application/json");
    note.textContent = "Saved as progress.json. It holds no name.";
  });
  const input = make("input", { type: "file", accept: ".json,application/json" });
  bring.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    let found = null;
    try { found = JSON.parse(await input.files[0].text()); } catch { /* the sentence says so */ }
    const { added, error } = book.merge(found);
    note.textContent = error ?? `${added} guesses and answers were added.`;
  });
  return {
    node,
    show() {
      const rows = card.steps.map((step) => {
        const total = step.guesses.length + step.answers.length, done = right(step.answers) + guessed(step.guesses);
        return { step, total, done, at: last([...step.guesses, ...step.answers, ...step.tasks]) };
      });
      const latest = rows.reduce((best, row) => (row.at > best.at ? row : best));
      const next = latest.at && latest.done < latest.total ? latest : rows.find((row) => row.done < row.total) ?? latest;
      target = next.step;
      go.textContent = latest.at ? `Go on: ${target.title}` : `Begin: ${target.title}`;
      const all = rows.reduce((sum, row) => sum + row.done, 0);
      said.textContent = latest.at ? `You have done ${all} of ${rows.reduce((sum, row) => sum + row.total, 0)}.` : "Your way through the course";
      list.replaceChildren(...rows.map(({ step, total, done }) => {
        const name = make("button", { type: "button", className: "ac-link" }, step.title);
        name.addEventListener("click", () => open(step.title));
        own(name);
        const sign = done === total ? "\u2713 all done" : done ? `${done} of ${total} done` : "not begun";
        const item = make("li", {}, name, ` ${step.minutes}; ${sign}`);
        if (step.practice) {
          const also = make("button", { type: "button", className: "ac-link" }, step.practice);
          also.addEventListener("click", () => open(step.practice));
          own(also);
          item.append("; ", also, ` ${right(step.tasks)} of ${step.tasks.length} solved`);
        }
        return item;
      }));
    },
  };
}

// What a practice has brought, task by task.
function sum(card) {
  const node = make("section", { className: "ac-question" });
  node.setAttribute("aria-label", "Your points");
  return {
    node,
    show() {
      let got = 0, all = 0;
      const lines = card.tasks.map(({ id, title, points }) => {
        const state = book.get("answers", id)?.state;
        all += points;
        got += points * (SHARE[state] ?? 0);
        return make("li", {}, `${title}: ${state ? `${points * (SHARE[state] ?? 0)} of ${points}` : "not tried yet"}`);
      });
      node.replaceChildren(make("p", { className: "ac-title" }, `Your points: ${got} of ${all}`), make("ul", {}, ...lines),
        make("p", {}, "Tasks in words are for a person to mark."));
    },
  };
}

Object.assign(CARDS, { home, sum });
