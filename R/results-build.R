# From rows to results. The columns of results are declared here only.

# A column of results: the type of its values in rows; `fill`, which makes the column from these values, the batch and
# the columns before it; and whether print() shows it, before ("first") or after ("last") the user's own columns.
result_column <- function(type, fill = function(values, spec, columns) values, shown = "no") {
  list(type = type, fill = fill, shown = shown)
}

result_columns <- list(
  session_id = result_column("character", function(values, spec, columns) spec$ids, shown = "first"),
  status = result_column("character", shown = "first"),
  confidence = result_column("double", shown = "first"),
  reference_image = result_column("list", function(values, spec, columns) {
    images <- lapply(values, path_in_dir, spec$dir)
    new_column(Map(with_origin, images, paste0(spec$ids, "/reference")))
  }),
  audit_images = result_column("list", function(values, spec, columns) {
    new_column(Map(audit_images_of, lapply(values, path_in_dir, spec$dir), spec$ids))
  }),
  # On a narrow page the last columns are left out first.
  n_audit_images = result_column("integer", shown = "last"),
  challenge_type = result_column("character"),
  challenge_version = result_column("character"),
  feedback = result_column("list", function(values, spec, columns) new_column(values), shown = "first"),
  sdk_type = result_column("character"),
  error = result_column("list", function(values, spec, columns) new_column(row_conditions(values, spec))),
  error_code = result_column(
    "character",
    function(values, spec, columns) vapply(unclass(columns$error), error_code, ""),
    shown = "first"
  ),
  request_id = result_column("character"),
  attempts = result_column("integer"),
  retrieved_at = result_column("double", function(values, spec, columns) .POSIXct(values, "UTC")),
  region = result_column("character")
)

# The columns that print() shows at a place.
columns_shown <- function(place) {
  names(Filter(function(column) column$shown == place, result_columns))
}

# Builds results from the rows of a batch, which arrive in parts and in any order.
new_results <- function(spec, rows) {
  values <- function(column, type) {
    c(vector(type, 0), unlist(lapply(rows, `[[`, column), recursive = FALSE))
  }
  index <- values("index", "integer")
  if (length(index) < length(spec$unique_ids)) {
    stop_early_end(spec$call)
  }
  place <- match(match(spec$ids, spec$unique_ids), index)
  columns <- list()
  for (name in names(result_columns)) {
    column <- result_columns[[name]]
    columns[[name]] <- column$fill(values(name, column$type)[place], spec, columns)
  }
  register_s4_class()
  structure(
    columns,
    class = c("liveness_results", "data.frame"),
    row.names = .set_row_names(length(spec$ids))
  )
}

# Only a batch of another process ends early.
stop_early_end <- function(call) {
  stop_native(list(kind = "internal", reason = gettext("a batch ended early")), call)
}

audit_images_of <- function(images, id) {
  if (is.list(images)) Map(with_origin, images, paste0(id, "/", audit_names(images))) else images
}

# Native code returns paths relative to the folder. These are ASCII.
path_in_dir <- function(images, dir) {
  if (is.character(images)) {
    end <- if (.Platform$OS.type == "windows") "[/\\\\]$" else "/$"
    paste0(dir, if (!grepl(end, dir, useBytes = TRUE)) "/", images)
  } else if (is.list(images) && !is.object(images)) {
    lapply(images, path_in_dir, dir)
  } else {
    images
  }
}

error_code <- function(error) {
  if (is.null(error)) {
    NA_character_
  } else if (is_string(error$code)) {
    error$code
  } else {
    class(error)[1]
  }
}

# The conditions of rows with errors; NULL for the others. Making a condition is slow, and errors of the service mostly
# differ in their request IDs only: each kind is made once and copied.
row_conditions <- function(errors, spec) {
  conditions <- vector("list", length(errors))
  is_service <- vapply(errors, function(error) identical(error$kind, "service"), NA)
  member <- function(name) vapply(errors[is_service], function(error) as.character(error[[name]]), "")
  same <- lapply(c("code", "error_type", "service_message", "status_code"), member)
  kind <- do.call(paste, c(same, sep = "\r"))
  conditions[is_service] <- Map(
    function(condition, error) {
      condition$request_id <- error$request_id
      condition$attempts <- error$attempts
      condition
    },
    lapply(errors[is_service][!duplicated(kind)], native_condition, spec$call)[match(kind, unique(kind))],
    errors[is_service]
  )
  is_other <- !is_service & lengths(errors) > 0
  conditions[is_other] <- lapply(errors[is_other], function(error) {
    if (error$kind == "file") {
      error$path <- path_in_dir(error$path, spec$dir)
    }
    native_condition(error, spec$call)
  })
  conditions
}
