// A click on a row selects its session.
document.addEventListener("click", (event) => {
  const row = event.target.closest("section.sessions tbody tr");
  if (row) Shiny.setInputValue("selected", row.querySelector("[data-session]").dataset.session);
});

document.addEventListener("change", (event) => {
  const buttons = event.target.closest("fieldset[data-session]");
  if (buttons) Shiny.setInputValue("decision", { session: buttons.dataset.session, value: event.target.value });
});
