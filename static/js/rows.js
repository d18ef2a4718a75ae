// Rows of a form that can be added and removed without asking the server.
// Rows are numbered 0, 1, 2 without gaps, as the server numbers them, so after a removal the rest are renumbered.
import { fill, say } from "./live.js";

const NUMBERED = ["name", "id", "for", "value", "aria-describedby", "aria-controls", "aria-labelledby", "data-preview-of"];
const rowsOf = (group) => [...group.querySelectorAll(":scope > [data-row-at]")];
const labelOf = (row) => row.querySelector("legend").textContent.trim();

function number(group, row, index) {
  const path = group.dataset.rows;
  const from = row.dataset.rowAt;
  row.dataset.rowAt = index;
  for (const place of row.querySelectorAll("[data-row-number]")) place.textContent = index + 1;
  for (const node of row.querySelectorAll("*")) {
    for (const attribute of NUMBERED) {
      // A field's value is what was typed: only the buttons' values carry the row's number.
      if (attribute === "value" && node.localName !== "button") continue;
      const value = node.getAttribute(attribute);
      if (value?.includes(path)) {
        node.setAttribute(attribute, value.replaceAll(`${path}-${from}-`, `${path}-${index}-`).replace(`${path} ${from}`, `${path} ${index}`));
      }
    }
  }
}

function settle(group) {
  const rows = rowsOf(group);
  rows.forEach((row, index) => { if (row.dataset.rowAt !== String(index)) number(group, row, index); });
  group.querySelector(":scope > [data-row-add]").hidden = rows.length >= Number(group.dataset.max);
}

export function addRow(group) {
  const button = group.querySelector(":scope > [data-row-add]");
  if (rowsOf(group).length >= Number(group.dataset.max)) return null;
  const row = group.querySelector(":scope > template[data-row]").content.firstElementChild.cloneNode(true);
  button.before(row);
  settle(group);
  row.dispatchEvent(new CustomEvent("row-added", { bubbles: true }));
  return row;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-row-add], [data-row-remove]");
  const group = button?.closest("[data-rows]");
  if (!group) return;
  event.preventDefault();
  if (button.matches("[data-row-add]")) {
    const row = addRow(group);
    if (!row) return;
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    say(fill(group.dataset.added, { label: labelOf(row) }));
  } else {
    const row = button.closest("[data-row-at]");
    const label = labelOf(row);
    row.remove();
    settle(group);
    group.querySelector(":scope > [data-row-add]").focus();
    say(fill(group.dataset.removed, { label }));
  }
  group.closest("form").dispatchEvent(new Event("input", { bubbles: true }));
});
