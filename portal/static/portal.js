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
// Passkeys: a form that only a browser which knows them shows.
if (window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON) {
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const [said, field] = [form.querySelector("[role=alert]"), form.elements.credential];
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.hidden = true;
      try {
        const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
        if (!answer.ok) throw new Error(answer.status);
        const asked = await answer.json();
        const made = form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
        field.value = JSON.stringify(made.toJSON());
        form.submit();
      } catch {
        said.hidden = false;
        form.querySelector("button").disabled = false;
      }
    });
  });
}
