// <div data-lookup="/library/look-up"> around an address: on leaving the field the page is looked up, and what it says of itself fills the
// fields of the form that are empty. The form works without: the button does the same on the server.
import { fill, say } from "./live.js";

for (const box of document.querySelectorAll("[data-lookup]")) {
  const input = box.querySelector("input");
  const said = box.querySelector("[data-lookup-said]");
  const form = input.form;
  let last = input.value.trim();

  const tell = (text) => { said.textContent = text; say(text); };

  async function look() {
    const url = input.value.trim();
    if (!/^https?:\/\/\S+\.\S/.test(url) || url === last) return;
    last = url;
    tell(box.dataset.asking);
    let found;
    try {
      const body = new URLSearchParams({ url, csrf_token: form.elements.csrf_token.value });
      const answer = await fetch(box.dataset.lookup, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      found = await answer.json();
    } catch {
      return tell(""); // the button still works
    }
    if (input.value.trim() !== url) return; // it was changed meanwhile
    if (found.existing) {
      tell(fill(box.dataset.there, { title: "" }));
      const link = document.createElement("a");
      link.href = found.existing.href;
      link.textContent = found.existing.title;
      said.append(link);
      return say(fill(box.dataset.there, found.existing));
    }
    if (found.problem) return tell(found.problem);
    const filled = [];
    for (const name of ["title", "publisher", "author", "year", "kind"]) {
      const field = form.elements[name];
      if (!field || field.value || !found[name]) continue;
      field.value = found[name];
      filled.push(form.querySelector(`label[for="${field.id}"]`).firstChild.textContent.trim());
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    tell(filled.length ? fill(box.dataset.filled, { fields: filled.join(", ") }) : box.dataset.nothing);
  }

  input.addEventListener("change", look);
}
