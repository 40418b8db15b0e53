# The selected session.

session_summary <- function(row, place, n, has_decisions) {
  text <- format(as_liveness_results(row[c("session_id", "status", "error_code")]))
  move <- function(by, label, key, at_end) {
    tags$button(
      type = "button",
      class = "btn",
      `data-move` = by,
      `aria-keyshortcuts` = key,
      disabled = if (at_end) NA,
      label,
      tags$kbd(`aria-hidden` = "true", key)
    )
  }
  feedback <- row$feedback[[1]]
  tagList(
    div(
      class = "head",
      h2(class = "id", text$session_id),
      div(class = "buttons", move(-1, "Previous", "K", place == 1), move(1, "Next", "J", place == n))
    ),
    p(
      class = "result",
      if (has_decisions) decision_badge(row$decision),
      if (!is.na(row$confidence)) tags$strong(format_score(row$confidence)),
      if (!is.na(row$status)) span(class = "status", text$status),
      span(class = "place", sprintf("%d of %d", place, n))
    ),
    if (!is.na(row$error_code)) p(class = "error", tags$bdi(first_line(row$error[[1]]))),
    if (NROW(feedback) > 0) {
      # tags$bdi(): text from the service must not change the direction of the text after it.
      tags$ul(Map(
        function(code, message) tags$li(tags$bdi(tags$b(code)), " ", tags$bdi(message)),
        feedback$code,
        feedback$message
      ))
    },
    verdict_text(row)
  )
}

# What the back end recorded: who, when, under which thresholds, for which reason.
verdict_text <- function(row) {
  if (is.null(row[["verdict"]]) || is.na(row$verdict)) {
    return(NULL)
  }
  p(
    class = "verdict",
    "Verdict ",
    decision_badge(row$verdict),
    " for ",
    tags$bdi(row$user_id, .noWS = "outside"),
    paste0(", ", format_time(row$retrieved_at), ". "),
    tags$bdi(describe_verdict(row))
  )
}

session_images <- function(images) {
  reference <- images[[1]]
  audit <- images[[2]]
  figures <- c(
    if (!is.null(reference)) list(image_figure(reference, "Reference image")),
    Map(image_figure, audit, paste("Audit image", seq_along(audit)))
  )
  if (length(figures) == 0) {
    return(p(class = "hint", "No images."))
  }
  div(class = "images", figures)
}

# The image with the face box, whose sides are in percent of the image.
image_figure <- function(image, caption) {
  # Images of a folder are paths.
  image <- tryCatch(liveness_image(image), rekognition_error = function(e) NULL)
  source <- if (is.null(image)) "cannot be read" else as.character(image)
  if (is.na(source) || !startsWith(source, "data:image/")) {
    return(tags$figure(
      div(class = "no-image", if (is.na(source)) "no image" else tags$bdi(source)),
      tags$figcaption(caption)
    ))
  }
  box <- unlist(image$BoundingBox[c("Left", "Top", "Width", "Height")])
  if (length(box) == 4 && max(box[3:4]) > 1.5) {
    # Boxes are ratios, but have been seen in pixels: of the upright image, as as.raster() and browsers make it.
    box <- box / dim(as.raster(image))[c(2, 1, 2, 1)]
  }
  # CSS needs decimal points in any locale.
  percent <- paste0(chartr(",", ".", sprintf("%.2f", 100 * box)), "%")
  tags$figure(
    tags$button(
      type = "button",
      class = "image",
      `aria-pressed` = "false",
      title = "Enlarge",
      tags$img(src = source, alt = caption),
      if (length(box) == 4) {
        span(
          class = "face-box",
          style = paste0(c("left:", "top:", "width:", "height:"), percent, collapse = ";")
        )
      }
    ),
    tags$figcaption(caption)
  )
}

# All reviews of a session, newest first.
session_history <- function(reviews) {
  entry <- function(i) {
    review <- reviews[i, ]
    tags$li(
      tags$bdi(class = "by", review$reviewer),
      span(class = paste("label", review$label), if (is.na(review$label)) "undecided" else review$label),
      tags$time(datetime = review$reviewed_at, format_time(review$reviewed_at)),
      if (nzchar(review$note)) p(class = "note", dir = "auto", review$note)
    )
  }
  tags$section(
    class = "history",
    `aria-label` = "Reviews",
    if (nrow(reviews) == 0) {
      p(class = "hint", "Not reviewed yet.")
    } else {
      tags$ol(reversed = NA, lapply(rev(seq_len(nrow(reviews))), entry))
    }
  )
}

session_facts <- function(row) {
  facts <- c(
    Retrieved = format_time(row$retrieved_at),
    Region = as.character(row[["region"]]),
    Challenge = paste(stats::na.omit(c(row$challenge_type, row$challenge_version)), collapse = " "),
    `Request ID` = row$request_id
  )
  facts <- facts[!is.na(facts) & nzchar(facts)]
  tags$dl(lapply(names(facts), function(name) tagList(tags$dt(name), tags$dd(tags$bdi(facts[[name]])))))
}
