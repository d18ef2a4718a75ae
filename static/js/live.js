// Tells a screen reader what changed, through the page's one live region.
const region = document.getElementById("live");

export function say(sentence) {
  if (!region) return;
  region.textContent = "";
  // In a later turn, so that the same words said twice are read twice.
  setTimeout(() => { region.textContent = sentence; }, 50);
}

// "Suggestions: {n}" and { n: 4 } make "Suggestions: 4".
export function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
