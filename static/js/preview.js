// Draws a textarea's Markdown beneath it: at the press of its button, and from then on whenever typing rests.
const REST = 600; // milliseconds without a key

for (const button of document.querySelectorAll("[data-preview]")) {
  const field = document.getElementById(button.dataset.previewOf);
  const region = document.getElementById(button.getAttribute("aria-controls"));
  let timer;
  let asked = 0;

  async function draw() {
    const turn = ++asked;
    const token = field.form.elements.csrf_token?.value ?? "";
    try {
      const answer = await fetch(button.dataset.preview, {
        method: "POST",
        headers: { "X-CSRFToken": token },
        body: new URLSearchParams({ text: field.value }),
      });
      const html = await answer.text();
      if (turn !== asked) return; // a later one is on its way
      if (answer.ok) region.innerHTML = html;
      else {
        // A refusal is a whole page; its sentence says what to do ("Too long", "Wait a minute").
        const page = new DOMParser().parseFromString(html, "text/html");
        region.textContent = page.querySelector("[data-sentence]")?.textContent ?? region.dataset.failed;
      }
    } catch {
      if (turn === asked) region.textContent = region.dataset.failed;
    }
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    region.hidden = !region.hidden;
    button.setAttribute("aria-expanded", String(!region.hidden));
    if (!region.hidden) draw();
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (!region.hidden) timer = setTimeout(draw, REST);
  });
}
