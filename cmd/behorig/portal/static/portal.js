// The pages work without this. It carries the form token to htmx's requests, and moves focus to what a form has wrong.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('input[name="_token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-Form-Token"] = token.value;
});
// What is checked live grows and shrinks above the buttons: whoever is at one of them keeps it where it is.
let held;
document.addEventListener("htmx:beforeSwap", () => {
  const at = document.querySelector("main .actions:hover") || document.querySelector("main .actions:focus-within");
  held = at && { at, top: at.getBoundingClientRect().top };
});
document.addEventListener("htmx:afterSwap", () => {
  if (held) window.scrollBy({ top: held.at.getBoundingClientRect().top - held.top, behavior: "instant" });
  held = null;
});
document.addEventListener("DOMContentLoaded", () => {
  const problems = document.getElementById("problems");
  if (problems) problems.focus();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
