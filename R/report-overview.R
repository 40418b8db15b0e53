# The upper part of a report: counts and thresholds.

report_summary <- function(x, rates, title) {
  count <- function(n, what, class = NULL) {
    tag("div", class = class, tag("dt", escape_html(what)), tag("dd", format_count(n)))
  }
  statuses <- sorted_counts(x$status)
  errors <- sorted_counts(report_outcome(x)[is.na(x$status)])
  partial <- if (!is.null(x[["error_code"]])) sorted_counts(x[["error_code"]][!is.na(x$status)])
  c(
    "<header>",
    tag("h1", escape_html(title)),
    tag("p", class = "muted", "Created on ", report_time(Sys.time()), " UTC"),
    r"(<dl class="counts">)",
    count(nrow(x), if (nrow(x) == 1) "session" else "sessions"),
    if (length(statuses) > 0) count(statuses, names(statuses)),
    if (length(partial) > 0) count(partial, paste("with", names(partial)), "error"),
    if (length(errors) > 0) {
      count(errors, names(errors), "error")
    } else if (length(partial) == 0) {
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
    Passed = paste(format_count(rates$passed), "of", format_count(rates$sessions)),
    Share = format_percent(rates$share)
  )
  reviewed <- NULL
  if (!is.null(rates$live)) {
    cells[["False accept"]] <- ifelse(rates$attacks > 0, format_percent(rates$false_accept), "no attacks")
    cells[["False reject"]] <- ifelse(rates$live > 0, format_percent(rates$false_reject), "no live people")
    reviewed <- paste0(
      " Reviewed: ",
      pluralize(rates$live[1], "live person", "live people"),
      ", ",
      pluralize(rates$attacks[1], "attack"),
      ". False accept is the share of attacks that pass; false reject is the share of live people who do not."
    )
  }
  c(
    r"(<section class="thresholds" aria-labelledby="thresholds-title">)",
    r"(<h2 id="thresholds-title">Thresholds</h2>)",
    r"(<div class="scroll" tabindex="0" role="region" aria-labelledby="thresholds-title">)",
    "<table>",
    tag("thead", tag("tr", inline(tag("th", scope = "col", names(cells))))),
    "<tbody>",
    tag("tr", do.call(paste0, lapply(unname(cells), function(cell) tag("td", cell)))),
    "</tbody></table></div>",
    tag(
      "p",
      class = "muted",
      "A session passes if its confidence is at or above the threshold. Data: ",
      escape_html(describe_sessions(x)),
      ".",
      reviewed
    ),
    "</section>"
  )
}
