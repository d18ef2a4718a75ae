// Filters and orders answer at once: the form is sent at each change, and the answer's list takes the place of this one.
// The address follows, so that it can be kept, sent and gone back to.
import { say } from "./live.js";

const forms = () => document.querySelectorAll("form[data-filters]");
// Beside the list there is room for them; above it they would stand in its way. (Until here the stylesheet hides them.)
const fold = () => {
  for (const all of document.querySelectorAll(".facets__all")) {
    if (matchMedia("(max-width: 60rem)").matches) all.open = false;
    all.dataset.folded = "";
  }
};
fold();

let asked = 0;
async function show(address, { push }) {
  const number = ++asked;
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (number !== asked) return; // a later tick was answered first
  const focused = document.activeElement?.closest("form[data-filters]") && document.activeElement;
  const opened = new Set([...document.querySelectorAll("#filters details[open] > summary")].map((s) => s.textContent));
  for (const id of ["filters", "results"]) {
    const fresh = page.getElementById(id);
    const stale = document.getElementById(id);
    if (!fresh || !stale) return location.assign(address);
    stale.replaceWith(document.adoptNode(fresh));
  }
  fold();
  for (const summary of document.querySelectorAll("#filters details > summary")) {
    if (opened.has(summary.textContent)) summary.parentElement.open = true;
  }
  if (focused) {
    const same = focused.name && [...document.querySelectorAll(`form[data-filters] [name="${CSS.escape(focused.name)}"]`)];
    (same || []).find((field) => field.type !== "checkbox" || field.value === focused.value)?.focus();
  }
  if (push) history.pushState(null, "", address);
  say(document.querySelector("[data-found]")?.textContent.trim() ?? "");
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-filters]");
  if (!form) return;
  const sent = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  show(`${new URL(form.action).pathname}?${sent}`, { push: true });
});
addEventListener("popstate", () => forms().length && show(location.href, { push: false }));
