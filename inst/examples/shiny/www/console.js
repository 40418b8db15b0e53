// Rows, keyboard, and the form of a review. The page sends events; all state is the server's.
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const send = (name, value) => Shiny.setInputValue(name, value, { priority: "event" });

  // The session that is shown, with this reviewer's newest review. `session` is null while another one is fetched, so that
  // a review cannot be of a session that is not shown yet.
  let shown = { session: null, label: null, note: "" };
  // Whether the reviewer has asked for the note of a session that is not shown yet. Until then, letters are not shortcuts.
  let isNoteWanted = false;
  // Not yet saved.
  const note = () => one("#note").value;
  const isDirty = () => shown.session !== null && one("#note").value.trim() !== shown.note;

  const enable = (isEnabled) => {
    all("#review [data-label], #note").forEach((element) => { element.disabled = !isEnabled; });
  };

  const focusNote = () => {
    isNoteWanted = shown.session === null;
    one("#note").focus();
  };

  const leave = (name, value) => {
    isNoteWanted = false;
    if (isDirty()) review(shown.label);
    shown = { session: null, label: null, note: "" };
    enable(false);
    send(name, value);
  };

  // `label`: "live", "attack", "" for undecided, or null if there is none yet.
  const review = (label) => {
    if (shown.session === null || !shown.can_review) return;
    one("#saved").textContent = "Saving\u2026";
    send("review", { session: shown.session, label: label || "", note: note() });
  };

  const show = (state) => {
    const isSame = state.session === shown.session;
    const draft = isSame && isDirty() ? note() : null;
    shown = { label: null, note: "", ...state };
    one("#review").hidden = shown.session === null;
    if (!isSame) one("#saved").textContent = "";
    one("#note").value = draft === null ? shown.note : draft;
    one("#no-reviewer").hidden = shown.can_review;
    enable(shown.session !== null && shown.can_review);
    all("#review [data-label]").forEach((button) => {
      button.setAttribute("aria-pressed", button.dataset.label === shown.label);
    });
    if (isNoteWanted) focusNote();
    const row = mark();
    if (isSame) return;
    row?.scrollIntoView({ block: "nearest" });
    // On a narrow screen the session is below the table.
    if (row && matchMedia("(max-width: 999px)").matches) one(".detail").scrollIntoView();
  };

  // Marks the row of the session that is shown.
  const mark = () => {
    all("#table tr[data-session]").forEach((row) => {
      const isShown = row.dataset.session === shown.session;
      row.classList.toggle("selected", isShown);
      row.querySelector("button").setAttribute("aria-current", isShown);
    });
    return one("#table tr.selected");
  };

  const move = (by) => leave("move", by);

  document.addEventListener("click", (event) => {
    const row = event.target.closest("#table tr[data-session]");
    const button = event.target.closest("button");
    if (row) {
      if (row.dataset.session !== shown.session) leave("selected", row.dataset.session);
    } else if (button?.dataset.label !== undefined) {
      review(button.dataset.label);
    } else if (button?.dataset.move) {
      move(Number(button.dataset.move));
    } else if (button?.dataset.page) {
      one(".sessions .scroll").scrollTop = 0;
      send("page", Number(button.dataset.page));
    } else if (button?.classList.contains("image")) {
      const isLarge = button.closest("figure").classList.toggle("large");
      button.setAttribute("aria-pressed", isLarge);
    }
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]), textarea, select");
    // Leaves a field, so that the shortcuts work.
    if (field && (event.key === "Escape" || (event.key === "Enter" && field.type === "text"))) field.blur();
    const isOther = event.ctrlKey || event.altKey || event.metaKey || event.repeat;
    if (event.key === "Escape") isNoteWanted = false;
    if (field || isOther || !one("#keys").checked) return;
    const action = {
      j: () => move(1),
      k: () => move(-1),
      l: () => review("live"),
      a: () => review("attack"),
      u: () => review(""),
      n: focusNote,
    }[event.key.toLowerCase()];
    if (!action || isNoteWanted) return;
    event.preventDefault();
    action();
  });

  // A note is saved when the reviewer leaves it, but only once if that is to press one of the buttons.
  document.addEventListener("focusout", (event) => {
    const isToButton = event.relatedTarget?.dataset?.label !== undefined;
    if (event.target.id === "note" && !isToButton && isDirty()) review(shown.label);
  });

  window.addEventListener("beforeunload", (event) => {
    if (isDirty()) event.preventDefault();
  });

  // The browser remembers the reviewer's name and whether there are shortcuts.
  const remember = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch {
      // Without storage, they are entered again.
    }
    return null;
  };
  $(document).on("shiny:bound", (event) => {
    const name = remember("liveness-reviewer");
    if (event.target.id !== "reviewer_name" || !name) return;
    // After Shiny has taken the empty value.
    setTimeout(() => {
      event.target.value = name;
      $(event.target).trigger("change");
    });
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "reviewer_name") remember("liveness-reviewer", event.target.value);
    if (event.target.id === "keys") remember("liveness-keys", event.target.checked);
  });

  // A table that is drawn anew keeps its place and the focus in its row.
  $(document).on("shiny:value", (event) => {
    if (event.name !== "table") return;
    const session = document.activeElement?.closest("#table tr")?.dataset.session;
    const top = one(".sessions .scroll").scrollTop;
    setTimeout(() => {
      mark();
      one(".sessions .scroll").scrollTop = top;
      if (session) one(`#table tr[data-session="${CSS.escape(session)}"] button`)?.focus({ preventScroll: true });
    });
  });

  $(() => {
    one("#keys").checked = remember("liveness-keys") !== "false";
    Shiny.addCustomMessageHandler("review", show);
    Shiny.addCustomMessageHandler("saved", (saved) => {
      if (saved.session !== shown.session) return;
      one("#saved").textContent = saved.saved ? `Saved ${saved.at}` : "Not saved";
    });
  });
})();
