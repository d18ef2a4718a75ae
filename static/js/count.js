// Characters left, in a field with data-count. Nothing is cut off: the number turns and the words change when it is too long.
import { fill } from "./live.js";

function show(field) {
  const line = document.getElementById(`${field.id}-count`);
  if (!line) return;
  // Counted as the server counts: a line break is one, an emoji is one.
  const left = Number(field.dataset.count) - [...field.value].length;
  line.hidden = false;
  line.textContent = fill(left < 0 ? line.dataset.over : line.dataset.left, { n: Math.abs(left) });
  line.classList.toggle("count--over", left < 0);
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-count]")) show(event.target);
});
for (const field of document.querySelectorAll("[data-count]")) if (field.value) show(field);
