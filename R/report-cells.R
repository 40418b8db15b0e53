# The cells of a report's table.

# The number of each value except NA, in descending order.
sorted_counts <- function(text) {
  counts <- table(text)
  counts <- stats::setNames(as.vector(counts), names(counts))
  counts[order(-counts)]
}

report_outcome <- function(x) {
  outcome <- outcome_of(x)
  ifelse(is.na(outcome), "no status", outcome)
}

# SUCCEEDED is neutral: it does not mean that the person is live.
outcome_cells <- function(x) {
  outcome <- report_outcome(x)
  is_neutral <- outcome %in% setdiff(known_statuses, "FAILED")
  tag(
    "span",
    class = paste("badge", ifelse(is_neutral, "neutral", "bad"), recycle0 = TRUE),
    wrap_names(escape_html(outcome))
  )
}

# Lines may end between the words of a name such as SessionNotFoundException.
wrap_names <- function(html) {
  gsub("([a-z])([A-Z])", "\\1<wbr>\\2", html)
}

decision_badges <- function(decisions) {
  kinds <- c(pass = "good", review = "unsure", fail = "bad")
  kind <- unname(kinds[as.character(decisions)])
  kind[is.na(kind)] <- "neutral"
  tag("span", class = paste("badge", kind, recycle0 = TRUE), decision_title(decisions))
}

# Texts for the service's feedback codes.
feedback_texts <- c(
  FACE_NOT_VISIBLE = "The face was not visible.",
  FACE_OBSTRUCTION_DETECTED = "The face was obstructed.",
  LOW_VIDEO_QUALITY_DETECTED = "The video quality was low.",
  FACE_NOT_ALIGNED = "The face was not aligned.",
  EYES_CLOSED_DETECTED = "The eyes were closed.",
  LOW_LIGHTING_DETECTED = "The lighting was too dim.",
  HIGH_LIGHTING_DETECTED = "The lighting was too bright."
)

feedback_cells <- function(x) {
  cells <- vapply(
    as.list(x[["feedback"]]),
    function(feedback) {
      if (!is.data.frame(feedback)) {
        return(escape_html(format_cell(feedback)))
      }
      if (nrow(feedback) == 0) {
        return("")
      }
      code <- feedback[["code"]]
      message <- if (is.null(feedback[["message"]])) "" else feedback[["message"]]
      known <- feedback_texts[as.character(code)]
      other <- trimws(
        paste0(ifelse(is.na(code), "", code), ": ", ifelse(is.na(message), "", message)),
        whitespace = "[: ]"
      )
      text <- ifelse(is.na(known), other, known)
      paste(tag("span", title = escape_html(code), escape_html(text)), collapse = "<br>")
    },
    ""
  )
  text_or_empty(cells, nrow(x))
}

