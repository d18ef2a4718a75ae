// A form marked data-draft="key" keeps what is typed in this browser, and offers it back when the form is opened anew.
// It is forgotten once the server has it (<meta name="saved-drafts" content="key">), and at sign-out.
import { addRow } from "./rows.js";

const actor = document.documentElement.dataset.actor;
const PREFIX = "draft:";
const REST = 400; // milliseconds without a key

const store = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or refused: the form itself still holds it */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } },
  keys() { try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch { return []; } },
};
const keyOf = (name) => `${PREFIX}${actor}:${name}`;

// Only what a person typed or chose: no token, no version, no secret.
function kept(field) {
  if (!field.name || field.name === "_rows" || ["password", "file", "submit", "button"].includes(field.type)) return false;
  return field.type !== "hidden" || Boolean(field.closest("[data-combobox-scope], [data-combobox-multiple]"));
}
const fieldsOf = (form) => [...form.elements].filter(kept);
function entries(form) {
  const ticked = (field) => !["checkbox", "radio"].includes(field.type) || field.checked;
  return fieldsOf(form).filter(ticked).flatMap((field) =>
    field.multiple ? [...field.selectedOptions].map((option) => [field.name, option.value]) : [[field.name, field.value]]);
}
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function restore(form, saved) {
  for (const group of form.querySelectorAll("[data-rows]")) {
    const numbers = saved.map(([name]) => name.match(new RegExp(`^${group.dataset.rows}-(\\d+)-`))?.[1]).filter(Boolean).map(Number);
    const wanted = Math.max(-1, ...numbers) + 1;
    while (group.querySelectorAll(":scope > [data-row-at]").length < wanted) if (!addRow(group)) break;
  }
  for (const box of form.querySelectorAll("[data-combobox-multiple]")) {
    const name = box.dataset.comboboxMultiple;
    box.dispatchEvent(new CustomEvent("picker-set", { detail: saved.filter(([one]) => one === name).map(([, value]) => value) }));
  }
  for (const field of fieldsOf(form)) {
    if (field.closest("[data-combobox-multiple]")) continue;
    const values = saved.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
    else if (values.length) field.value = values[0];
  }
}

function watch(form) {
  const key = keyOf(form.dataset.draft);
  const fresh = entries(form);
  const saved = store.get(key);
  const notice = form.querySelector("[data-draft-notice]");
  let timer;

  const returned = form.querySelector("[data-errors], [data-returned]"); // with faults, or looked up: it already holds what was typed
  if (saved && notice && !same(saved, fresh) && !returned) {
    notice.hidden = false;
    const done = () => { notice.hidden = true; form.querySelector("input:not([type=hidden]), textarea, select")?.focus(); };
    notice.querySelector("[data-draft-restore]").addEventListener("click", () => { restore(form, saved); done(); });
    notice.querySelector("[data-draft-discard]").addEventListener("click", () => { store.drop(key); done(); });
  }

  const keep = () => {
    clearTimeout(timer);
    const now = entries(form);
    if (same(now, fresh) && !returned) store.drop(key);
    else store.set(key, now);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, REST);
  });
  form.addEventListener("change", keep);
  form.addEventListener("submit", keep); // should the answer never come, nothing is lost
}

if (actor) {
  // A shared computer: what another person began is not shown to this one.
  for (const key of store.keys()) if (!key.startsWith(keyOf(""))) store.drop(key);
  const saved = document.querySelector('meta[name="saved-drafts"]')?.content.split(/\s+/) ?? [];
  for (const name of saved) store.drop(keyOf(name));
  document.querySelectorAll("form[data-draft]").forEach(watch);
}
document.querySelector("[data-sign-out]")?.addEventListener("submit", () => store.keys().forEach(store.drop));
