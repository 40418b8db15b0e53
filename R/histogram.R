# Sessions counted by their confidence and label, for plots and reports.

split_by_label <- function(x, label) {
  values <- x$confidence
  if (is.null(label)) {
    return(list(sessions = values[!is.na(values)]))
  }
  kinds <- list(
    `live person` = x[[label]] %in% TRUE,
    attack = x[[label]] %in% FALSE,
    `not reviewed` = is.na(x[[label]])
  )
  groups <- lapply(kinds, function(is_kind) values[is_kind & !is.na(values)])
  groups[lengths(groups) > 0 | names(groups) != "not reviewed"]
}

confidence_breaks <- seq(0, 100, 2.5)

# A row for each bar, a column for each group.
count_confidence <- function(groups) {
  vapply(
    groups,
    function(values) {
      graphics::hist(pmin(100, pmax(0, values)), breaks = confidence_breaks, plot = FALSE)$counts
    },
    numeric(length(confidence_breaks) - 1)
  )
}

left_out <- function(x) {
  without <- sum(is.na(x$confidence))
  all <- count_of(nrow(x), "session")
  if (without > 0) paste0(all, ", ", whole(without), " of them without a confidence") else all
}
