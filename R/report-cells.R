# What the cells of a report show.

# How many of each, NA aside, the most first.
count_in_order <- function(text) {
  counts <- table(text)
  counts <- stats::setNames(as.vector(counts), names(counts))
  counts[order(-counts)]
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

report_time <- function(time) {
  ifelse(is.na(time), "", format(time, "%Y-%m-%d %H:%M:%S", tz = "UTC"))
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
