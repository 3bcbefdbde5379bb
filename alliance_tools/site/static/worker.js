// Python in a thread of its own. Everything that it fetches lies beside this file.

const here = new URL("./", import.meta.url).href;
const say = (said) => postMessage({ said });
let python = null;
let course = null;

async function start() {
  say("Python is starting ...");
  const { loadPyodide } = await import("./pyodide.mjs");
  python = await loadPyodide({ indexURL: here });
  say("The course is being unpacked ...");
  await fetchPackage("alliance-course");
  const inside = python.pyimport("alliance_in_page");
  inside.prepare("course");
  course = inside.Course();
}

async function fetchPackage(name) {
  let problem = "";
  await python.loadPackage(name, { messageCallback() {}, errorCallback(text) { problem = text; } });
  if (problem) throw new Error(problem);
}

// A cell says only when it runs which packages it wants: it is run once more with each that was missing.
async function run({ name, code }) {
  const tried = new Set();
  for (;;) {
    const found = JSON.parse(course.run(name, code));
    if (!found.missing || tried.has(found.missing)) return found;
    tried.add(found.missing);
    say(`${found.missing} is being fetched ...`);
    await python.loadPackagesFromImports(`import ${found.missing}`, { messageCallback() {}, errorCallback() {} });
    say("The code is running ...");
  }
}

addEventListener("message", async ({ data: { cells, record } }) => {
  try {
    if (!course) await start();
  } catch (error) {
    postMessage({ failed: String(error.message ?? error).split("\n").filter(Boolean).at(-1) });
    return;
  }
  say("The code is running ...");
  course.take(record);
  let found = null;
  let done = 0;
  for (const cell of cells) {
    found = await run(cell);
    if (found.error) break;
    done += 1;
  }
  postMessage({ ...found, done, record: course.give() });
});
