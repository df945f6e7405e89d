// Sent once; a field that is mended loses its complaint; coming back shows an empty form.

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  form.addEventListener("input", (event) => {
    event.target.removeAttribute("aria-invalid");
    const problem = document.getElementById(`${event.target.id}-problem`);
    if (problem) problem.hidden = true;
  });
}
document.querySelector("[aria-invalid]")?.focus();
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
