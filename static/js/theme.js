// In the head, before anything is painted: that there are scripts, and the theme this person chose, if they chose one.
(() => {
  document.documentElement.classList.add("scripted");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is refused: the system's own theme it is.
  }
})();
