# The table of a report, a row for each session, and what it is filtered with.

# What the columns of results are called in a report.
report_titles <- c(
  session_id = "Session",
  status = "Status",
  confidence = "Confidence",
  images = "Images",
  feedback = "Feedback",
  error = "Error",
  challenge = "Challenge",
  sdk_type = "Client",
  retrieved_at = "Retrieved at (UTC)",
  request_id = "Request id",
  attempts = "Attempts"
)

# The service's codes in words.
feedback_words <- c(
  FACE_NOT_VISIBLE = "The face could not be seen.",
  FACE_OBSTRUCTION_DETECTED = "Something covered the face.",
  LOW_VIDEO_QUALITY_DETECTED = "The video was of low quality.",
  FACE_NOT_ALIGNED = "The face was not where it should be.",
  EYES_CLOSED_DETECTED = "The eyes were closed.",
  LOW_LIGHTING_DETECTED = "There was too little light.",
  HIGH_LIGHTING_DETECTED = "There was too much light."
)

# The columns of the table, in order. Those with nothing in them are left out, as print() does.
report_columns <- function(x) {
  column <- function(name, html, ...) new_report_column(report_titles[[name]], html, ...)
  text <- function(name, ...) column(name, as_html(cell_texts(x[[name]], nrow(x))), ...)
  scores <- x[["confidence"]]
  columns <- c(
    list(
      text("session_id", class = "id", is_searched = TRUE, is_kept = TRUE),
      column("status", verdict_cells(x), class = "status", is_kept = TRUE),
      column(
        "confidence",
        filled(if (!is.null(scores)) score_text(scores), nrow(x)),
        class = "number",
        numbers = scores
      ),
      column("images", count_images(x), class = "images", numbers = count_images(x)),
      column("feedback", feedback_cells(x), class = "words", is_searched = TRUE),
      column("error", as_html(error_words(x)), class = "words", is_searched = TRUE)
    ),
    lapply(setdiff(names(x), names(result_columns)), function(name) {
      numbers <- if (is.numeric(x[[name]]) && is.null(dim(x[[name]]))) as.double(x[[name]])
      class <- if (is.null(numbers)) "own" else "number"
      html <- as_html(cell_texts(x[[name]], nrow(x)))
      new_report_column(as_html(name), html, class = class, numbers = numbers, is_searched = TRUE)
    }),
    list(
      column("challenge", as_html(challenge_words(x)), class = "challenge"),
      text("sdk_type"),
      column("retrieved_at", time_cells(x[["retrieved_at"]], nrow(x)), class = "time"),
      text("request_id", class = "id"),
      text("attempts", class = "number", numbers = x[["attempts"]])
    )
  )
  Filter(function(column) column$is_kept || !all(column$html %in% c("", "0")), columns)
}

# `numbers` is what the column sorts by, if that is not its text.
new_report_column <- function(
  title,
  html,
  class = "text",
  numbers = NULL,
  is_searched = FALSE,
  is_kept = FALSE
) {
  list(
    title = title,
    html = html,
    class = class,
    numbers = if (is.numeric(numbers)) as.double(numbers),
    is_searched = is_searched,
    is_kept = is_kept
  )
}

