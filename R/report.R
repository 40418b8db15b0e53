# Reports of results, as one HTML page for a screen or for paper.

#' Write a report
#'
#' Writes results to one HTML file, with counts, decisions, thresholds, a histogram of the confidence, and a table with a row
#' for each session: its decision, its images with face boxes, the service's feedback, and errors. In a browser, the table can be searched,
#' filtered and sorted, and images can be enlarged. A printed report contains only the rows that match the filters. The file loads
#' nothing from the network and works from a local disk.
#'
#' The search of the table finds a phrase as it is typed, in any cell of a row. IDs of sessions and requests are found by
#' their start.
#'
#' The report contains all images, so the file is a third larger than they are, unless they are scaled down (`image_size`).
#' An image that cannot be scaled, because it cannot be read, stays as it is. Because it shows faces, only the owner
#' can read it, as with [liveness_save()] (mode 0600, where the system supports it). The file is written completely or
#' not at all, and an existing file is replaced.
#'
#' Columns that were added to the results, such as a user name, are shown as text, and times with date and time. Of the columns of
#' [liveness_results()], only `session_id` and `status` are required. Empty columns are omitted. Times are in UTC. Images
#' that the service has stored in an S3 bucket show their `s3://` URI. Images in files (`dir` of [liveness_results()]) are
#' read; for an image that cannot be read, the report says why, and there is a warning with the number of these images. A session whose result was received but whose files could
#' not be written has both a status and an error. Both are shown and counted.
#'
#' A session passes if its confidence is at or above the threshold. There is no default threshold, since it
#' depends on what is at stake; AWS's
#' [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points (50 or 60, and 80 or 90 against injection attacks).
#'
#' With `decision`, the report has a decision in each row, the number of sessions with each decision and, with a label, the
#' error rates of the decisions: see the section Decisions in [summary.liveness_results()].
#'
#' The report states what it shows: the version of the package, the region of the sessions, when they were fetched, the
#' thresholds and their reason, and who wrote the report and when.
#'
#' @param results Results of [liveness_results()].
#' @param file Path of the file, in an existing folder.
#' @param thresholds Numbers from 0 to 100, or `NULL`.
#' @param title Heading of the report (a string).
#' @param label Name of a logical column of `results`: `TRUE` for a live person, `FALSE` for an attack, `NA` for a
#'   session that was not reviewed. With a label, the report includes the rates of false accepts and false rejects, as
#'   [plot.liveness_results()] does: of sessions with a confidence.
#' @param decision Thresholds of the decisions: `c(pass = 90)`, or `c(review = 80, pass = 95)`; numbers from 0 to 100, with
#'   `review` below `pass`.
#' @param reason Why these thresholds (a string), or `NULL`.
#' @param author Who writes the report (a string), or `NULL` to leave it out.
#' @param image_size Maximum width and height of images, in pixels: larger ones are scaled down to whole fractions (a half, a
#'   third, ...). The default is the full size for up to 500 sessions; beyond, it is 320, or less if there are more than
#'   6,000 images, and images are compressed so that a report of 2,000 sessions has less than 50 MB. `Inf` is the full
#'   size for any number.
#' @return The path of the file, invisibly.
#'
#' Raises `rekognition_argument_error` for an invalid argument, `rekognition_file_error` if the file cannot be written, and
#' `rekognition_error` if columns are missing, or if the package jpeg, which scales images, is not installed. With the
#' default of `image_size`, that is a warning, and images have their full size.
#' @references
#' [Recommendations for usage of Face Liveness](https://docs.aws.amazon.com/rekognition/latest/dg/recommendations-liveness.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' ids <- vapply(1:5, function(i) svc$create_face_liveness_session()$SessionId, "")
#' for (id in ids[1:4]) emulator$check(id)
#' emulator$check(ids[5], confidence = 71, feedback = "LOW_LIGHTING_DETECTED")
#' results <- liveness_results(ids, svc)
#' results$user <- c("Ada", "Ben", "Chen", "Dita", "Emil")
#'
#' file <- file.path(tempdir(), "report.html")
#' liveness_report(
#'   results,
#'   file,
#'   decision = c(review = 80, pass = 95),
#'   reason = "Payments of up to 100 euros, approved on 2026-01-31."
#' )
#' if (interactive()) browseURL(file)
#' emulator$stop()
liveness_report <- function(
  results,
  file = "report.html",
  thresholds = NULL,
  title = "Face Liveness sessions",
  label = NULL,
  decision = NULL,
  reason = NULL,
  author = Sys.info()[["user"]],
  image_size = NULL
) {
  # The call may contain the results, which must not be in conditions.
  call <- user_call(sys.call(), hide_args = TRUE)
  if (missing(results)) {
    stop_missing("results", call)
  }
  x <- check_report_results(results, call)
  file <- check_report_file(file, call)
  decision <- check_decision(decision, call)
  check_no_decision_column(x, decision, call)
  decisions <- decisions_or_null(x, decision, call)
  report <- list(
    results = x,
    title = check_string(title, "title", call),
    label = label,
    rates = rates_or_null(x, thresholds, label, call),
    decision = decision,
    decisions = decisions,
    decision_rates = decision_rates(x, decision, decisions, label, call),
    reason = check_reason(reason, thresholds, decision, call),
    author = check_author(author, call),
    scale = check_image_size(image_size, x, call)
  )
  n_unread <- 0
  report$on_unread <- function() n_unread <<- n_unread + 1
  columns <- report_columns(report)
  # Readable by the owner only, from the moment of creation.
  mask <- Sys.umask("077")
  on.exit(Sys.umask(mask))
  write_file(
    function(write) {
      write(report_head(report$title))
      write(report_overview(report))
      write(report_histogram(report))
      write(report_controls(report))
      write(report_table_head(columns))
      # Row by row, so that the images of only one session are in memory as text.
      for (i in seq_len(nrow(x))) {
        write(report_row(report, i, columns))
      }
      write(c(report_table_end(), report_end()))
    },
    file,
    call
  )
  if (n_unread > 0) {
    message <- gettextf(
      "%s could not be read. The report says which, and why.",
      pluralize(n_unread, "image")
    )
    warning(simpleWarning(message, call))
  }
  invisible(file)
}

