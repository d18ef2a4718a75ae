// The button that turns paper to night and back. A choice equal to the system's own is forgotten, so the page follows it again.
const button = document.querySelector("[data-theme-switch]");
const night = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : night.matches);

function label() {
  const dark = isDark();
  button.querySelector("span").textContent = dark ? button.dataset.toLight : button.dataset.toDark;
  const use = button.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, dark ? "#i-sun" : "#i-moon"));
}

function choose() {
  const theme = isDark() ? "light" : "dark";
  const own = theme === (night.matches ? "dark" : "light");
  if (own) delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (own) localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // Storage is refused: the choice lasts as long as the page.
  }
  label();
}

if (button) {
  label();
  button.hidden = false;
  button.addEventListener("click", choose);
  night.addEventListener("change", label);
}