error_texts <- function(x) {
  texts <- vapply(
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
  texts <- text_or_empty(texts, nrow(x))
  # Without a status, the code is in the column of the status.
  is_code <- !nzchar(texts) & !is.na(x[["status"]])
  texts[is_code] <- text_or_empty(x[["error_code"]], nrow(x))[is_code]
  texts
}

challenge_cells <- function(x) {
  part <- function(name) escape_html(text_or_empty(x[[name]], nrow(x)))
  client <- part("sdk_type")
  lines_of(
    wrap_names(trimws(paste(part("challenge_type"), part("challenge_version")))),
    ifelse(nzchar(client), paste("Client:", client), "")
  )
}

# When, with which request, and after how many attempts.
retrieval_cells <- function(x) {
  part <- function(name) escape_html(column_texts(x[[name]], nrow(x)))
  time <- x[["retrieved_at"]]
  id <- part("request_id")
  attempts <- part("attempts")
  lines_of(
    if (inherits(time, "POSIXt")) time_cells(time) else part("retrieved_at"),
    ifelse(nzchar(id), tag("span", class = "id", title = "Request ID", id), ""),
    ifelse(attempts %in% c("", "1"), "", paste(attempts, "attempts"))
  )
}

# The lines of each cell, without empty ones.
lines_of <- function(...) {
  text <- do.call(paste, list(..., sep = "<br>"))
  gsub("^(<br>)+|(<br>)+$", "", gsub("(<br>){2,}", "<br>", text))
}

report_time <- function(time) {
  ifelse(is.na(time), "", format(time, "%Y-%m-%d %H:%M:%S", tz = "UTC"))
}

# A line may end between the date and the time, but not inside.
time_cells <- function(time) {
  parts <- strsplit(as.character(report_time(time)), " ", fixed = TRUE)
  vapply(parts, function(part) paste(tag("span", class = "whole", part), collapse = " "), "")
}

# A missing column has empty cells.
text_or_empty <- function(text, n) {
  if (is.null(text) || length(text) != n) rep("", n) else ifelse(is.na(text), "", as.character(text))
}

# A column of any type as text, not yet cleaned: escape_html() does it.
column_texts <- function(column, n) {
  text_or_empty(format_cells(column, align = FALSE, clean = identity), n)
}

# The number of images of each session: those in the results, or the number that the results have without them.
count_images <- function(x) {
  n <- numeric(nrow(x))
  if (!is.null(x[["reference_image"]])) {
    n <- n + (lengths(x[["reference_image"]]) > 0)
  }
  stated <- x[["n_audit_images"]]
  present <- if (is.null(x[["audit_images"]])) 0 else lengths(x[["audit_images"]])
  n + pmax(present, if (is.numeric(stated)) stated else 0, na.rm = TRUE)
}

image_cell <- function(report, i) {
  x <- report$results
  reference <- if (!is.null(x[["reference_image"]])) x[["reference_image"]][[i]]
  audit <- if (!is.null(x[["audit_images"]])) as.list(x[["audit_images"]][[i]])
  stated <- x[["n_audit_images"]][i]
  c(
    if (!is.null(reference)) {
      image_html(reference, "reference", "reference_image", x[["session_id"]][i], report)
    },
    unlist(Map(
      function(image, name) image_html(image, name, "audit_images", x[["session_id"]][i], report),
      audit,
      audit_names(audit)
    )),
    if (length(audit) == 0 && is.numeric(stated) && stated %in% 1:1000) {
      tag("span", class = "muted", pluralize(stated, "audit image"), ", not kept")
    }
  )
}

image_html <- function(image, name, column, id, report) {
  # The others are shown even if this one cannot be read.
  image <- tryCatch(as_image(image, column, NULL), error = conditionMessage, warning = conditionMessage)
  note <- function(class, ...) {
    tag("span", class = class, name, ": ", escape_html(paste0(...)))
  }
  unread <- function(reason) {
    report$on_unread()
    note("error", reason)
  }
  if (is.character(image)) {
    return(unread(image))
  }
  if (length(image$Bytes) == 0) {
    uri <- s3_uri(image$S3Object)
    return(note("uri", if (is.null(uri)) "no image" else uri))
  }
  if (is.na(image_type(image$Bytes))) {
    return(unread("The image is neither JPEG nor PNG."))
  }
  size <- image_size(image$Bytes)
  sides <- box_sides(image, "auto")
  box <- if (!is.null(sides)) {
    percent <- format_number(
      100 * c(sides[1:2], sides[["right"]] - sides[["left"]], sides[["bottom"]] - sides[["top"]]),
      "%.3f"
    )
    style <- paste0(c("left:", "top:", "width:", "height:"), percent, "%", collapse = ";")
    tag("span", class = "box", style = style, "")
  }
  # The size of the image before it is scaled: a browser enlarges it to that.
  img <- tag(
    "img",
    alt = paste(name, "image of", escape_html(id)),
    width = if (!is.null(size)) format_count(size[[1]]),
    height = if (!is.null(size)) format_count(size[[2]]),
    src = as.character(if (is.null(report$scale)) image else scale_image(image, report$scale))
  )
  tag("button", type = "button", class = "image", `data-name` = name, img, box)
}
