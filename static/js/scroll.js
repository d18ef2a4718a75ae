// A table that is wider than its column scrolls in its own box: the keyboard must reach it too.
function settle() {
  for (const table of document.querySelectorAll(".prose table")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
    else table.removeAttribute("tabindex");
  }
}
settle();
addEventListener("resize", settle);