report_head <- function(title) {
  c(
    "<!DOCTYPE html>",
    r"(<html lang="en">)",
    "<head>",
    r"(<meta charset="utf-8">)",
    tag("meta", `http-equiv` = "Content-Security-Policy", content = report_policy),
    r"(<meta name="viewport" content="width=device-width, initial-scale=1">)",
    r"(<meta name="color-scheme" content="light dark">)",
    r"(<meta name="referrer" content="no-referrer">)",
    tag("title", escape_html(title)),
    # Without an icon, browsers request one from the server.
    r"(<link rel="icon" href="data:,">)",
    "<style>",
    unlist(lapply(c("report.css", "table.css", "print.css"), report_file)),
    "</style>",
    "</head>",
    "<body>"
  )
}

report_policy <- paste(
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline';",
  "base-uri 'none'; form-action 'none'"
)

report_file <- function(name) {
  readLines(system.file("report", name, package = "rekognition"), encoding = "UTF-8")
}

report_end <- function() {
  c(
    "</section>",
    tag(
      "p",
      class = "muted",
      "SUCCEEDED means that the check was completed, not that the person is live: see the confidence."
    ),
    "</main>",
    r"(<dialog id="viewer" aria-label="Image">)",
    r"(<div class="frame"><img alt=""><span class="box"></span></div>)",
    r"(<p id="caption"></p>)",
    r"(<div class="buttons">)",
    r"(<button type="button" id="previous">Previous</button>)",
    r"(<button type="button" id="next">Next</button>)",
    r"(<button type="button" id="close">Close</button>)",
    "</div>",
    "</dialog>",
    "<script>",
    report_file("report.js"),
    "</script>",
    "</body>",
    "</html>"
  )
}
