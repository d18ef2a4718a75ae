// Rows that can be put in order are also dragged, by their heading. The buttons do the same by keyboard.
import { announceMove, rowsOf } from "./rows.js";

const EDGE = 60; // pixels from the edge of the window where it begins to scroll
const STEP = 12; // pixels a frame
const { DOCUMENT_POSITION_PRECEDING: BEFORE, DOCUMENT_POSITION_FOLLOWING: AFTER } = Node;

// The others make room: a row that is taken out of the page would lose the pointer.
function makeRoom(row, others, place) {
  for (const one of others.slice(0, place)) if (row.compareDocumentPosition(one) & AFTER) row.before(one);
  for (const one of others.slice(place).reverse()) if (row.compareDocumentPosition(one) & BEFORE) row.after(one);
}

function drag(group, row, handle, start) {
  const others = rowsOf(group).filter((one) => one !== row);
  const from = rowsOf(group).indexOf(row);
  let y = start.clientY;
  let frame;

  function follow() {
    if (y < EDGE) scrollBy(0, -STEP);
    else if (y > innerHeight - EDGE) scrollBy(0, STEP);
    const next = others.findIndex((one) => y < one.getBoundingClientRect().top + one.offsetHeight / 2);
    makeRoom(row, others, next < 0 ? others.length : next);
    frame = requestAnimationFrame(follow);
  }

  const ending = new AbortController();
  function end(keep) {
    ending.abort();
    cancelAnimationFrame(frame);
    row.classList.remove("rows__row--dragged");
    if (!keep) makeRoom(row, others, from);
    if (rowsOf(group).indexOf(row) !== from) announceMove(group, row);
  }

  row.classList.add("rows__row--dragged");
  handle.setPointerCapture(start.pointerId);
  const listen = (target, name, act) => target.addEventListener(name, act, { signal: ending.signal });
  listen(handle, "pointermove", (event) => { y = event.clientY; });
  listen(handle, "pointerup", () => end(true));
  listen(handle, "pointercancel", () => end(false));
  listen(window, "keydown", (event) => { if (event.key === "Escape") end(false); });
  follow();
}

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("legend");
  const row = handle?.closest("[data-row-at]");
  if (event.button !== 0 || !row || handle.parentElement !== row || !row.querySelector(":scope > .rows__acts > [data-row-move]")) return;
  event.preventDefault();
  drag(row.parentElement, row, handle, event);
});
