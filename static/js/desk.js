// The desk by keyboard, anywhere but in a field: j and k go from one piece of work to the next, a digit does what stands
// under it (1 the first), n opens the note. After something was done the focus is where it was: on the next piece of work.
const work = [...document.querySelectorAll("[data-work]")];
const STEPS = { j: 1, k: -1 };
const PLACE = `desk ${location.pathname}`;

const there = () => work.indexOf(document.activeElement?.closest("[data-work]"));
const focus = (at) => work[at]?.querySelector("a").focus();

function act(piece, key) {
  const acts = [...piece.querySelectorAll(":scope > .work__acts > .act, :scope > .work__acts > form > .act")];
  if (key === "n") {
    const more = piece.querySelector("details");
    more.open = true;
    more.querySelector("input:not([type=hidden])").focus();
  } else acts[Number(key) - 1]?.click();
}

if (work.length) {
  document.querySelector("[data-desk-keys]")?.removeAttribute("hidden");
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place !== null) {
    const back = () => focus(Math.min(Number(place), work.length - 1));
    back();
    // The fragment of the address takes the focus away while the page loads.
    addEventListener("load", () => setTimeout(back));
  }
  const leave = ({ target }) => {
    const at = work.indexOf(target.closest("[data-work]"));
    if (at >= 0) sessionStorage.setItem(PLACE, at);
  };
  document.addEventListener("submit", leave);
  document.addEventListener("click", (event) => event.target.closest("a") && leave(event));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const at = there();
    const step = STEPS[event.key];
    if (step) focus(at < 0 ? (step > 0 ? 0 : work.length - 1) : at + step);
    else if (at >= 0 && /^[1-9n]$/.test(event.key)) {
      event.preventDefault();
      act(work[at], event.key);
    }
  });
}
