/*! what few pages need */
// Exchanges to label, one at a time: choice, then the key and what it rests on.
function deck(card) {
  const place = make("p", { className: "ac-title" });
  const body = make("div");
  const [back, next] = ["Back", "Next"].map((text) => make("button", { type: "button", className: "ac-quiet" }, text));
  const node = make("section", { className: "ac-question ac-deck" }, place, body,
    make("div", { className: "ac-buttons" }, back, next));
  node.setAttribute("aria-label", card.prompt);
  own(back, next);
  const label = (item) => book.get("guesses", item.id)?.guess;
  let at = Math.max(0, card.items.findIndex((item) => !label(item))), drawn = -1, update = () => {};

  function draw() {
    const item = card.items[at];
    drawn = at;
    const control = words({ options: card.options }, unique());
    const button = make("button", { type: "button" }, "Note my label");
    const said = verdict(), saved = savedLine("guesses", item.id);
    const speech = make("blockquote", { className: "ac-speech" },
      ...item.turns.map(([who, what]) => make("p", {}, make("strong", {}, who ? `${who}: ` : ""), what)));
    body.replaceChildren(speech, make("fieldset", {}, make("legend", {}, card.prompt), ...control.nodes, button), said.node, saved.node);
    allianceSigns(body);
    own(...control.inputs, button);
    button.addEventListener("click", () => {
      if (label(item)) return;
      if (!control.read()) return said.say("empty", control.empty);
      book.put("guesses", item.id, { guess: control.read() });
    });
    for (const input of control.inputs) input.addEventListener("click", (event) => { if (label(item)) event.preventDefault(); });
    update = () => {
      saved.update();
      const mine = label(item);
      for (const one of [...control.inputs, button]) one.setAttribute("aria-disabled", String(Boolean(mine)));
      if (!mine) return;
      control.show(mine);
      const same = mine === item.key;
      const text = `${same ? "Right. The key says the same. " : `Not yet. You: ${mine}. Key: *${item.key}*. `}${item.why}`;
      if (!said.node.textContent || said.node.classList.contains("ac-is-empty")) said.say(same ? "right" : "misunderstanding", text);
    };
  }
  const show = () => {
    if (drawn !== at) draw();
    place.textContent = `Exchange ${at + 1} of ${card.items.length}`;
    back.setAttribute("aria-disabled", String(at === 0));
    next.setAttribute("aria-disabled", String(at === card.items.length - 1));
    update();
  };
  const go = (step) => () => {
    const to = at + step;
    if (to < 0 || to >= card.items.length) return;
    at = to;
    show();
  };
  back.addEventListener("click", go(-1));
  next.addEventListener("click", go(1));
  return { node, show };
}

// The learner's labels beside the key, as a small table; the key stays folded until all are there.
function comparison(card) {
  const node = make("section", { className: "ac-question" });
  // a lesson may hold two of them
  node.setAttribute("aria-label", `Your labels and the key: ${card.labels.join(", ")}`);
  node.setAttribute("aria-live", "polite");
  const line = (item, i) => {
    const mine = book.get("guesses", item.id)?.guess;
    const said = mine ? `You: ${mine}. ${mine === item.key ? "Same. " : ""}` : "";
    return make("li", {}, `${said}Key: `, make("strong", {}, item.key), `. ${item.why}`);
  };
  let before = "";
  return {
    node,
    show() {
      const pairs = card.items.map((item) => [book.get("guesses", item.id)?.guess, item.key]).filter(([mine]) => mine);
      const now = JSON.stringify(pairs);
      if (now === before) return;
      before = now;
      const lines = make("ol", {}, ...card.items.map(line));
      if (pairs.length < card.items.length) {
        const fold = make("details", {}, make("summary", {}, "The key, for those who only read"), lines);
        return node.replaceChildren(make("p", {}, `You have labelled ${pairs.length} of ${card.items.length}. The comparison follows your labels above.`), fold);
      }
      const { same, chance } = agreement(pairs, card.labels);
      const cell = (mine, key) => pairs.filter((pair) => pair[0] === mine && pair[1] === key).length;
      const head = make("tr", {}, make("td", {}), ...card.labels.map((key) => make("th", { scope: "col" }, `key: ${key}`)));
      const rows = card.labels.map((mine) => make("tr", {}, make("th", { scope: "row" }, `you: ${mine}`),
        ...card.labels.map((key) => make("td", { className: mine === key ? "ac-same" : "" }, String(cell(mine, key))))));
      const text = `You and the key agree on ${same} of ${pairs.length}. Chance alone would give ${chance.toFixed(1)}.`;
      node.replaceChildren(make("p", { className: "ac-sum" }, text),
        make("table", {}, make("caption", {}, "How often you chose each label, by the key's label"), make("thead", {}, head), make("tbody", {}, ...rows)),
        make("details", {}, make("summary", {}, "Each exchange, and what the key rests on"), lines));
      allianceSigns(node);
    },
  };
}

// How far labels agree with the key, as `rater_agreement` counts it.
function agreement(pairs, labels) {
  const n = pairs.length;
  const used = labels.filter((label) => pairs.some((pair) => pair.includes(label)));
  const count = (place, label) => pairs.filter((pair) => pair[place] === label).length;
  const same = pairs.filter(([one, other]) => one === other).length;
  const chance = used.reduce((sum, label) => sum + (count(0, label) / n) * (count(1, label) / n), 0);
  return { same, chance: chance * n };
}

Object.assign(CARDS, { deck, comparison });