report_controls <- function(x, rates) {
  verdicts <- count_in_order(report_verdict(x))
  options <- function(values, words) {
    if (length(values) > 0) {
      paste0("<option value=\"", values, "\">", words, "</option>", collapse = "")
    }
  }
  field <- function(words, control) paste0("<label><span>", words, "</span>", control, "</label>")
  number <- function(id, words) {
    paste0(
      "<input type=\"number\" id=\"",
      id,
      "\" aria-label=\"",
      words,
      "\" min=\"0\" max=\"100\" step=\"any\" inputmode=\"decimal\">"
    )
  }
  has_confidence <- !is.null(x[["confidence"]])
  c(
    "</div>",
    "<section aria-labelledby=\"sessions-title\">",
    "<h2 id=\"sessions-title\">Sessions</h2>",
    # Without JavaScript there is nothing that they could do.
    "<div class=\"controls\" role=\"search\" hidden>",
    field("Search", "<input type=\"search\" id=\"text\" autocomplete=\"off\" spellcheck=\"false\">"),
    field(
      "Status",
      paste0(
        "<select id=\"status\"><option value=\"\">all</option>",
        options(as_html(names(verdicts)), as_html(names(verdicts))),
        "</select>"
      )
    ),
    if (has_confidence) {
      c(
        field("Confidence from", number("from", "Confidence from")),
        field("to", number("to", "Confidence to"))
      )
    },
    if (NROW(rates) > 0) {
      field(
        "Threshold",
        paste0(
          "<select id=\"threshold\"><option value=\"\">any</option>",
          options(for_machines(rates$threshold, "%.17g"), paste("below", rates$threshold)),
          "</select>"
        )
      )
    },
    "<button type=\"button\" id=\"clear\">Clear</button>",
    "</div>",
    paste0("<p id=\"count\" class=\"quiet\" role=\"status\">", count_of(nrow(x), "session"), "</p>")
  )
}

report_table_head <- function(columns) {
  heads <- vapply(
    columns,
    function(column) {
      paste0(
        "<th scope=\"col\" class=\"",
        column$class,
        "\" aria-sort=\"none\"",
        if (!is.null(column$numbers)) " data-numbers",
        if (column$is_searched) " data-searched",
        "><button type=\"button\">",
        column$title,
        "</button></th>"
      )
    },
    ""
  )
  c(
    "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"sessions-title\">",
    "<table id=\"sessions\" aria-labelledby=\"sessions-title\">",
    "<thead><tr>",
    heads,
    "</tr></thead>",
    "<tbody>"
  )
}

report_row <- function(x, i, columns) {
  cells <- vapply(
    columns,
    function(column) {
      number <- column$numbers[i]
      paste0(
        "<td class=\"",
        column$class,
        "\" data-label=\"",
        column$title,
        # To the last bit: filters compare it with thresholds.
        if (!is.null(number) && !is.na(number)) paste0("\" data-number=\"", for_machines(number, "%.17g")),
        "\">",
        if (column$class == "images") image_cell(x, i) else column$html[i],
        "</td>"
      )
    },
    ""
  )
  confidence <- x[["confidence"]][i]
  c(
    paste0(
      "<tr data-status=\"",
      as_html(report_verdict(x[i, ])),
      if (!is.null(confidence) && !is.na(confidence)) {
        paste0("\" data-confidence=\"", for_machines(confidence, "%.17g"))
      },
      "\">"
    ),
    cells,
    "</tr>"
  )
}

report_table_end <- function() {
  c("</tbody>", "</table>", "</div>", "<p id=\"nothing\" hidden>No session matches.</p>")
}

report_verdict <- function(x) {
  verdict <- verdict_of(x)
  ifelse(is.na(verdict), "no status", verdict)
}

verdict_cells <- function(x) {
  verdict <- report_verdict(x)
  kind <- c(SUCCEEDED = "good", FAILED = "bad", EXPIRED = "other", CREATED = "other", IN_PROGRESS = "other")[
    verdict
  ]
  kind[is.na(kind)] <- "bad"
  paste0("<span class=\"verdict ", kind, rep("\">", nrow(x)), as_html(verdict), "</span>")
}

feedback_cells <- function(x) {
  cells <- vapply(
    as.list(x[["feedback"]]),
    function(feedback) {
      if (!is.data.frame(feedback)) {
        return(as_html(format_cell(feedback)))
      }
      if (nrow(feedback) == 0) {
        return("")
      }
      code <- feedback[["code"]]
      message <- if (is.null(feedback[["message"]])) "" else feedback[["message"]]
      known <- feedback_words[as.character(code)]
      other <- trimws(
        paste0(ifelse(is.na(code), "", code), ": ", ifelse(is.na(message), "", message)),
        whitespace = "[: ]"
      )
      words <- ifelse(is.na(known), other, known)
      paste0("<span title=\"", as_html(code), "\">", as_html(words), "</span>", collapse = "<br>")
    },
    ""
  )
  filled(cells, nrow(x))
}

