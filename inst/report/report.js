"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const table = byId("sessions");
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];

  // The search covers the text of all cells and the codes in titles. IDs are matched by their start only: a short number
  // is somewhere in most of them.
  const normalize = (text) => text.toLowerCase().replace(/[^\S\n]+/g, " ");
  const textOf = (node) => {
    if (node.className === "id") return "\n";
    const title = node.title ? `\n${node.title}\n` : "";
    if (node.nodeName === "BR" || node.nodeName === "BUTTON") return "\n";
    return node.childNodes.length ? title + [...node.childNodes].map(textOf).join("") : node.textContent;
  };
  const sessions = [...body.rows].map((row, index) => ({
    row,
    index,
    status: row.dataset.status,
    decision: row.dataset.decision,
    confidence: "confidence" in row.dataset ? Number(row.dataset.confidence) : NaN,
  }));

  const isFound = (session, phrase) => {
    session.text ??= normalize([...session.row.cells].map(textOf).join("\n"));
    session.ids ??= [...session.row.querySelectorAll(".id")].map((id) => normalize(id.textContent));
    return session.text.includes(phrase) || session.ids.some((id) => id.startsWith(phrase));
  };

  // Filters. A missing confidence is NaN: every comparison with it is false.
  const controls = document.querySelector(".controls");
  const fields = [...controls.querySelectorAll("input, select")];
  const valueOf = (id) => (byId(id) && byId(id).value !== "" ? byId(id).value : null);
  const filter = () => {
    const phrase = normalize(byId("search").value.trim());
    const [decision, status, min, max, threshold] =
      ["decision", "status", "min-confidence", "max-confidence", "threshold"].map(valueOf);
    let count = 0;
    for (const session of sessions) {
      const matches =
        (phrase === "" || isFound(session, phrase)) &&
        (decision === null || session.decision === decision) &&
        (status === null || session.status === status) &&
        (min === null || session.confidence >= Number(min)) &&
        (max === null || session.confidence <= Number(max)) &&
        (threshold === null || session.confidence < Number(threshold));
      session.row.hidden = !matches;
      count += matches;
    }
    const all = `${sessions.length} ${sessions.length === 1 ? "session" : "sessions"}`;
    byId("count").textContent = count === sessions.length ? all : `${count} of ${all}`;
    byId("no-match").hidden = count > 0 || sessions.length === 0;
  };
  controls.addEventListener("input", filter);
  byId("clear").addEventListener("click", () => {
    for (const field of fields) field.value = "";
    filter();
    byId("search").focus();
  });
  controls.hidden = sessions.length === 0;
  filter();

  // A table that is wider than the page.
  const frame = table.parentNode;
  const fit = () => frame.classList.toggle("wide", frame.scrollWidth > frame.clientWidth);
  addEventListener("resize", fit);
  fit();

  // Sorting. Missing values come last in both directions, and ties keep the order of the results.
  const compareText = new Intl.Collator("en", { numeric: true }).compare;
  const sort = (header, ascending) => {
    const isNumber = "numbers" in header.dataset;
    const key = ({ row, index }) => {
      const cell = row.cells[header.cellIndex];
      const value = isNumber ? cell.dataset.number : cell.textContent.trim();
      const isMissing = value === undefined || value === "";
      return { row, index, isMissing, value: isNumber ? Number(value) : value };
    };
    const compare = (a, b) => {
      if (a.isMissing || b.isMissing) return a.isMissing - b.isMissing || a.index - b.index;
      const order = isNumber ? a.value - b.value : compareText(a.value, b.value);
      return (ascending ? order : -order) || a.index - b.index;
    };
    body.append(...sessions.map(key).sort(compare).map(({ row }) => row));
    for (const other of headers) other.setAttribute("aria-sort", "none");
    header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  };
  for (const header of headers) {
    header.querySelector("button").addEventListener("click", () => {
      sort(header, header.getAttribute("aria-sort") !== "ascending");
    });
  }

  // The viewer: steps through the images of all rows that match the filters.
  const viewer = byId("viewer");
  const enlarged = viewer.querySelector("img");
  const box = viewer.querySelector(".box");
  let images = [];
  let current = 0;
  const show = (index) => {
    current = (index + images.length) % images.length;
    const image = images[current].querySelector("img");
    const faceBox = images[current].querySelector(".box");
    enlarged.src = image.src;
    enlarged.alt = image.alt;
    // The size in the file is that of the image before it was scaled down for the report.
    const width = Number(image.getAttribute("width")) || image.naturalWidth;
    const height = Number(image.getAttribute("height")) || image.naturalHeight;
    enlarged.style.setProperty("--width", `${width}px`);
    enlarged.style.setProperty("--ratio", width / height);
    box.style.cssText = faceBox ? faceBox.style.cssText : "display: none";
    byId("caption").textContent = `${image.alt} (${current + 1} of ${images.length})`;
  };
  body.addEventListener("click", (event) => {
    const image = event.target.closest("button.image");
    if (!image) return;
    images = [...body.querySelectorAll("tr:not([hidden]) button.image")];
    show(images.indexOf(image));
    viewer.showModal();
  });
  byId("previous").addEventListener("click", () => show(current - 1));
  byId("next").addEventListener("click", () => show(current + 1));
  byId("close").addEventListener("click", () => viewer.close());
  viewer.addEventListener("click", (event) => {
    if (event.target === viewer) viewer.close();
  });
  viewer.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      show(current + step);
    }
  });
  viewer.addEventListener("close", () => images[current].focus());

  // An image that the browser cannot decode is replaced by a note.
  for (const image of body.querySelectorAll("img")) {
    const showNote = () => {
      const note = document.createElement("span");
      note.className = "error";
      note.textContent = `${image.parentNode.dataset.name}: The image cannot be shown.`;
      image.parentNode.replaceWith(note);
    };
    if (image.complete && image.naturalWidth === 0) showNote();
    else image.addEventListener("error", showNote);
  }
})();
