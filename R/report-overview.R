# The upper part of a report: what it shows, counts, decisions and thresholds.

report_overview <- function(report) {
  c(
    "<header>",
    tag("h1", escape_html(report$title)),
    report_facts(report),
    report_counts(report),
    "</header>",
    "<main>",
    r"(<div class="overview">)",
    if (!is.null(report$decision) || NROW(report$rates) > 0) {
      c(
        "<div>",
        if (!is.null(report$decision)) report_decisions(report),
        if (NROW(report$rates) > 0) report_thresholds(report$results, report$rates),
        "</div>"
      )
    }
  )
}

report_facts <- function(report) {
  x <- report$results
  thresholds <- report$rates$threshold
  facts <- list(
    Region = report_regions(x),
    Fetched = report_period(x[["retrieved_at"]]),
    Decision = if (!is.null(report$decision)) paste(describe_decision(report$decision), collapse = ", "),
    Thresholds = if (length(thresholds) > 0) paste(format_number(thresholds), collapse = ", "),
    Reason = report$reason,
    Images = if (!is.null(report$scale)) {
      paste("scaled down to", format_number(report$scale$size), "pixels or less")
    },
    Author = report$author,
    Created = paste(report_time(Sys.time()), "UTC"),
    Version = paste("rekognition", utils::packageVersion("rekognition"))
  )
  facts <- unlist(facts)
  c(
    r"(<dl class="facts">)",
    tag("div", tag("dt", names(facts)), tag("dd", escape_html(facts))),
    "</dl>"
  )
}

# NULL if no region is known.
report_regions <- function(x) {
  regions <- text_or_empty(x[["region"]], nrow(x))
  known <- unique(regions[nzchar(regions)])
  unknown <- sum(!nzchar(regions))
  if (length(known) > 0) {
    toString(c(known, if (unknown > 0) paste("unknown for", pluralize(unknown, "session"))))
  }
}

report_period <- function(time) {
  if (inherits(time, "POSIXt") && any(!is.na(time))) {
    ends <- unique(report_time(as.POSIXct(range(time, na.rm = TRUE))))
    paste(paste(ends, collapse = " to "), "UTC")
  }
}

report_counts <- function(report) {
  x <- report$results
  tile <- function(value, what, class = NULL) {
    tag("div", class = class, tag("dt", escape_html(what)), tag("dd", value))
  }
  count <- function(n, ...) tile(format_count(n), ...)
  statuses <- sorted_counts(x$status)
  errors <- sorted_counts(report_outcome(x)[is.na(x$status)])
  partial <- if (!is.null(x[["error_code"]])) sorted_counts(x[["error_code"]][!is.na(x$status)])
  unique_sessions <- length(unique(x$session_id))
  different <- if (unique_sessions < nrow(x)) paste0(" (", format_count(unique_sessions), " different)")
  decided <- report$decision_rates
  undecided <- sum(is.na(report$decisions))
  c(
    r"(<dl class="counts">)",
    count(nrow(x), paste0(if (nrow(x) == 1) "session" else "sessions", different)),
    if (!is.null(decided)) count(decided$sessions, decided$decision, decided$decision),
    if (undecided > 0) count(undecided, "without a decision"),
    if (!is.null(report$label) && !is.null(decided)) {
      shares <- c(decided$false_accept[1], decided$false_reject[nrow(decided)])
      tile(format_percent(shares), c("false accept", "false reject"))
    },
    if (length(statuses) > 0) count(statuses, names(statuses)),
    if (length(partial) > 0) count(partial, paste("with", names(partial)), "error"),
    if (length(errors) > 0) {
      count(errors, names(errors), "error")
    } else if (length(partial) == 0) {
      count(0, "errors")
    },
    "</dl>"
  )
}

report_decisions <- function(report) {
  rates <- report$decision_rates
  lowest <- format_number(min(report$decision))
  is_fail <- rates$decision == "fail"
  cells <- list(
    Decision = decision_badges(rates$decision),
    Confidence = ifelse(is_fail, paste("below", lowest), paste("from", format_number(rates$from))),
    Sessions = format_count(rates$sessions),
    Share = format_percent(rates$share)
  )
  errors <- NULL
  if (!is.null(report$label)) {
    cells[["Live"]] <- format_count(rates$live)
    cells[["Attacks"]] <- format_count(rates$attacks)
    rate <- function(share, none) {
      ifelse(is.nan(share), none, ifelse(is.na(share), "", format_percent(share)))
    }
    cells[["False accept"]] <- rate(rates$false_accept, "no attacks")
    cells[["False reject"]] <- rate(rates$false_reject, "no live people")
    errors <- paste(
      " False accept is the share of attacks that pass; false reject is the share of live people who fail.",
      "Live, attacks and both rates count only sessions with a confidence."
    )
  }
  undecided <- sum(is.na(report$decisions))
  report_rates(
    "Decisions",
    cells,
    "A session with the status FAILED or EXPIRED is a fail.",
    if (undecided > 0) {
      paste0(" ", pluralize(undecided, "session"), " without a decision: the outcome is not known.")
    },
    errors
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
      ". False accept is the share of attacks that pass; false reject is the share of live people who do not pass.",
      " These numbers count only sessions with a confidence."
    )
  }
  report_rates(
    "Thresholds",
    cells,
    "A session passes if its confidence is at or above the threshold. Data: ",
    escape_html(describe_sessions(x)),
    ".",
    reviewed
  )
}

# A table of rates, with a note below it.
report_rates <- function(title, cells, ...) {
  id <- paste0(ascii_lower(title), "-title")
  c(
    open_tag("section", class = "rates", `aria-labelledby` = id),
    tag("h2", id = id, title),
    open_tag("div", class = "scroll", tabindex = "0", role = "region", `aria-labelledby` = id),
    "<table>",
    tag("thead", tag("tr", inline(tag("th", scope = "col", names(cells))))),
    "<tbody>",
    tag("tr", do.call(paste0, lapply(unname(cells), function(cell) tag("td", cell)))),
    "</tbody></table></div>",
    tag("p", class = "muted", ...),
    "</section>"
  )
}
