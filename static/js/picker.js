// Boxes to tick become a field that suggests and a chip for each choice, the first choice first.
// Each chip carries a hidden field, so that the form sends the choices in their order.
import { listbox } from "./listbox.js";
import { fill, say } from "./live.js";

function enhance(box) {
  const { max, comboboxMultiple: name, chosen } = box.dataset;
  const boxes = box.querySelector("[data-options]");
  const options = [...boxes.querySelectorAll("label")].map((label) => {
    const tick = label.querySelector("input");
    const text = label.textContent.trim();
    const group = label.closest("[role=group]");
    const hint = group ? document.getElementById(group.getAttribute("aria-labelledby")).textContent : "";
    return { value: tick.value, label: text, hint, search: `${text} ${label.dataset.words ?? ""} ${hint}`.toLowerCase() };
  });
  const legend = box.querySelector("legend").textContent.trim();
  const id = boxes.querySelector("input")?.id ?? `f-${name}`;
  boxes.remove();

  const chips = document.createElement("div");
  chips.className = "chips";
  const holder = document.createElement("div");
  holder.className = "combobox";
  const input = document.createElement("input");
  input.className = "input";
  input.id = id; // the error summary's link leads here
  input.setAttribute("aria-label", legend);
  if (box.hasAttribute("aria-describedby")) input.setAttribute("aria-describedby", box.getAttribute("aria-describedby"));
  if (box.classList.contains("field--wrong")) input.setAttribute("aria-invalid", "true");
  holder.append(input);
  box.append(chips, holder);

  const values = () => [...chips.querySelectorAll("input")].map((field) => field.value);

  function settle() {
    chips.hidden = !chips.children.length;
    const full = chips.children.length >= Number(max);
    input.readOnly = full;
    input.placeholder = full ? box.dataset.full : "";
  }

  function add(option) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.setAttribute("aria-label", fill(box.dataset.remove, { label: option.label }));
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = option.value;
    chip.append(option.label, " ✕", field);
    chip.addEventListener("click", () => {
      chip.remove();
      settle();
      input.focus();
      changed();
    });
    chips.append(chip);
    settle();
  }

  const changed = () => box.dispatchEvent(new Event("input", { bubbles: true }));

  listbox(input, {
    eager: true,
    words: box.dataset,
    find(text) {
      if (input.readOnly) return null;
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      const taken = values();
      const fits = options.filter((option) => !taken.includes(option.value) && wanted.every((word) => option.search.includes(word)));
      // A name that begins as typed stands before one that only mentions it.
      const rank = (option) => (option.label.toLowerCase().startsWith(text.toLowerCase()) ? 0 : 1);
      return fits.sort((a, b) => rank(a) - rank(b));
    },
    pick(option) {
      add(option);
      input.value = "";
      changed();
      if (input.readOnly) say(box.dataset.full);
    },
  });

  const byValue = (value) => options.find((option) => option.value === value);
  const show = (list) => {
    chips.replaceChildren();
    list.map(byValue).filter(Boolean).forEach(add);
    settle();
  };
  show(chosen.split(" "));
  box.addEventListener("picker-set", (event) => show(event.detail)); // a draft is put back
}

document.querySelectorAll("[data-combobox-multiple]").forEach(enhance);
