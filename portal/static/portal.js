// Niceties only: every page works without this.
"use strict";
document.addEventListener("submit", (event) => {
  // A second press while the first is under way would do it twice.
  const pressed = event.submitter;
  setTimeout(() => { if (pressed) pressed.disabled = true; }, 0);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("button:disabled").forEach((each) => { each.disabled = false; });
});
