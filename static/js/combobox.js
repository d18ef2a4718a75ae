// <input data-combobox="/places?q="> suggests while typing. The server answers [{ value, label, hint, fields: { name: value } }];
// the fields named are filled inside the nearest [data-combobox-scope]. What is typed and not picked stays as it is.
import { listbox } from "./listbox.js";

const REST = 180; // milliseconds without a key: quick for the person, few requests for the server

// In a repeated row a field's name ends with the short name: "parties-0-place" is the row's "place".
function fieldNamed(scope, name) {
  return [...scope.querySelectorAll("[name]")].find((field) => field.name === name || field.name.endsWith(`-${name}`));
}

function enhance(input) {
  if (input.getAttribute("role") === "combobox") return;
  const scope = input.closest("[data-combobox-scope]") ?? input.form;

  listbox(input, {
    wait: REST,
    async find(text) {
      if (!text) return null;
      try {
        const answer = await fetch(input.dataset.combobox + encodeURIComponent(text), { headers: { Accept: "application/json" } });
        return answer.ok ? await answer.json() : null;
      } catch {
        return null; // no network: it is a plain text field
      }
    },
    pick(option) {
      input.value = option.value;
      for (const [name, value] of Object.entries(option.fields ?? {})) {
        const field = fieldNamed(scope, name);
        if (field) field.value = value ?? "";
      }
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });

  // Typing on after a pick makes it another thing: what came along unseen no longer belongs to it.
  input.addEventListener("input", () => {
    for (const field of scope.querySelectorAll("[data-filled-by]")) {
      if (fieldNamed(scope, field.dataset.filledBy) === input) field.value = "";
    }
  });
}

const enhanceAll = (root) => root.querySelectorAll("[data-combobox]").forEach(enhance);
enhanceAll(document);
document.addEventListener("row-added", (event) => enhanceAll(event.target));
