// Draws an explorer: native controls, up to four panels, numbers, a legend and a sentence. Every
// answer was computed beforehand; a move of a control is a look-up and a few changed attributes.

const DASHES = ["", "7 4", "2 3", "9 3 2 3"];
const TEXT = 12.5;
const THUMB = 16;
// without this on the very element, JupyterLab takes a slider's arrow keys for a move to the next cell
const KEYS = { "data-lm-suppress-shortcuts": "true" };

const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function fill(node, attributes, children) {
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
const controlText = (control, value) => control.options?.[value] ?? asText(value, control);

function place(control, value, count) {
  if (control.options) return [Math.min(Object.keys(control.options).indexOf(value), count - 1), 0];
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

const MARKERS = [
  (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  (x, y, r) => `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x},${y - 1.3 * r}l${1.3 * r},${1.3 * r}l${-1.3 * r},${1.3 * r}l${-1.3 * r},${-1.3 * r}z`,
  (x, y, r) => `M${x},${y - 1.2 * r}l${1.2 * r},${2.1 * r}h${-2.4 * r}z`,
];

// Each mark makes its nodes once and returns what moves them: update(read).
const MARKS = {
  Line(mark, { layer, x, y, start, ends }) {
    const band = mark.band && layer.appendChild(svg("path", { class: `ac-band ac-${mark.style}` }));
    const ghost = layer.appendChild(svg("path", { class: "ac-ghost" }));
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
  Points(mark, { layer, x, y, inside }) {
    const bars = layer.appendChild(svg("path", { class: `ac-whisker ac-${mark.style}` }));
    const dots = layer.appendChild(svg("path", { class: `ac-dots ac-${mark.style}` }));
    return (read) => {
      const [xs, ys, sizes] = [read(mark.x), read(mark.y), read(mark.size)];
      const seen = xs.map((_, i) => i).filter((i) => inside(xs[i], ys[i]));
      dots.setAttribute("d", seen.map((i) =>
        MARKERS[mark.style](round(x(xs[i])), round(y(ys[i])), round(sizes[i] ?? sizes))).join(""));
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
      const from = svg("path", { class: "ac-ghost", d: `M${round(x(value))},${top - 4}v${thick + 8}` });
      const text = svg("text", { class: "ac-value", y: y(i) + 4.5 });
      return layer.append(bar, from, text), { bar, text, was: x(value) };
    });
    return (read) => read(mark.values).forEach((value, i) => {
      const [end, way] = [x(value), value < 0 ? -1 : 1], ahead = (rows[i].was - end) * way;
      fill(rows[i].bar, { x: round(Math.min(foot, end)), width: round(Math.abs(end - foot)) }, []);
      const beside = ahead > 0 && ahead < 46 ? rows[i].was : end; // the dotted line never crosses the number
      fill(rows[i].text, { x: round(beside) + 7 * way, "text-anchor": way < 0 ? "end" : "start" }, []).textContent = asText(value, panel.x);
    });
  },
  Tiles(mark, { layer, x, y, panel }) {
    const [wide, high] = [x(1) - x(0), y(1) - y(0)].map((size) => size - 4);
    const columns = panel.x.labels.length;
    const tiles = Array.from({ length: columns * panel.y.labels.length }, (_, i) => {
      const [left, middle] = [x(i % columns), y(Math.floor(i / columns))];
      const at = { x: round(left - wide / 2), y: round(middle - high / 2), width: wide, height: high };
      const tile = svg("rect", { class: `ac-tile ac-${mark.style}`, rx: 2, ...at });
      const text = svg("text", { class: "ac-value", "text-anchor": "middle", x: left, y: middle + 4.5 });
      layer.append(tile, text);
      return { tile, text };
    });
    return (read) => read(mark.values).forEach((value, i) => {
      const share = Math.min(1, Math.max(0, (value - mark.low) / (mark.high - mark.low)));
      tiles[i].tile.setAttribute("fill-opacity", (0.06 + 0.5 * share).toFixed(3));
      tiles[i].text.textContent = asText(value, mark);
    });
  },
  Reference(mark, { layer, x, y, box }) {
    const line = layer.appendChild(svg("path", { class: "ac-reference" }));
    const text = layer.appendChild(svg("text", { class: "ac-note" }, mark.label));
    const given = mark.x ?? mark.y;
    return (read) => {
      const value = read(given)[0] ?? given;
      const at = round(mark.x === null ? y(value) : x(value));
      if (mark.x === null) {
        line.setAttribute("d", `M${box.left},${at}H${box.right}`);
        fill(text, { x: box.right - 4, y: at - 6 < box.top + 8 ? at + 15 : at - 6, "text-anchor": "end" }, []);
      } else {
        const flip = at > (box.left + box.right) / 2;
        line.setAttribute("d", `M${at},${box.top}V${box.bottom}`);
        fill(text, { x: at + (flip ? -5 : 5), y: box.top + 11, "text-anchor": flip ? "end" : "start" }, []);
      }
    };
  },
};

const ticksOf = (scale) =>
  scale.labels.length ? scale.labels.map((text, i) => [i, text])
  : (scale.ticks.length ? scale.ticks : [0, 1, 2, 3, 4].map((i) => scale.low + (i * (scale.high - scale.low)) / 4))
    .map((value) => [value, asText(value, scale)]);

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
    top: panel.y.label ? 30 : 10,
    bottom: panel.height - (panel.x.label ? 44 : 24),
  };
  const scale = ([low, high], from, to) => (value) => from + ((value - low) / (high - low)) * (to - from);
  const down = panel.y.labels.length > 0;
  const [xEnds, yEnds] = [endsOf(panel.x), endsOf(panel.y)];
  const x = scale(xEnds, box.left, box.right);
  const y = scale(yEnds, down ? box.top : box.bottom, down ? box.bottom : box.top);
  const inside = (u, v) => u >= xEnds[0] && u <= xEnds[1] && v >= yEnds[0] && v <= yEnds[1];
  fill(picture, { width, height: panel.height, viewBox: `0 0 ${width} ${panel.height}` }, []);
  const layer = svg("g");
  picture.replaceChildren(layer);
  const grid = down ? (panel.x.labels.length ? "" : xTicks.map(([v]) => `M${round(x(v))},${box.top}V${box.bottom}`).join(""))
    : yTicks.map(([v]) => `M${box.left},${round(y(v))}H${box.right}`).join("");
  layer.append(svg("path", { class: "ac-grid", d: grid }));
  for (const [v, text] of yTicks)
    layer.append(svg("text", { class: "ac-tick", x: box.left - 8, y: round(y(v)) + 4, "text-anchor": "end" }, text));
  const wide = 1.2 * widest(xTicks.map(([, text]) => text)) * xTicks.length > box.right - box.left;
  const zero = Math.max(0, xTicks.findIndex(([v]) => v === 0)); // keeps its tick
  for (const [v, text] of wide && !panel.x.labels.length ? xTicks.filter((_, i) => (i - zero) % 2 === 0) : xTicks)
    layer.append(svg("text", { class: "ac-tick", x: round(x(v)), y: box.bottom + 18, "text-anchor": "middle" }, text));
  if (panel.y.label) layer.append(svg("text", { class: "ac-side", x: 0, y: 14 }, panel.y.label));
  if (panel.x.label)
    layer.append(svg("text", { class: "ac-side", x: box.right, y: panel.height - 6, "text-anchor": "end" }, panel.x.label));
  const ends = [];
  const updates = panel.marks.map((mark) => MARKS[mark.kind](mark, { layer, x, y, box, inside, start, ends, panel }));
  return (read) => {
    for (const update of updates) update(read);
    ends.sort((one, other) => one.y - other.y);
    ends.forEach((end, i) => {
      if (i) end.y = Math.max(end.y, ends[i - 1].y + TEXT + 3);
      fill(end.node, { x: round(end.x), y: round(end.y) + 4 }, []);
    });
  };
}

function slider(control, id, set) {
  const input = html("input", {
    ...KEYS, type: "range", id: `${id}-${control.name}`, min: control.low, max: control.high, step: control.step,
    "aria-describedby": `${id}-${control.name}-help`,
  });
  const output = html("output", { for: input.id, "aria-live": "off" });
  input.addEventListener("input", () => set(control.name, Number(input.value)));
  // a browser keeps pointer moves back until the next frame; the raw ones come at once, so that the
  // picture is ready when that frame begins. Where this guess is off, the slider's own move mends it.
  input.addEventListener("pointerrawupdate", ({ buttons, offsetX, pointerType }) => {
    if (buttons !== 1 || pointerType === "touch") return;
    const share = Math.min(1, Math.max(0, (offsetX - THUMB / 2) / (input.clientWidth - THUMB)));
    const steps = Math.round((share * (control.high - control.low)) / control.step);
    input.value = control.low + steps * control.step;
    set(control.name, Number(input.value));
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
  const inputs = Object.entries(control.options).map(([key, label]) => {
    const input = html("input", { ...KEYS, type: "radio", name: `${id}-${control.name}`, value: key });
    input.addEventListener("change", () => set(control.name, key));
    row.append(html("label", {}, input, ` ${label}`));
    return input;
  });
  return [node, (value) => inputs.forEach((input) => { input.checked = input.value === value; })];
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
  let [resting, waking, moved] = [0, 0, false];

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
    words.textContent = known(look(values))(spec.words);
    resting = setTimeout(save, 500);
  };
  const save = () => {
    if (!moved) return;
    moved = false;
    model.set({ ...values });
    model.save_changes();
  };

  const controls = spec.controls.map((control) => (control.options ? radios : slider)(control, id, set));
  const reset = html("button", { ...KEYS, type: "button", class: "ac-reset" }, "Reset");
  reset.addEventListener("click", () => Object.entries(defaults).forEach(([name, value]) => set(name, value)));

  const words = html("p", { class: "ac-words", id: `${id}-words`, "aria-live": "polite" });
  const panels = spec.panels.map((panel, i) => {
    const title = html("figcaption", { id: `${id}-panel-${i}` });
    const picture = svg("svg", { role: "img", "aria-labelledby": title.id, "aria-describedby": words.id });
    const keys = panel.marks.filter((mark) => mark.kind === "Points" && mark.label).map(key);
    const figure = html("figure", { style: `--ac-span: ${panel.width}` }, title, ...keys, picture);
    if (panel.note) figure.append(html("p", { class: "ac-reading" }, panel.note));
    return { panel, title, picture, figure, width: 0, update: null };
  });
  const shares = spec.panels.reduce((sum, panel) => sum + panel.width, 0);
  const numbers = spec.readouts.map((readout) => ({ readout, node: html("dd") }));
  const shown = numbers.filter(({ readout }) => readout.shown);
  const legend = html("dl", { class: "ac-legend" }, ...spec.controls.map((control) =>
    html("div", {}, html("dt", {}, control.label), html("dd", { id: `${id}-${control.name}-help` }, control.help))));

  root.setAttribute("aria-labelledby", `${id}-title`);
  root.append(html("div", { class: "ac-row ac-head" }, html("p", { id: `${id}-title` }, spec.title), reset),
    html("div", { class: "ac-controls" }, ...controls.map(([node]) => node)),
    html("div", { class: "ac-panels", style: `--ac-columns: ${panels.length > 3 ? 2 : shares}` }, ...panels.map(({ figure }) => figure)),
    html("dl", { class: "ac-numbers" }, ...shown.map(({ readout, node }) => html("div", {}, html("dt", {}, readout.label), node))),
    words, legend);

  const known = (read) => {
    const all = Object.fromEntries(spec.controls.map((control) => [control.name, controlText(control, values[control.name])]));
    for (const { readout } of numbers) {
      const value = read(readout.surface)[readout.index];
      all[readout.name] = asText(value, readout);
      all[`${readout.name}_word`] = (readout.words.find(([limit]) => value <= limit) ?? ["", ""])[1];
    }
    return (template) => template.replace(/{(\w+)}/g, (_, name) => all[name]);
  };

  const guard = (action) => () => {
    try { action(); } catch (error) { fail(root, stop, error); }
  };
  const draw = guard(() => {
    const read = look(values);
    const say = known(read);
    spec.controls.forEach((control, i) => controls[i][1](values[control.name]));
    for (const { readout, node } of shown) node.textContent = asText(read(readout.surface)[readout.index], readout);
    for (const { panel, title, update } of panels) {
      const text = say(panel.title);
      if (title.textContent !== text) title.textContent = text;
      update?.(read);
    }
  });

  const ruler = document.createElement("canvas").getContext("2d");
  const observer = new ResizeObserver(guard(() => {
    ruler.font = `600 ${TEXT}px ${getComputedStyle(root).fontFamily}`;
    for (const entry of panels) {
      const width = Math.floor(entry.figure.clientWidth);
      if (!width || width === entry.width) continue;
      entry.width = width;
      entry.update = layOut(entry.panel, entry.picture, width, (text) => ruler.measureText(text).width, look(defaults));
      entry.update(look(values));
    }
  }));
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
  draw();
  speak();

  // the still of this explorer stands above it for pages without widgets; here it would be double
  const hide = html("style", {}, `.${spec.id}, .jp-OutputArea-child:has(.${spec.id}) { display: none; }`);
  document.head.append(hide);
  stop.push(() => observer.disconnect(), () => hide.remove(), () => clearTimeout(resting), () => clearTimeout(waking));
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
    try { build(model, root, stop); } catch (error) { fail(root, stop, error); }
    return () => stop.splice(0).forEach((end) => end());
  },
};
