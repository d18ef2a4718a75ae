// A screen reader hears the line above the header once, on the first page that has it; after that it is a landmark like others.
import { say } from "./live.js";

const READ = "announcement-read";
const line = document.querySelector("[data-announcement]");

if (line) {
  try {
    if (localStorage.getItem(READ) !== line.dataset.announcement) {
      localStorage.setItem(READ, line.dataset.announcement);
      say(`${line.getAttribute("aria-label")}: ${line.querySelector("p").textContent}`);
    }
  } catch {
    // Storage is refused, so once would be on every page: better not at all.
  }
}
