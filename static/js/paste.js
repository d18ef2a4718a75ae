// <textarea data-paste-html>: what is pasted from a page or a mail keeps its links, as HTML, where plain text would lose them.
for (const field of document.querySelectorAll("[data-paste-html]")) {
  field.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    if (!/<a\s/i.test(html)) return; // nothing that plain text does not say
    event.preventDefault();
    field.setRangeText(html, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
