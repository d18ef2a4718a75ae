// <input data-find="/guides/find?q=" data-find-into="items"> finds what is on this site; what is picked becomes a row of that group.
// The server answers [{ label, hint, kind, ref, href }]; the row has a field "ref", a link [data-target-link], and a title of its own that it then hides.
import { listbox } from "./listbox.js";
import { fill, say } from "./live.js";
import { addRow, rowsOf } from "./rows.js";

const REST = 200; // milliseconds without a key

const field = (row, name) => row.querySelector(`[name$="-${name}"]`);

function show(row, { label, href, kind, hint }) {
  const chip = row.querySelector("[data-target-kind]");
  if (chip && kind) {
    chip.classList.add(`kind--${kind}`);
    chip.textContent = hint;
    chip.hidden = false;
  }
  const link = row.querySelector("[data-target-link]");
  link.textContent = label;
  link.href = href;
  row.querySelector("[data-target]").hidden = false;
  row.querySelector("[data-own-title]").hidden = true;
}

for (const input of document.querySelectorAll("[data-find]")) {
  const group = document.querySelector(`[data-rows="${input.dataset.findInto}"]`);
  input.removeAttribute("name"); // nothing is left to find when the form is sent
  input.closest("form").querySelector("[data-plain-find]").hidden = true;

  listbox(input, {
    wait: REST,
    async find(text) {
      if (text.length < 2) return null;
      try {
        const answer = await fetch(input.dataset.find + encodeURIComponent(text), { headers: { Accept: "application/json" } });
        return answer.ok ? await answer.json() : null;
      } catch {
        return null; // no network: nothing can be found
      }
    },
    pick(option) {
      input.value = "";
      const rows = rowsOf(group);
      const there = rows.find((row) => field(row, "ref").value === option.ref);
      if (there) {
        field(there, "note").focus();
        return say(fill(input.dataset.there, option));
      }
      const row = addRow(group);
      if (!row) return;
      field(row, "ref").value = option.ref;
      show(row, option);
      const last = rows.at(-1);
      if (last) field(row, "section").value = field(last, "section").value; // it goes on in the same part
      field(row, "note").focus();
      say(fill(input.dataset.added, option));
      input.form.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });

  // Enter here finds, with the list or without; it never sends the form.
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });

  // A draft that is put back holds what its rows point to, but not what that is called.
  input.form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-draft-restore]")) return;
    for (const row of rowsOf(group)) {
      const ref = field(row, "ref").value;
      if (ref && row.querySelector("[data-target]").hidden) show(row, { label: ref, href: "#" });
    }
  });
}
