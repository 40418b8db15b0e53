# Sessions counted by confidence and label, for plots and reports.

group_titles <- c(
  sessions = "sessions",
  live = "live person",
  attack = "attack",
  unreviewed = "not reviewed"
)

# The confidence of sessions that have one, by the groups of group_titles.
confidence_by_label <- function(x, label) {
  values <- x$confidence
  if (is.null(label)) {
    return(list(sessions = values[!is.na(values)]))
  }
  is_group <- list(
    live = x[[label]] %in% TRUE,
    attack = x[[label]] %in% FALSE,
    unreviewed = is.na(x[[label]])
  )
  groups <- lapply(is_group, function(is_member) values[is_member & !is.na(values)])
  groups[lengths(groups) > 0 | names(groups) != "unreviewed"]
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

# "40 sessions, 3 without a confidence".
describe_sessions <- function(x) {
  without <- sum(is.na(x$confidence))
  all <- pluralize(nrow(x), "session")
  if (without > 0) paste0(all, ", ", format_count(without), " without a confidence") else all
}
