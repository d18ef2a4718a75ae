// <input data-suggest="/search/suggest?q="> leads to services, places and posts while typing; Enter still searches.
// <input data-alike="/search/alike?title="> shows what was asked before, in the element that its data-alike-in names.
import { listbox } from "./listbox.js";

const REST = 120; // milliseconds without a key
const PAUSE = 500; // before posts are compared: a title is a thought, not a word

for (const input of document.querySelectorAll("[data-suggest]")) {
  listbox(input, {
    wait: REST,
    sends: true,
    async find(text) {
      if (text.length < 2) return null;
      try {
        const answer = await fetch(input.dataset.suggest + encodeURIComponent(text));
        const found = answer.ok ? await answer.json() : [];
        return found.length ? found : null;
      } catch {
        return null; // no network: it is a plain search box
      }
    },
    pick(option) {
      location.assign(option.href);
    },
  });
}

for (const input of document.querySelectorAll("[data-alike]")) {
  const region = document.getElementById(input.dataset.alikeIn);
  const seen = Object.assign(document.createElement("input"), { type: "hidden", name: "_seen" });
  let timer;
  let asked = 0;

  async function look() {
    const turn = ++asked;
    try {
      const answer = await fetch(input.dataset.alike + encodeURIComponent(input.value));
      if (!answer.ok || turn !== asked) return;
      region.innerHTML = await answer.text();
      seen.value = "1"; // what is sent now was meant: the server need not ask again
      input.form.append(seen);
    } catch {
      // no network: the form says it when it is sent
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  if (input.value && !region.childElementCount) look(); // a link brought the title along
}
