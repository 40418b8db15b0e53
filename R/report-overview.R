# The upper part of a report: counts and thresholds.

report_summary <- function(x, rates, title) {
  count <- function(n, what, class = NULL) {
    tag("div", class = class, tag("dt", escape_html(what)), tag("dd", whole(n)))
  }
  statuses <- count_in_order(x$status)
  errors <- count_in_order(report_verdict(x)[is.na(x$status)])
  beside <- if (!is.null(x[["error_code"]])) count_in_order(x[["error_code"]][!is.na(x$status)])
  c(
    "<header>",
    tag("h1", escape_html(title)),
    tag("p", class = "quiet", "Made on ", report_time(Sys.time()), " UTC"),
    r"(<dl class="counts">)",
    count(nrow(x), if (nrow(x) == 1) "session" else "sessions"),
    if (length(statuses) > 0) count(statuses, names(statuses)),
    if (length(beside) > 0) count(beside, paste("with", names(beside)), "problem"),
    if (length(errors) > 0) {
      count(errors, names(errors), "problem")
    } else if (length(beside) == 0) {
      count(0, "errors")
    },
    "</dl>",
    "</header>",
    "<main>",
    r"(<div class="overview">)",
    if (NROW(rates) > 0) report_thresholds(x, rates)
  )
}

report_thresholds <- function(x, rates) {
  cells <- list(
    Threshold = rates$threshold,
    Passed = paste(whole(rates$passed), "of", whole(rates$sessions)),
    Share = percent(rates$share)
  )
  reviewed <- NULL
  if (!is.null(rates$live)) {
    cells[["False accept"]] <- ifelse(rates$attacks > 0, percent(rates$false_accept), "none")
    cells[["False reject"]] <- ifelse(rates$live > 0, percent(rates$false_reject), "none")
    reviewed <- paste0(
      " Reviewed: ",
      count_of(rates$live[1], "live person"),
      ", ",
      count_of(rates$attacks[1], "attack"),
      ". False accept is the share of the attacks that pass, false reject the share of the live persons that do not."
    )
  }
  c(
    r"(<section class="thresholds" aria-labelledby="thresholds-title">)",
    r"(<h2 id="thresholds-title">Thresholds</h2>)",
    r"(<div class="wide" tabindex="0" role="region" aria-labelledby="thresholds-title">)",
    "<table>",
    tag("thead", tag("tr", inline(tag("th", scope = "col", names(cells))))),
    "<tbody>",
    tag("tr", do.call(paste0, lapply(unname(cells), function(cell) tag("td", cell)))),
    "</tbody></table></div>",
    tag(
      "p",
      class = "quiet",
      "A session passes if its confidence is the threshold or above. Counted: ",
      escape_html(left_out(x)),
      ".",
      reviewed
    ),
    "</section>"
  )
}
