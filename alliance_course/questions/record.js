// One record of guesses and answers for the page, shared by every card on it. It is kept in this
// browser, and in the course's folder where a server or a running kernel can write there. What is
// not known to be safe is never called saved.

globalThis.allianceCourse ??= (() => {
  const settings = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "null");
  const KEY = ["alliance-course-record", settings?.serverRoot].filter(Boolean).join(" ");
  const VERSION = 2, PATIENCE = 3000;
  const RANK = { right: 2, "near miss": 1 };
  const empty = () => ({ version: VERSION, guesses: {}, answers: {} });

  let record = empty();
  const unsaved = new Set(); // "part id" of what the folder does not have yet
  const listeners = new Set();
  const kernels = new Map(); // models whose kernel has answered, and how to ask each
  let server = Boolean(settings), kept = true, problem = "", retry = 0;

  const better = (one, other) => {
    const [a, b] = [RANK[one.state] ?? 0, RANK[other.state] ?? 0];
    return a !== b ? a > b : (one.at ?? "") > (other.at ?? "");
  };
  // the later guess, the best try, the most tries: whichever record comes first (as progress.join)
  function join(mine, brought) {
    let added = 0;
    for (const [id, entry] of Object.entries(brought.guesses))
      if ((entry.at ?? "") > (mine.guesses[id]?.at ?? "")) added++, (mine.guesses[id] = structuredClone(entry));
    for (const [id, entry] of Object.entries(brought.answers)) {
      const earlier = mine.answers[id];
      if (!earlier || better(entry, earlier)) added++, (mine.answers[id] = structuredClone(entry));
      for (const other of [entry, earlier].filter(Boolean)) {
        const to = mine.answers[id];
        to.tries = Math.max(to.tries ?? 0, other.tries ?? 0);
        for (const part of ["wrong", "explored"])
          for (const [name, times] of Object.entries(other[part] ?? {}))
            (to[part] ??= {})[name] = Math.max(to[part][name] ?? 0, times);
      }
    }
    return added;
  }

  // What a file or a store holds, if it is a record; else the sentence that says why not.
  function readable(found) {
    const whole = (part) => part && typeof part === "object" && !Array.isArray(part) &&
      Object.values(part).every((entry) => entry && typeof entry === "object" && !Array.isArray(entry) &&
        [entry.tries ?? 0, ...Object.values(entry.wrong ?? {}), ...Object.values(entry.explored ?? {})]
          .every(Number.isInteger));
    if (found?.version > VERSION) return "This record is from a newer version of the course: open it there.";
    if (found?.version !== VERSION || !whole(found.guesses) || !whole(found.answers))
      return "This is no record of this course, or it is damaged: nothing was changed.";
    return "";
  }

  function stored() {
    try {
      const found = JSON.parse(localStorage.getItem(KEY));
      return found && !readable(found) ? found : null;
    } catch {
      return null;
    }
  }
  function keep() {
    const other = stored(); // another tab may have written meanwhile
    if (other) join(record, other);
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...record, unsaved: [...unsaved] }));
      kept = true;
    } catch {
      kept = false;
    }
  }
  const tell = () => listeners.forEach((listener) => listener());

  // With a server or a kernel the folder is where a record belongs; else this browser is.
  const folder = () => Boolean(settings) || kernels.size > 0;
  function status(part, id) {
    const waits = id === undefined ? unsaved.size > 0 : unsaved.has(`${part} ${id}`);
    if (!folder())
      return kept ? { state: "saved", text: "Saved in this browser." }
        : { state: "failed", text: "Not saved: this browser keeps nothing for this page. Save your answers to a file before you leave." };
    if (!waits) return { state: "saved", text: "Saved." };
    if (problem) return { state: "failed", text: `Not saved: ${problem}` };
    return kept ? { state: "waiting", text: "Not saved in your folder yet: kept in this browser until a cell of this course runs." }
      : { state: "failed", text: "Not saved: run any cell of this lesson, and it is." };
  }

  async function ask(brought) {
    if (server) {
      try {
        const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
        const reply = await fetch(`${settings.baseUrl}alliance-course/record`, {
          method: "POST", headers: { "Content-Type": "application/json", "X-XSRFToken": token },
          body: JSON.stringify(brought), signal: AbortSignal.timeout(PATIENCE),
        });
        if (reply.ok) return await reply.json();
        server = reply.status !== 404; // not started by the course: only kernels can write
      } catch { /* the server is away: a kernel may not be */ }
    }
    for (const one of [...kernels.values()].reverse()) {
      const reply = await one(brought);
      if (reply) return reply;
    }
    return null;
  }
  let sending = null;
  function send() {
    sending ??= (async () => {
      const went = new Map([...unsaved].map((name) => [name, JSON.stringify(entryOf(name))]));
      const brought = empty();
      for (const name of went.keys()) {
        const [part, id] = name.split(" ");
        brought[part][id] = record[part][id];
      }
      const reply = await ask(brought);
      sending = null;
      if (reply) accept(reply, went);
      if (unsaved.size) {
        clearTimeout(retry);
        retry = setTimeout(send, reply && !problem ? 0 : 15000);
      }
    })();
    return sending;
  }
  const entryOf = (name) => { const [part, id] = name.split(" "); return record[part][id]; };
  // The folder's record is the truth, but for what it does not have yet.
  function accept(reply, went) {
    if (readable(reply.record)) return;
    problem = reply.saved ? "" : reply.note;
    if (reply.saved)
      for (const [name, text] of went) if (JSON.stringify(entryOf(name)) === text) unsaved.delete(name);
    const mine = empty();
    for (const name of unsaved) {
      const [part, id] = name.split(" ");
      mine[part][id] = record[part][id];
    }
    record = empty();
    join(record, reply.record);
    join(record, mine);
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...record, unsaved: [...unsaved] }));
    } catch { /* the folder has it */ }
    tell();
  }

  const before = stored();
  if (before) {
    join(record, before);
    if (settings) (before.unsaved ?? []).forEach((name) => entryOf(name) && unsaved.add(name));
  }
  if (settings) send();
  globalThis.addEventListener?.("storage", (event) => {
    const other = event.key === KEY && stored();
    if (other && join(record, other)) tell();
  });

  return {
    get: (part, id) => record[part][id],
    put(part, id, entry) {
      record[part][id] = { ...entry, at: new Date().toISOString() };
      unsaved.add(`${part} ${id}`);
      keep();
      if (!folder()) unsaved.clear();
      else send();
      tell();
    },
    // An answer as Python records it: the best try counts, and curiosity afterwards is kept apart.
    answer(id, { state, mistake }, given) {
      const entry = structuredClone(record.answers[id] ?? {});
      const now = { state, answer: given, at: new Date().toISOString() };
      entry.tries = (entry.tries ?? 0) + 1;
      if (mistake) {
        const counts = (entry[entry.state === "right" ? "explored" : "wrong"] ??= {});
        counts[mistake] = (counts[mistake] ?? 0) + 1;
      }
      if (better(now, entry)) Object.assign(entry, now);
      const { at } = entry;
      this.put("answers", id, entry);
      record.answers[id].at = at;
    },
    all: () => structuredClone(record),
    merge(found) {
      const error = readable(found);
      if (error) return { added: 0, error };
      const added = join(record, found);
      for (const part of ["guesses", "answers"])
        for (const id of Object.keys(found[part])) if (folder()) unsaved.add(`${part} ${id}`);
      keep();
      if (folder()) send();
      tell();
      return { added };
    },
    status,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // A card's model may have a kernel behind it. Whoever answers is asked to keep the record.
    kernel(model) {
      if (!model.send) return () => {};
      const waiting = new Map();
      let number = 0;
      const heard = (message) => waiting.get(message?.number)?.(message);
      const one = (brought) => new Promise((resolve) => {
        const mine = ++number;
        const end = (reply) => { waiting.delete(mine); resolve(reply); };
        waiting.set(mine, end);
        setTimeout(() => end(null), PATIENCE);
        try { model.send({ kind: "record", number: mine, record: brought }); } catch { end(null); }
      });
      model.on("msg:custom", heard);
      one(empty()).then((reply) => {
        if (!reply || readable(reply.record)) return;
        kernels.set(model, one);
        if (!settings) Object.keys(record.guesses).forEach((id) => unsaved.add(`guesses ${id}`));
        if (!settings) Object.keys(record.answers).forEach((id) => unsaved.add(`answers ${id}`));
        accept(reply, new Map());
        if (unsaved.size) send();
      });
      return () => { model.off("msg:custom", heard); kernels.delete(model); };
    },
  };
})();
