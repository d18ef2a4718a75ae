// Rows of a form that can be added, removed and put in order without asking the server.
// Rows are numbered 0, 1, 2 without gaps, as the server numbers them, so after a change the rest are renumbered.
import { fill, say } from "./live.js";

const NUMBERED = ["name", "id", "for", "value", "aria-describedby", "aria-controls", "aria-labelledby", "data-preview-of"];
export const rowsOf = (group) => [...group.querySelectorAll(":scope > [data-row-at]")];
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
  const add = group.querySelector(":scope > [data-row-add]");
  if (add) add.hidden = rows.length >= Number(group.dataset.max);
}

export function addRow(group) {
  const button = group.querySelector(":scope > [data-row-add]");
  if (!button || rowsOf(group).length >= Number(group.dataset.max)) return null;
  const row = group.querySelector(":scope > template[data-row]").content.firstElementChild.cloneNode(true);
  button.before(row);
  settle(group);
  row.dispatchEvent(new CustomEvent("row-added", { bubbles: true }));
  return row;
}

function move(group, row, where) {
  const rows = rowsOf(group);
  const other = rows[rows.indexOf(row) + (where === "up" ? -1 : 1)];
  if (!other) return;
  // The other row moves: what holds the focus stays where it is.
  if (where === "up") row.after(other);
  else row.before(other);
  announceMove(group, row);
}

// A row has another place now.
export function announceMove(group, row) {
  settle(group);
  say(fill(group.dataset.moved, { label: labelOf(row) }));
  group.closest("form").dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-row-add], [data-row-remove], [data-row-move]");
  const group = button?.closest("[data-rows]");
  if (!group) return;
  event.preventDefault();
  if (button.matches("[data-row-add]")) {
    const row = addRow(group);
    if (!row) return;
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    say(fill(group.dataset.added, { label: labelOf(row) }));
  } else if (button.matches("[data-row-move]")) {
    move(group, button.closest("[data-row-at]"), button.dataset.rowMove);
  } else {
    const row = button.closest("[data-row-at]");
    const label = labelOf(row);
    row.remove();
    settle(group);
    (group.querySelector(":scope > [data-row-add]") ?? group).focus();
    say(fill(group.dataset.removed, { label }));
  }
  group.closest("form").dispatchEvent(new Event("input", { bubbles: true }));
});
