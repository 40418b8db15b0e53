"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const table = byId("sessions");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const searched = heads.filter((head) => "searched" in head.dataset).map((head) => head.cellIndex);

  // What is searched: the text, and the codes behind words.
  const words = (cell) =>
    [cell.textContent, ...[...cell.querySelectorAll("[title]")].map((part) => part.title)].join(" ");
  const sessions = [...body.rows].map((row, place) => ({
    row,
    place,
    text: searched.map((column) => words(row.cells[column])).join("\n").toLowerCase(),
    status: row.dataset.status,
    confidence: "confidence" in row.dataset ? Number(row.dataset.confidence) : NaN,
  }));

  // Filters. A comparison with a confidence that is missing is false.
  const controls = document.querySelector(".controls");
  const fields = [...controls.querySelectorAll("input, select")];
  const given = (id) => (byId(id) && byId(id).value !== "" ? byId(id).value : null);
  const filter = () => {
    const wanted = byId("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [status, from, to, below] = ["status", "from", "to", "threshold"].map(given);
    let count = 0;
    for (const session of sessions) {
      const matches =
        wanted.every((word) => session.text.includes(word)) &&
        (status === null || session.status === status) &&
        (from === null || session.confidence >= Number(from)) &&
        (to === null || session.confidence <= Number(to)) &&
        (below === null || session.confidence < Number(below));
      session.row.hidden = !matches;
      count += matches;
    }
    const all = `${sessions.length} ${sessions.length === 1 ? "session" : "sessions"}`;
    byId("count").textContent = count === sessions.length ? all : `${count} of ${all}`;
    byId("nothing").hidden = count > 0;
  };
  controls.addEventListener("input", filter);
  byId("clear").addEventListener("click", () => {
    for (const field of fields) field.value = "";
    filter();
    byId("text").focus();
  });
  controls.hidden = false;
  filter();

  // Sorting: what is missing comes last either way, and equals stay as they were in the results.
  const compareText = new Intl.Collator("en", { numeric: true }).compare;
  const sort = (head, up) => {
    const isNumber = "numbers" in head.dataset;
    const key = ({ row, place }) => {
      const cell = row.cells[head.cellIndex];
      const value = isNumber ? cell.dataset.number : cell.textContent.trim();
      const isMissing = value === undefined || value === "";
      return { row, place, isMissing, value: isNumber ? Number(value) : value };
    };
    const compare = (a, b) => {
      if (a.isMissing || b.isMissing) return a.isMissing - b.isMissing || a.place - b.place;
      const order = isNumber ? a.value - b.value : compareText(a.value, b.value);
      return (up ? order : -order) || a.place - b.place;
    };
    body.append(...sessions.map(key).sort(compare).map(({ row }) => row));
    for (const other of heads) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
  };
  for (const head of heads) {
    head.querySelector("button").addEventListener("click", () => {
      sort(head, head.getAttribute("aria-sort") !== "ascending");
    });
  }

  // Images, enlarged: one after the other through all that the filter shows.
  const viewer = byId("viewer");
  const picture = viewer.querySelector("img");
  const box = viewer.querySelector(".box");
  let images = [];
  let at = 0;
  const show = (place) => {
    at = (place + images.length) % images.length;
    const from = images[at].querySelector("img");
    const face = images[at].querySelector(".box");
    picture.src = from.src;
    picture.alt = from.alt;
    picture.width = from.naturalWidth;
    picture.height = from.naturalHeight;
    box.style.cssText = face ? face.style.cssText : "display: none";
    byId("caption").textContent = `${from.alt} (${at + 1} of ${images.length})`;
  };
  body.addEventListener("click", (event) => {
    const image = event.target.closest("button.image");
    if (!image) return;
    images = [...body.querySelectorAll("tr:not([hidden]) button.image")];
    show(images.indexOf(image));
    viewer.showModal();
  });
  byId("previous").addEventListener("click", () => show(at - 1));
  byId("next").addEventListener("click", () => show(at + 1));
  byId("close").addEventListener("click", () => viewer.close());
  viewer.addEventListener("click", (event) => {
    if (event.target === viewer) viewer.close();
  });
  viewer.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      show(at + step);
    }
  });
  viewer.addEventListener("close", () => images[at].focus());

  // An image that a browser cannot read says so.
  for (const image of body.querySelectorAll("img")) {
    const tell = () => {
      const note = document.createElement("span");
      note.className = "problem";
      note.textContent = `${image.parentNode.dataset.name}: The image cannot be shown.`;
      image.parentNode.replaceWith(note);
    };
    if (image.complete && image.naturalWidth === 0) tell();
    else image.addEventListener("error", tell);
  }
})();