error_words <- function(x) {
  words <- vapply(
    as.list(x[["error"]]),
    function(error) {
      if (inherits(error, "condition")) {
        gsub("\ni ", "\n", short_message(error), fixed = TRUE)
      } else {
        format_cell(error)
      }
    },
    ""
  )
  words <- filled(words, nrow(x))
  # The code stands in the status where there is none.
  beside <- !nzchar(words) & !is.na(x[["status"]])
  words[beside] <- filled(x[["error_code"]], nrow(x))[beside]
  words
}

challenge_words <- function(x) {
  type <- filled(x[["challenge_type"]], nrow(x))
  version <- filled(x[["challenge_version"]], nrow(x))
  trimws(paste(type, version))
}

time_cells <- function(time, n) {
  if (inherits(time, "POSIXt")) report_time(time) else as_html(cell_texts(time, n))
}

# A column that is not there has empty cells.
filled <- function(text, n) {
  if (is.null(text) || length(text) != n) rep("", n) else ifelse(is.na(text), "", as.character(text))
}

# A column of any kind as text, which as_html() cleans.
cell_texts <- function(column, n) {
  filled(format_cells(column, together = FALSE, clean = identity), n)
}

# Images of all sessions: those that are here, or whose number is known.
count_images <- function(x) {
  n <- numeric(nrow(x))
  if (!is.null(x[["reference_image"]])) {
    n <- n + (lengths(x[["reference_image"]]) > 0)
  }
  known <- x[["n_audit_images"]]
  here <- if (is.null(x[["audit_images"]])) 0 else lengths(x[["audit_images"]])
  n + pmax(here, if (is.numeric(known)) known else 0, na.rm = TRUE)
}

image_cell <- function(x, i) {
  reference <- if (!is.null(x[["reference_image"]])) x[["reference_image"]][[i]]
  audit <- if (!is.null(x[["audit_images"]])) as.list(x[["audit_images"]][[i]])
  known <- x[["n_audit_images"]][i]
  paste(
    c(
      if (!is.null(reference)) image_html(reference, "reference", "reference_image", x[["session_id"]][i]),
      unlist(Map(image_html, audit, audit_names(audit), "audit_images", x[["session_id"]][i])),
      if (length(audit) == 0 && is.numeric(known) && known %in% 1:1000) {
        paste0("<span class=\"quiet\">", count_of(known, "audit image"), ", not kept</span>")
      }
    ),
    collapse = ""
  )
}

image_html <- function(image, name, column, id) {
  # One that cannot be read leaves the others alone.
  image <- tryCatch(as_image(image, column, NULL), error = conditionMessage, warning = conditionMessage)
  words <- function(class, ...) {
    paste0("<span class=\"", class, "\">", name, ": ", as_html(paste0(...)), "</span>")
  }
  if (is.character(image)) {
    return(words("problem", image))
  }
  if (length(image$Bytes) == 0) {
    address <- s3_address(image$S3Object)
    return(words("address", if (is.null(address)) "no image" else address))
  }
  if (is.na(image_type(image$Bytes))) {
    return(words("problem", "The image is neither JPEG nor PNG."))
  }
  size <- image_size(image$Bytes)
  sides <- box_sides(image, "auto")
  paste0(
    "<button type=\"button\" class=\"image\" data-name=\"",
    name,
    "\"><img alt=\"",
    name,
    " image of ",
    as_html(id),
    if (!is.null(size)) paste0("\" width=\"", whole(size[[1]]), "\" height=\"", whole(size[[2]])),
    "\" src=\"",
    as.character(image),
    "\">",
    if (!is.null(sides)) {
      sides <- for_machines(
        100 * c(sides[1:2], sides[["right"]] - sides[["left"]], sides[["bottom"]] - sides[["top"]]),
        "%.3f"
      )
      style <- paste0(c("left:", "top:", "width:", "height:"), sides, "%", collapse = ";")
      paste0("<span class=\"box\" style=\"", style, "\"></span>")
    },
    "</button>"
  )
}
