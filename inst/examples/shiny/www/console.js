// A row that is clicked is the session that is shown.
document.addEventListener("click", (event) => {
  const row = event.target.closest("section.sessions tbody tr");
  if (row) Shiny.setInputValue("selected", row.querySelector("[data-session]").dataset.session);
});

document.addEventListener("change", (event) => {
  const about = event.target.closest("[data-decides]");
  if (about) Shiny.setInputValue("decision", { session: about.dataset.decides, value: event.target.value });
});
