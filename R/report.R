# Results as one page of HTML: for the eyes of a reviewer, on a screen or on paper.

#' Write a report
#'
#' Writes results into one HTML file: counts, what thresholds do, a histogram of the confidence, and a table with a row
#' for each session, with its images and face boxes, what the service said about it, and what went wrong. In a
#' browser the table can be searched, filtered and sorted, and images can be enlarged; on paper it shows the rows that
#' the filter left. The file loads nothing from elsewhere, and works from a disk, without a network.
#'
#' All images are in the file, so that it is a third larger than they are. It shows faces: like the images that
#' [liveness_save()] writes it is for the owner alone (0600 where the system has such a thing). It appears whole or not
#' at all, and replaces a file that is there.
#'
#' Columns that were added to the results, such as who the person was, are shown as text; of those of
#' [liveness_results()], all but `session_id` and `status` may have been taken away. Columns with nothing in them are
#' left out. Times are UTC. Images that the service has put into a bucket show their `s3://` address, images in files
#' (`dir` of [liveness_results()]) are read, and one that cannot be read says so in its place. A verdict that was found
#' although its files could not be written has an error beside its status, and both are shown and counted.
#'
#' A session passes if its confidence is the threshold or above. There is no default threshold, since it
#' depends on what is at stake; AWS's
#' [AI Service Card](https://docs.aws.amazon.com/ai/responsible-ai/rekognition-face-liveness/overview.html) gives
#' starting points (50 or 60, and 80 or 90 against injection attacks).
#'
#' @param results Results of [liveness_results()].
#' @param file Path of the file, in an existing folder.
#' @param thresholds Numbers from 0 to 100, or `NULL`.
#' @param title String: the report's heading.
#' @param label Name of a logical column of `results`: `TRUE` for a live person, `FALSE` for an attack, `NA` for a
#'   session that was not reviewed. With it the report tells false accepts and false rejects, as [plot.liveness_results()]
#'   does.
#' @return The path of the file, invisibly.
#'
#' Raises `rekognition_argument_error` for a bad argument, `rekognition_file_error` where the file cannot be written, and
#' `rekognition_error` where columns are missing.
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
#' liveness_report(results, file, thresholds = c(80, 90))
#' if (interactive()) browseURL(file)
#' emulator$stop()
liveness_report <- function(
  results,
  file = "report.html",
  thresholds = NULL,
  title = "Face Liveness sessions",
  label = NULL
) {
  # The results may be in the call: they are not shown in conditions.
  call <- user_call(sys.call(), hide_args = TRUE)
  if (missing(results)) {
    stop_missing("results", call)
  }
  x <- check_reported(results, call)
  file <- check_report_file(file, call)
  title <- check_string(title, "title", call)
  rates <- rates_or_null(x, thresholds, label, call)
  columns <- report_columns(x)
  # For the owner alone from the first moment.
  mask <- Sys.umask("077")
  on.exit(Sys.umask(mask))
  write_whole(
    function(write) {
      write(report_head(title))
      write(report_summary(x, rates, title))
      write(report_histogram(x, rates, label))
      write(report_controls(x, rates))
      write(report_table_head(columns))
      # Row by row: the images of one session at a time are in memory as text.
      for (i in seq_len(nrow(x))) {
        write(report_row(x, i, columns))
      }
      write(c(report_table_end(), report_end()))
    },
    file,
    call
  )
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
    # Otherwise browsers ask the server for one.
    r"(<link rel="icon" href="data:,">)",
    "<style>",
    report_file("report.css"),
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
      class = "quiet",
      "SUCCEEDED says that a check took place. Whether the person was live is what the confidence is for."
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
