// The pages work without this. It carries the form token to htmx's requests, and moves focus to what a form has wrong.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('input[name="_token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-Form-Token"] = token.value;
});
document.addEventListener("DOMContentLoaded", () => {
  const problems = document.getElementById("problems");
  if (problems) problems.focus();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
