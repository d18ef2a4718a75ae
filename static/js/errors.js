// After a form came back with faults: focus goes to their summary, and from its links into the fields.
const summary = document.querySelector("[data-errors]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const box = field.closest(".field") ?? field;
    box.scrollIntoView(); // the label too, not only the field
    field.focus({ preventScroll: true });
  });
}
