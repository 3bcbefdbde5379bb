// Draws an explorer: native controls, up to four panels, the numbers that stand in none of them, and
// questions, one at a time. Every answer was computed beforehand; a move of a control is a look-up and a
// few changed attributes.

// dotted is nobody's: what was kept is a pale broad line, a reference a thin dashed one
// styles 0 to 3 are series, 4 to 7 bond, goal, task and what stands beside them, with the same dashes and markers
const looks = (four) => [...four, ...four];
const DASHES = looks(["", "7 4", "14 4", "9 3 2 3"]);
const TEXT = 12.5;
const THUMB = 16;
const KEYS = { [KEEPS_KEYS]: "true" };

const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function fill(node, attributes, children = []) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function asText(value, { digits = 0, unit = "", percent = false, signed = false }) {
  const text = (Math.abs(value) * (percent ? 100 : 1)).toFixed(digits);
  const sign = Number(text) === 0 ? "" : value < 0 ? "\u2212" : signed ? "+" : "";
  return sign + text + (percent || unit === "%" ? "%" : unit && ` ${unit}`);
}

// a control with options is a group of radio buttons, one without a slider
const controlText = (control, value) => control.options?.find(([key]) => key === value)[1] ?? asText(value, control);

function place(control, value, count) {
  if (control.options) return [Math.min(control.options.findIndex(([key]) => key === value), count - 1), 0];
  const position = ((value - control.low) / (control.high - control.low)) * (count - 1);
  const below = Math.min(Math.trunc(position), Math.max(count - 2, 0));
  return [below, position - below];
}

// A reader of surfaces: interpolates between the corners of the grid cell that `values` lie in.
function reader({ controls, surfaces, length }, view) {
  if (view.byteLength !== 4 * length) throw new Error("its numbers did not arrive complete");
  const data = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  const find = ({ offset, dims, size }, values) => {
    let corners = [[0, 1]];
    controls.forEach((control, k) => {
      const [below, share] = place(control, values[control.name], dims[k]);
      const next = corners.map(([at, weight]) => [at * dims[k] + below, weight * (1 - share)]);
      if (share > 0) next.push(...corners.map(([at, weight]) => [at * dims[k] + below + 1, weight * share]));
      corners = next;
    });
    const found = new Array(size).fill(0);
    for (const [at, weight] of corners)
      for (let j = 0; j < size; j++) found[j] += weight * data[offset + at * size + j];
    return found;
  };
  return (values) => {
    const known = {}; // several marks and numbers show the same surface
    return (given) => (typeof given === "string" ? (known[given] ??= find(surfaces[given], values)) : given);
  };
}

const round = (number) => Math.round(number * 10) / 10;
const path = (xs, ys) => xs.map((x, i) => `${i ? "L" : "M"}${round(x)},${round(ys[i])}`).join("");

