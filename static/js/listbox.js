// The list under a text field, for combobox.js and picker.js: WAI-ARIA 1.2 combobox with a list box.
// `find(text)` answers with options { label, hint? }, or a promise of them; `pick(option)` is called when one is chosen;
// `eager` opens the list at a press, before anything is typed; `sends`: Enter sends the form unless an option is marked.
import { fill, say } from "./live.js";

let made = 0;

export function listbox(input, { find, pick, wait = 0, eager = false, sends = false, words = input.dataset }) {
  const list = document.createElement("ul");
  list.id = `list-${++made}`;
  list.className = "combobox__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label") ?? input.labels[0]?.textContent.trim() ?? "");
  list.hidden = true;
  input.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off", spellcheck: "false",
  })) input.setAttribute(name, value);

  let options = [];
  let at = -1;
  let timer;
  let asked = 0;

  function close() {
    asked += 1; // an answer still on its way comes too late
    clearTimeout(timer);
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function move(index) {
    list.children[at]?.setAttribute("aria-selected", "false");
    at = index;
    const item = list.children[at];
    if (!item) return input.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  }

  function choose(index) {
    const option = options[index];
    close();
    pick(option);
  }

  function show(found) {
    options = found;
    at = -1;
    list.replaceChildren(...found.map((option, index) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.append(option.label);
      if (option.hint) {
        const hint = document.createElement("span");
        hint.className = "combobox__hint";
        hint.textContent = option.hint;
        item.append(" ", hint);
      }
      return item;
    }));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    say(found.length ? fill(words.some, { n: found.length }) : words.none);
  }

  function look() {
    clearTimeout(timer);
    const turn = ++asked;
    timer = setTimeout(async () => {
      const found = await find(input.value.trim());
      if (turn !== asked) return;
      if (found) show(found);
      else close();
    }, wait);
  }

  input.addEventListener("input", look);
  if (eager) input.addEventListener("click", look);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    const last = options.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) look();
      else if (event.key === "ArrowDown") move(at >= last ? 0 : at + 1);
      else move(at <= 0 ? last : at - 1);
    } else if (open && at >= 0 && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      move(event.key === "Home" ? 0 : last);
    } else if (open && event.key === "Enter" && sends && at < 0) {
      close();
    } else if (open && event.key === "Enter") {
      event.preventDefault(); // with the list open, Enter never sends the form
      if (at >= 0) choose(at);
      else close();
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  // Without this the press would take focus from the field, and the list would close before the click.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) choose([...list.children].indexOf(item));
  });
}
