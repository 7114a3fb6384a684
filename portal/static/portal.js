// Niceties only: every page works without this.
"use strict";
document.addEventListener("submit", (event) => {
  // A second press while the first is under way would do it twice.
  const pressed = event.submitter;
  setTimeout(() => { if (pressed) pressed.disabled = true; }, 0);
});
// What takes its time is looked at again without a press.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.assign(again.href), Number(again.dataset.again));
window.addEventListener("pageshow", () => {
  document.querySelectorAll("button:disabled").forEach((each) => { each.disabled = false; });
});
