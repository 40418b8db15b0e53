# The upper part of a report: counts and thresholds.

report_summary <- function(x, rates, title) {
  count <- function(n, what, class = NULL) {
    class <- if (!is.null(class)) paste0(" class=\"", class, "\"")
    paste0("<div", class, "><dt>", as_html(what), "</dt><dd>", whole(n), "</dd></div>")
  }
  statuses <- count_in_order(x$status)
  errors <- count_in_order(report_verdict(x)[is.na(x$status)])
  beside <- if (!is.null(x[["error_code"]])) count_in_order(x[["error_code"]][!is.na(x$status)])
  c(
    "<header>",
    paste0("<h1>", as_html(title), "</h1>"),
    paste0("<p class=\"quiet\">Made on ", report_time(Sys.time()), " UTC</p>"),
    "<dl class=\"counts\">",
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
    "<div class=\"overview\">",
    if (NROW(rates) > 0) report_thresholds(x, rates)
  )
}

report_thresholds <- function(x, rates) {
  has_label <- !is.null(rates$live)
  row <- function(tag, cells) {
    paste0("<tr>", paste0("<", tag, ">", cells, "</", sub(" .*", "", tag), ">", collapse = ""), "</tr>")
  }
  of <- function(share, all) if (all > 0) percent(share) else "none"
  body <- vapply(
    seq_len(nrow(rates)),
    function(i) {
      rate <- rates[i, ]
      row(
        "td",
        c(
          rate$threshold,
          paste(whole(rate$passed), "of", whole(rate$sessions)),
          percent(rate$share),
          if (has_label) c(of(rate$false_accept, rate$attacks), of(rate$false_reject, rate$live))
        )
      )
    },
    ""
  )
  reviewed <- if (has_label) {
    paste0(
      " Reviewed: ",
      count_of(rates$live[1], "live person"),
      ", ",
      count_of(rates$attacks[1], "attack"),
      ". False accept is the share of the attacks that pass, false reject the share of the live persons that do not."
    )
  }
  c(
    "<section class=\"thresholds\" aria-labelledby=\"thresholds-title\">",
    "<h2 id=\"thresholds-title\">Thresholds</h2>",
    "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"thresholds-title\">",
    "<table>",
    paste0(
      "<thead>",
      row(
        "th scope=\"col\"",
        c("Threshold", "Passed", "Share", if (has_label) c("False accept", "False reject"))
      ),
      "</thead>"
    ),
    "<tbody>",
    body,
    "</tbody></table></div>",
    paste0(
      "<p class=\"quiet\">A session passes if its confidence is the threshold or above. Counted: ",
      as_html(left_out(x)),
      ".",
      reviewed,
      "</p>"
    ),
    "</section>"
  )
}
