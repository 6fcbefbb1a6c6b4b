// The pages work without this. It carries the form token to htmx's requests, and moves focus to what a form has wrong.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('input[name="_token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-Form-Token"] = token.value;
});
// What is checked live grows and shrinks above the form's buttons: whoever is at one of them, by mouse or by keyboard, keeps it where it is. Whoever types keeps
// the field, also where the mouse was left at a button.
let pointing = false;
let held;
document.addEventListener("pointermove", () => { pointing = true; });
document.addEventListener("keydown", () => { pointing = false; });
document.addEventListener("htmx:beforeSwap", () => {
  const at = document.querySelector(`form[hx-post] > .actions:${pointing ? "hover" : "focus-within"}`);
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