const MARKERS = looks([
  (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  (x, y, r) => `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x},${y - 1.3 * r}l${1.3 * r},${1.3 * r}l${-1.3 * r},${1.3 * r}l${-1.3 * r},${-1.3 * r}z`,
  (x, y, r) => `M${x},${y - 1.2 * r}l${1.2 * r},${2.1 * r}h${-2.4 * r}z`,
]);

// Each mark makes its nodes once and returns what moves them: update(read).
const MARKS = {
  Line(mark, { layer, back, x, y, start, ends }) {
    const band = mark.band && layer.appendChild(svg("path", { class: `ac-band ac-${mark.style}` }));
    const ghost = back.appendChild(svg("path", { class: "ac-ghost" }));
    const line = layer.appendChild(
      svg("path", { class: `ac-line ac-${mark.style}`, "stroke-dasharray": DASHES[mark.style] }),
    );
    ghost.setAttribute("d", path(start(mark.x).map(x), start(mark.y).map(y)));
    const end = mark.label && { node: svg("text", { class: `ac-name ac-${mark.style}` }, mark.label) };
    if (end) ends.push(end) && layer.appendChild(end.node);
    return (read) => {
      const [xs, ys] = [read(mark.x).map(x), read(mark.y).map(y)];
      line.setAttribute("d", path(xs, ys));
      ghost.setAttribute("visibility", line.getAttribute("d") === ghost.getAttribute("d") ? "hidden" : "visible");
      if (end) [end.x, end.y] = [xs.at(-1) + 7, ys.at(-1)];
      if (!band) return;
      const [low, high] = mark.band.map((edge) => read(edge).map(y));
      band.setAttribute("d", `${path([...xs, ...[...xs].reverse()], [...high, ...low.reverse()])}z`);
    };
  },
  Points(mark, { layer, back, x, y, inside, start }) {
    const [atX, atY] = [start(mark.x), start(mark.y)];
    // where a few points were; of a cloud that would be a second cloud
    const ghost = atX.length < 10 && back.appendChild(svg("path", { class: "ac-was" }));
    const bars = layer.appendChild(svg("path", { class: `ac-whisker ac-${mark.style}` }));
    const dots = layer.appendChild(svg("path", { class: `ac-dots ac-${mark.style}` }));
    return (read) => {
      const [xs, ys, sizes] = [read(mark.x), read(mark.y), read(mark.size)];
      const seen = xs.map((_, i) => i).filter((i) => inside(xs[i], ys[i]));
      dots.setAttribute("d", seen.map((i) =>
        MARKERS[mark.style](round(x(xs[i])), round(y(ys[i])), round(sizes[i] ?? sizes))).join(""));
      if (ghost) {
        const gone = atX.map((_, i) => i).filter((i) => inside(atX[i], atY[i]) && (atX[i] !== xs[i] || atY[i] !== ys[i]));
        ghost.setAttribute("d", gone.map((i) => MARKERS[mark.style](round(x(atX[i])), round(y(atY[i])), round(sizes[i] ?? sizes) + 2)).join(""));
      }
      if (!mark.interval) return;
      const [low, high] = mark.interval.map(read);
      bars.setAttribute("d", seen.map((i) => mark.along === "x"
        ? `M${round(x(low[i]))},${round(y(ys[i]))}H${round(x(high[i]))}`
        : `M${round(x(xs[i]))},${round(y(low[i]))}V${round(y(high[i]))}`).join(""));
    };
  },
  Bars(mark, { layer, x, y, box, start, panel }) {
    const thick = Math.min(30, (y(1) - y(0)) * 0.5);
    const foot = x(Math.min(panel.x.high, Math.max(panel.x.low, 0)));
    layer.append(svg("path", { class: "ac-zero", d: `M${round(foot)},${box.top}V${box.bottom}` }));
    const rows = start(mark.values).map((value, i) => {
      const top = round(y(i) - thick / 2);
      const bar = svg("rect", { class: `ac-bar ac-${mark.style}`, y: top, height: thick });
      const from = svg("path", { class: "ac-ghost", d: `M${round(x(value))},${top - 3}v${thick + 6}` });
      const text = svg("text", { class: "ac-value", y: y(i) + 4.5 });
      return layer.append(bar, from, text), { bar, text, from, was: x(value) };
    });
    return (read) => read(mark.values).forEach((value, i) => {
      const [end, way] = [x(value), value < 0 ? -1 : 1], ahead = (rows[i].was - end) * way;
      fill(rows[i].bar, { x: round(Math.min(foot, end)), width: round(Math.abs(end - foot)) });
      const beside = ahead > 0 && ahead < 46 ? rows[i].was : end; // the pale line never crosses the number
      rows[i].from.setAttribute("visibility", Math.abs(ahead) < 0.05 ? "hidden" : "visible");
      fill(rows[i].text, { x: round(beside) + 7 * way, "text-anchor": way < 0 ? "end" : "start" }).textContent = asText(value, panel.x);
    });
  },
  Tiles(mark, { layer, x, y, start, panel }) {
    const was = start(mark.values).map((value) => asText(value, mark));
    const [wide, high] = [x(1) - x(0), y(1) - y(0)].map((size) => size - 4);
    const columns = panel.x.labels.length;
    const tiles = Array.from({ length: columns * panel.y.labels.length }, (_, i) => {
      const [left, middle] = [x(i % columns), y(Math.floor(i / columns))];
      const at = { x: round(left - wide / 2), y: round(middle - high / 2), width: wide, height: high };
      const tile = svg("rect", { class: `ac-tile ac-${mark.style}`, rx: 2, ...at });
      const text = svg("text", { class: "ac-value", "text-anchor": "middle", x: left, y: middle + 4.5 });
      const before = svg("text", { class: "ac-note", "text-anchor": "middle", x: left, y: middle + 20 });
      layer.append(tile, text, before);
      return { tile, text, before };
    });
    return (read) => read(mark.values).forEach((value, i) => {
      const share = Math.min(1, Math.max(0, (value - mark.low) / (mark.high - mark.low)));
      tiles[i].tile.setAttribute("fill-opacity", (0.06 + 0.5 * share).toFixed(3));
      const text = (tiles[i].text.textContent = asText(value, mark));
      tiles[i].before.textContent = text === was[i] ? "" : `was ${was[i]}`;
    });
  },
  Reference(mark, { layer, x, y, box, measure }) {
    const line = layer.appendChild(svg("path", { class: "ac-reference" }));
    const text = layer.appendChild(svg("text", { class: "ac-note" }, mark.label));
    const given = mark.x ?? mark.y;
    return (read) => {
      const value = read(given)[0] ?? given;
      const at = round(mark.x === null ? y(value) : x(value));
      if (mark.x === null) {
        line.setAttribute("d", `M${box.left},${at}H${box.right}`);
        fill(text, { x: box.right - 4, y: at - 6 < box.top + 8 ? at + 15 : at - 6, "text-anchor": "end" });
      } else {
        line.setAttribute("d", `M${at},${box.top - 2}V${box.bottom}`);
        // above the picture, where no mark is
        const half = measure(mark.label) / 2;
        fill(text, { x: Math.min(box.right + box.spare - half, Math.max(half, at)), y: box.top - 6, "text-anchor": "middle" });
      }
    };
  },
};

const ticksOf = (scale) => {
  if (scale.labels.length) return scale.labels.map((text, i) => [i, text]);
  const ticks = scale.ticks.length ? scale.ticks : [0, 1, 2, 3, 4].map((i) => scale.low + (i * (scale.high - scale.low)) / 4);
  // no more decimals than the ticks themselves have
  const digits = Math.min(scale.digits, Math.max(...ticks.map((value) => (String(Math.round(1e4 * value) / 1e4).split(".")[1] ?? "").length)));
  return ticks.map((value) => [value, asText(value, { ...scale, digits })]);
};

const endsOf = (scale) => (scale.labels.length ? [-0.5, scale.labels.length - 0.5] : [scale.low, scale.high]);

// Lays one panel out for a width in real pixels, so that text keeps its size, and returns update(read).
function layOut(panel, picture, width, measure, start) {
  const widest = (texts) => Math.max(0, ...texts.map(measure));
  const names = panel.marks.filter((mark) => mark.kind === "Line").map((mark) => mark.label);
  const room = panel.marks.some((mark) => mark.kind === "Bars") ? measure("100 %") + 4 : 0;
  const [xTicks, yTicks] = [ticksOf(panel.x), ticksOf(panel.y)];
  const half = measure(xTicks.at(-1)[1]) / 2 + 2;
  const box = {
    left: Math.ceil(Math.max(widest(yTicks.map(([, text]) => text)) + 10, measure(xTicks[0][1]) / 2)),
    right: Math.floor(width - Math.max(12, half, room, widest(names) + (widest(names) && 12))),
    top: (panel.y.label ? 28 : 10) + (panel.marks.some((mark) => mark.kind === "Reference" && mark.x !== null) ? 14 : 0),
    bottom: panel.height - (panel.x.label ? 44 : 24),
  };
  box.spare = width - box.right;
  const scale = ([low, high], from, to) => (value) => from + ((value - low) / (high - low)) * (to - from);
  const down = panel.y.labels.length > 0;
  const [xEnds, yEnds] = [endsOf(panel.x), endsOf(panel.y)];
  const x = scale(xEnds, box.left, box.right);
  const y = scale(yEnds, down ? box.top : box.bottom, down ? box.bottom : box.top);
  const inside = (u, v) => u >= xEnds[0] && u <= xEnds[1] && v >= yEnds[0] && v <= yEnds[1];
  fill(picture, { width, height: panel.height, viewBox: `0 0 ${width} ${panel.height}` });
  const [layer, back] = [svg("g"), svg("g")];
  picture.replaceChildren(layer);
  const grid = down ? (panel.x.labels.length ? "" : xTicks.map(([v]) => `M${round(x(v))},${box.top}V${box.bottom}`).join(""))
    : yTicks.map(([v]) => `M${box.left},${round(y(v))}H${box.right}`).join("");
  layer.append(svg("path", { class: "ac-grid", d: grid }));
  for (const [v, text] of yTicks)
    layer.append(svg("text", { class: "ac-tick", x: box.left - 8, y: round(y(v)) + 4, "text-anchor": "end" }, text));
  const wide = 1.4 * widest(xTicks.map(([, text]) => text)) * xTicks.length > box.right - box.left;
  const zero = Math.max(0, xTicks.findIndex(([v]) => v === 0)); // keeps its tick
  const fewer = xTicks.filter((_, i) => (i - zero) % 2 === 0); // one alone would be no scale
  const few = fewer.length > 1 ? fewer : [xTicks[zero], xTicks[zero === xTicks.length - 1 ? 0 : xTicks.length - 1]];
  const written = wide && !panel.x.labels.length ? few : xTicks;
  // two that would touch lean apart
  const close = written.length === 2 && Math.abs(x(written[1][0]) - x(written[0][0])) < measure(written.map(([, text]) => text).join("")) / 2 + 6;
  for (const [v, text] of written) {
    const lean = close ? (v === Math.min(...written.map(([other]) => other)) ? "end" : "start") : "middle";
    const aside = { end: 4, start: -4, middle: 0 }[lean];
    layer.append(svg("text", { class: "ac-tick", x: round(x(v) + aside), y: box.bottom + 18, "text-anchor": lean }, text));
  }
  if (panel.y.label) layer.append(svg("text", { class: "ac-side", x: 0, y: 14 }, panel.y.label));
  if (panel.x.label)
    layer.append(svg("text", { class: "ac-side", x: box.right, y: panel.height - 6, "text-anchor": "end" }, panel.x.label));
  layer.append(back);
  const ends = [];
  const updates = panel.marks.map((mark) => MARKS[mark.kind](mark, { layer, back, x, y, box, inside, start, ends, panel, measure }));
  return (read) => {
    for (const update of updates) update(read);
    ends.sort((one, other) => one.y - other.y);
    ends.forEach((end, i) => {
      if (i) end.y = Math.max(end.y, ends[i - 1].y + TEXT + 3);
      fill(end.node, { x: round(end.x), y: round(end.y) + 4 });
    });
  };
}

function slider(control, id, set) {
  const input = html("input", {
    ...KEYS, type: "range", id: `${id}-${control.name}`, min: control.low, max: control.high, step: control.step,
    "aria-describedby": `${id}-${control.name}-help`,
  });
  // as wide as it ever gets, so that nothing wraps or moves under the hand
  const wide = Math.max(...[control.low, control.high, control.high - control.step].map((value) => controlText(control, value).length));
  const output = html("output", { for: input.id, "aria-live": "off", style: `min-width: ${wide}ch` });
  input.addEventListener("input", () => set(control.name, Number(input.value)));
  // a browser keeps pointer moves back until the next frame; the raw ones come at once, so that the
  // picture is ready when that frame begins. Where this guess is off, the slider's own move mends it.
  input.addEventListener("pointerrawupdate", ({ buttons, offsetX, pointerType }) => {
    if (buttons !== 1 || pointerType === "touch") return;
    const share = Math.min(1, Math.max(0, (offsetX - THUMB / 2) / (input.clientWidth - THUMB)));
    const steps = Math.round((share * (control.high - control.low)) / control.step);
    input.value = control.low + steps * control.step;
    set(control.name, Number(input.value));
    void input.offsetWidth; // has it laid out now: a frame that begins looks for what is under the pointer first
  });
  const node = html("div", { class: "ac-control" },
    html("div", { class: "ac-row" }, html("label", { for: input.id }, control.label), output), input,
    html("div", { class: "ac-row ac-ends", "aria-hidden": "true" }, ...control.ends.map((end) => html("span", {}, end))));
  return [node, (value) => {
    if (Number(input.value) !== value) input.value = value;
    const text = (output.textContent = controlText(control, value));
    const end = control.ends[[control.low, control.high].indexOf(value)];
    input.setAttribute("aria-valuetext", end ? `${text}, ${end}` : text);
  }];
}

function radios(control, id, set) {
  const node = html("fieldset", { class: "ac-control", "aria-describedby": `${id}-${control.name}-help` },
    html("legend", {}, control.label));
  const row = node.appendChild(html("div", { class: "ac-options" }));
  const inputs = control.options.map(([key, label]) => {
    const input = html("input", { ...KEYS, type: "radio", name: `${id}-${control.name}`, value: key });
    input.addEventListener("change", () => set(control.name, key));
    row.append(html("label", {}, input, ` ${label}`));
    return input;
  });
  return [node, (value) => inputs.forEach((input) => { input.checked = input.value === value; })];
}

const button = (label, act, attributes = {}) => {
  const node = html("button", { ...KEYS, type: "button", ...attributes }, label);
  node.addEventListener("click", act);
  return node;
};

// The questions, one at a time; each remembers whether its answer is open.
function questions(asked, id) {
  const parts = asked.map(({ number, question, answer }) => {
    const [put, said] = [html("div"), html("div")];
    put.innerHTML = question; // the course's own text, escaped and made into HTML by Python
    said.innerHTML = answer;
    return html("article", {}, put, html("details", {}, html("summary", KEYS, `Answer to ${number}`), said));
  });
  let open = 0;
  const count = html("span", { class: "ac-count", id: `${id}-asked` });
  const go = (by) => {
    open = Math.min(parts.length - 1, Math.max(0, open + by));
    parts.forEach((part, i) => { part.hidden = i !== open; });
    const first = asked[0].number;
    count.textContent = `Question ${first + open} (${first} to ${asked.at(-1).number})`;
    // still in reach of the Tab key at either end, or the focus would be lost
    back.setAttribute("aria-disabled", open === 0);
    next.setAttribute("aria-disabled", open === parts.length - 1);
  };
  const [back, next] = [button("Back", () => go(-1)), button("Next", () => go(1))];
  go(0);
  return html("div", { class: "ac-asked", role: "group", "aria-labelledby": count.id }, html("div", { class: "ac-row" }, count,
    html("span", { class: "ac-buttons" }, back, next)), html("div", { "aria-live": "polite" }, ...parts));
}

const key = (mark) => html("span", { class: "ac-key" },
  svg("svg", { width: 16, height: 14, "aria-hidden": "true" },
    svg("path", { class: `ac-dots ac-${mark.style}`, d: MARKERS[mark.style](8, 7, 4) })), ` ${mark.label}`);

function build(model, root, stop) {
  const spec = model.get("_spec");
  const look = reader(spec, model.get("_data"));
  const id = `ac-${Math.random().toString(36).slice(2, 9)}`;
  const values = Object.fromEntries(spec.controls.map(({ name }) => [name, model.get(name)]));
  const defaults = Object.fromEntries(spec.controls.map((control) => [control.name, control.default]));
  let [resting, waking, moved, kept] = [0, 0, false, null];

  const set = (name, value, byHand = true) => {
    if (values[name] === value) return;
    values[name] = value;
    moved ||= byHand;
    draw();
    clearTimeout(resting);
    resting = setTimeout(speak, 500);
  };
  // Two ticks after a picture Chromium stops asking the screen for frames. What comes just then waits for
  // up to a tick, and a held key comes just then: an empty frame late in each of two ticks keeps it asking.
  const stayAwake = (frames) => requestAnimationFrame((tick) => {
    clearTimeout(waking);
    if (frames) waking = setTimeout(stayAwake, tick + 29 - performance.now(), frames - 1);
  });
  // once the controls rest, a screen reader hears the sentence, and then the kernel the values. Either,
  // at every step, would keep the page busy just when the next move comes
  const speak = () => {
    words.textContent = fillIn(spec.words, known(look(values), values));
    resting = setTimeout(save, 500);
  };
  const save = () => {
    if (!moved) return;
    moved = false;
    model.set({ ...values });
    model.save_changes();
  };

  const controls = spec.controls.map((control) => (control.options ? radios : slider)(control, id, set));
  const turns = spec.controls.map((control, i) => ({ ...control, node: controls[i][0] })).filter(({ opens }) => opens);
  const places = controls.map(([node]) => node).filter((node) => !turns.some((turn) => turn.node === node));
  // moves that come one after the other share a place
  if (turns.length) places.unshift(html("div", { class: "ac-turns" }, ...turns.map(({ node }) => node)));
  const large = places.length > 6;

  const words = html("p", { class: "ac-words", id: `${id}-words`, "aria-live": "polite" });
  const panels = spec.panels.map((panel, i) => {
    const title = html("figcaption", { id: `${id}-panel-${i}` });
    const note = html("p", { class: "ac-reading", id: `${id}-note-${i}` }, panel.note);
    const picture = svg("svg", { role: "img", "aria-labelledby": title.id });
    if (panel.note) picture.setAttribute("aria-describedby", note.id);
    const keys = panel.marks.filter((mark) => mark.kind === "Points" && mark.label).map(key);
    const figure = html("figure", { style: `--ac-span: ${panel.width}` }, title, ...keys, picture, note);
    return { panel, title, picture, figure, width: 0, update: null };
  });
  const shares = spec.panels.reduce((sum, panel) => sum + panel.width, 0);
  const shown = spec.readouts.filter((readout) => readout.shown)
    .map((readout) => ({ ...readout, node: html("b"), before: html("span", { class: "ac-before" }) }));
  const numbers = html("dl", { class: "ac-numbers" }, ...shown.map(({ label, node, before }) =>
    html("div", {}, html("dt", {}, label), html("dd", {}, node, before))));
  // the help of a form is its sentences, and is seen with each control. Of others it is heard with it,
  // and seen in the fold: from inside a fold that is closed nothing would be heard
  spec.controls.forEach(({ name, help }, i) => controls[i][0].firstChild.after(
    html("p", { id: `${id}-${name}-help`, class: "ac-help", ...(large ? {} : { hidden: "" }) }, help)));
  const legend = html("dl", { class: "ac-legend" }, ...(large ? [] : spec.controls).map(({ label, help }) =>
    html("div", {}, html("dt", {}, label), html("dd", {}, help))));
  const more = html("details", { class: "ac-more" }, html("summary", KEYS, "In words"), legend);
  // folded for the eye, which has the pictures; a screen reader hears it whenever the controls rest
  more.addEventListener("toggle", () => root.classList.toggle("ac-said", more.open));

  const was = html("span", { class: "ac-wasname" });
  const keep = button("Keep this one", () => pin(kept ? null : { ...values }), { class: "ac-keep" });
  const reset = button("Reset", () => Object.entries(defaults).forEach(([name, value]) => set(name, value)), { class: "ac-reset" });
  const pin = (state) => {
    kept = state;
    keep.textContent = kept ? "Let go" : "Keep this one";
    keep.setAttribute("aria-label", kept ? "Let go of what is kept" : "Keep this one, to compare");
    was.replaceChildren(html("i", { "aria-hidden": "true" }), kept ? "kept" : "start");
    was.title = kept ? spec.controls.map((control) => `${control.label}: ${controlText(control, kept[control.name])}`).join("; ") : "";
    for (const entry of panels) entry.width = 0;
    arrange();
    draw();
  };

  root.setAttribute("aria-labelledby", `${id}-title`);
  root.classList.toggle("ac-large", large);
  root.classList.toggle("ac-few", !large && panels.length < 3);
  root.append(html("div", { class: "ac-frame" }, html("p", { id: `${id}-title`, class: "ac-title", role: "heading", "aria-level": "3" }, spec.title),
    html("div", { class: "ac-controls", style: `--ac-rows: ${Math.ceil(places.length / 3)}` }, ...places),
    html("div", { class: "ac-panels", style: `--ac-columns: ${panels.length > 3 ? 2 : shares}` }, ...panels.map(({ figure }) => figure)),
    html("div", { class: "ac-row ac-acts" }, ...(shown.length ? [numbers] : []), html("span", { class: "ac-buttons" }, was, keep, reset), more),
    ...(spec.asked?.length ? [questions(spec.asked, id)] : []), words));

  // every value as text, made once for each move
  const known = (read, at) => {
    const all = Object.fromEntries(spec.controls.map((control) => [control.name, controlText(control, at[control.name])]));
    for (const readout of spec.readouts) {
      const value = read(readout.surface)[readout.index];
      all[readout.name] = asText(value, readout);
      all[`${readout.name}_word`] = (readout.words.find(([limit]) => value <= limit) ?? ["", ""])[1];
    }
    return all;
  };
  const fillIn = (template, all) => template.replace(/{(\w+)}/g, (_, name) => all[name]);

  const guard = (action) => () => {
    try { action(); } catch (error) { fail(root, stop, error); }
  };
  const write = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const draw = guard(() => {
    const read = look(values);
    const all = known(read, values);
    spec.controls.forEach((control, i) => controls[i][1](values[control.name]));
    const turn = turns.findLast(({ opens: [name, least] }) => values[name] >= least) ?? turns[0];
    for (const { node } of turns) node.classList.toggle("ac-now", node === turn.node);
    const before = kept && known(look(kept), kept);
    for (const { name, node, before: then } of shown) {
      write(node, all[name]);
      write(then, before ? ` (kept ${before[name]})` : "");
    }
    for (const { panel, title, update } of panels) {
      write(title, fillIn(panel.title, all));
      update?.(read);
    }
  });

  // each title with the longest texts that stand in it, so that nothing below it moves
  const longest = () => {
    const ends = ({ options, low, high }) => options?.map(([key]) => key) ?? [low, high];
    const states = spec.controls.flatMap((control) => ends(control).map((end) => ({ ...defaults, [control.name]: end })));
    const all = [defaults, ...states].map((at) => known(look(at), at));
    const texts = Object.keys(all[0]).map((name) => [name, all.reduce((text, one) => (one[name].length > text.length ? one[name] : text), "")]);
    return panels.map(({ panel }) => fillIn(panel.title, Object.fromEntries(texts)));
  };

  const ruler = document.createElement("canvas").getContext("2d");
  let titles;
  const arrange = () => {
    // beside the controls there is more room than below them
    const [wide, few] = [root.firstElementChild.clientWidth, root.classList.contains("ac-few")];
    const side = wide >= (few || large ? 768 : 992);
    const part = wide < 512 || (side && large) ? 1 : side ? 1.1 : few || wide >= 900 ? 0.84 : 0.76;
    ruler.font = `600 ${TEXT}px ${getComputedStyle(root).fontFamily}`;
    titles ??= longest();
    for (const [i, entry] of panels.entries()) {
      const width = Math.floor(entry.figure.clientWidth);
      if (!width || width === entry.width) continue;
      entry.width = width;
      const size = parseFloat(getComputedStyle(entry.title).fontSize);
      entry.lines = ruler.measureText(titles[i]).width * (size / TEXT) > width ? 2 : 1;
      entry.update = layOut({ ...entry.panel, height: Math.round(part * entry.panel.height) }, entry.picture, width, (text) => ruler.measureText(text).width, look(kept ?? defaults));
      entry.update(look(values));
      root.style.setProperty("--ac-lines", Math.max(...panels.map((panel) => panel.lines ?? 1)));
    }
  };
  const observer = new ResizeObserver(guard(arrange));
  panels.forEach(({ figure }) => observer.observe(figure));
  for (const { name } of spec.controls) {
    // until the kernel has heard of a move, what comes from it is the echo of an older one
    const hear = () => moved || set(name, model.get(name), false);
    model.on(`change:${name}`, hear);
    stop.push(() => model.off(`change:${name}`, hear));
  }
  root.addEventListener("keydown", ({ repeat }) => repeat && stayAwake(2));
  // a person who goes on to a cell of code finds there what stands here
  root.addEventListener("focusout", ({ relatedTarget }) => root.contains(relatedTarget) || save());
  allianceSigns(root);
  pin(null);
  speak();
  stop.push(() => observer.disconnect(), () => clearTimeout(resting), () => clearTimeout(waking));
}

// A box that cuts off what is too wide, as the outputs of JupyterLab do, would hold the controls that stay
// in sight on a phone; one that clips looks alike and lets them be.
function letStick(el, stop) {
  const cell = el.closest(".jp-Cell");
  for (let node = el; cell && node !== cell.parentElement; node = node.parentElement) {
    if (getComputedStyle(node).overflow === "visible") continue;
    const given = node.style.overflow;
    node.style.overflow = "clip";
    stop.push(() => { node.style.overflow = given; });
  }
}

function fail(root, stop, error) {
  stop.splice(0).forEach((end) => end());
  root.replaceChildren(html("p", { role: "alert", class: "ac-alert" },
    `This explorer cannot be drawn: ${error.message}. Its still shows the starting values; running the cell again may help.`));
}

export default {
  render({ model, el }) {
    const root = el.appendChild(html("div", { class: "ac-explorer", role: "group" }));
    const stop = [];
    try {
      build(model, root, stop);
      letEnterThrough(root, stop);
      oncePlaced(root, stop, () => {
        hideStill(el, stop);
        letStick(el, stop);
      });
    } catch (error) { fail(root, stop, error); }
    return () => stop.splice(0).forEach((end) => end());
  },
};
