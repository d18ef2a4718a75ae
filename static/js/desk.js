// The desk by keyboard: j and k go from one piece of work to the next, anywhere but in a field.
const work = [...document.querySelectorAll("[data-work]")];
const STEPS = { j: 1, k: -1 };

if (work.length) {
  document.querySelector("[data-desk-keys]")?.removeAttribute("hidden");
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const at = work.indexOf(document.activeElement?.closest("[data-work]"));
    const next = at < 0 ? work[step > 0 ? 0 : work.length - 1] : work[at + step];
    next?.querySelector("a").focus();
  });
}
