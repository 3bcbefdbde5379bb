const slides = [...document.querySelectorAll(".slide")];
const overview = document.getElementById("overview"), black = document.getElementById("black");
let speaker = null, begun = 0;

// the largest type with which a slide is not fuller than the screen, in parts of the screen
function fit() {
  for (const slide of slides) {
    const body = slide.querySelector(".body"), picture = body.querySelector("img");
    for (let size = picture ? 3.8 : 6; size > 1.5; size -= 0.1) {
      body.style.fontSize = `${size}vmin`;
      const roomy = !picture || picture.clientHeight >= 0.52 * slide.clientHeight;
      const fits = body.scrollHeight <= body.clientHeight && body.scrollWidth <= body.clientWidth;
      if (fits && slide.scrollHeight <= slide.clientHeight && (roomy || size < 3.3)) break;
    }
  }
}
function here() { return Math.round(window.scrollY / slides[0].offsetHeight); }
function go(place) {
  const slide = slides[Math.max(0, Math.min(slides.length - 1, place))];
  overview.hidden = black.hidden = true;
  slide.scrollIntoView();
  slide.focus({ preventScroll: true });
  tell(slide);
}
// notes for whoever speaks, in a window of their own
function tell(slide) {
  if (!speaker || speaker.closed) return;
  const next = slide.nextElementSibling?.getAttribute("aria-label") ?? "the end";
  const minutes = Math.floor((Date.now() - begun) / 60000);
  speaker.document.body.innerHTML = `<h1></h1>${slide.querySelector(".notes").innerHTML}<hr><p></p>`;
  speaker.document.querySelector("h1").textContent = slide.getAttribute("aria-label");
  speaker.document.querySelector("hr + p").textContent = `Next: ${next}. ${minutes} minutes gone.`;
}
function notes() {
  begun = Date.now();
  speaker = window.open("", "notes", "width=700,height=600");
  if (!speaker) return;
  speaker.document.title = `Notes: ${document.title}`;
  speaker.document.body.style.cssText = "font: 20px/1.4 sans-serif; margin: 1em; max-width: 42em";
  speaker.onkeydown = key;
  tell(slides[here()]);
}
const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, Enter: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
function key(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest?.("a") && event.key === "Enter") return;
  if (event.key in steps) go(here() + steps[event.key]);
  else if (event.key === "Home") go(0);
  else if (event.key === "End") go(slides.length - 1);
  else if (event.key === "b") black.hidden = !black.hidden;
  else if (event.key === "o") overview.hidden = !overview.hidden;
  else if (event.key === "n") notes();
  else return;
  event.preventDefault();
}
document.addEventListener("keydown", key);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link?.closest("#overview")) {
    event.preventDefault();
    return go(Number(link.hash.replace("#slide-", "")) - 1);
  }
  if (link || String(getSelection()) || !overview.hidden) return;
  if (!black.hidden) black.hidden = true;
  // the left fifth goes back
  else go(here() + (event.clientX < innerWidth / 5 ? -1 : 1));
});
addEventListener("load", () => { fit(); if (/^#slide-\d+$/.test(location.hash)) go(Number(location.hash.slice(7)) - 1); });
let size = 0;
addEventListener("resize", () => {
  const place = here();
  clearTimeout(size);
  size = setTimeout(() => { fit(); go(place); }, 100);
});
addEventListener("beforeprint", fit);
