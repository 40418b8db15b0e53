# A shape of the service's model in words, for the arguments, and as syntax, for requests and values: for dev/help.R.

model <- jsonlite::fromJSON("src/rust/model/src/rekognition.json", simplifyVector = FALSE)
shapes <- model$shapes
# Structures of which the service accepts one member.
one_of <- c("DatasetSource", "Image", "RegionOfInterest", "StreamProcessorOutput", "StreamProcessorSettings")
for (name in one_of) {
  shapes[[name]]$one_of <- TRUE
}

# Unlike \code{}, \verb{} may contain any quotes.
verbatim <- function(text) paste0("\\verb{", gsub("([\\\\%])", "\\\\\\1", text), "}")
code <- function(text) paste0("\\code{", text, "}")
enumerate <- function(items, last) {
  n <- length(items)
  if (n < 2) items else paste(paste(items[-n], collapse = ", "), last, items[n])
}

# " of 1 to 255 characters"
count <- function(shape, unit) {
  min <- if (!is.null(shape$min) && shape$min > 0) shape$min
  max <- shape$max
  if (is.null(min) && is.null(max)) {
    return("")
  }
  range <- if (is.null(max)) {
    paste("at least", min)
  } else if (is.null(min)) {
    paste("at most", max)
  } else if (min == max) {
    max
  } else {
    paste(min, "to", max)
  }
  last <- if (is.null(max)) min else max
  paste0(" of ", range, " ", unit, if (last != 1) "s")
}
number <- function(name, shape) {
  if (is.null(shape$min)) {
    name
  } else if (is.null(shape$max)) {
    paste0(name, ", at least ", shape$min)
  } else {
    paste0(name, " from ", shape$min, " to ", shape$max)
  }
}
string <- function(shape) {
  paste0(
    count(shape, "character"),
    if (!is.null(shape$pattern)) paste0(", pattern ", verbatim(shape$pattern))
  )
}
values <- function(shape) enumerate(code(sprintf('"%s"', unlist(shape$enum))), "or")
members <- function(shape) {
  names <- names(shape$members)
  items <- paste0(code(names), ifelse(names %in% unlist(shape$required), " (required)", ""))
  enumerate(items, if (is.null(shape$one_of)) "and" else "or")
}

type_of <- function(shape) {
  switch(
    shape$type,
    string = paste0("String", if (is.null(shape$enum)) string(shape) else paste(":", values(shape))),
    integer = ,
    long = number("Whole number", shape),
    float = number("Number", shape),
    boolean = "\\code{TRUE} or \\code{FALSE}",
    blob = paste0("Raw vector", count(shape, "byte")),
    timestamp = "\\code{POSIXct} or \\code{Date}",
    structure = paste("Named list of", members(shape)),
    map = paste0(
      "Named list",
      count(shape, "string"),
      "; names",
      string(shapes[[shape$key]]),
      "; values",
      string(shapes[[shape$value]])
    ),
    list = type_of_list(shape, shapes[[shape$member]])
  )
}
type_of_list <- function(shape, element) {
  if (element$type == "structure") {
    return(paste0("List", count(shape, "named list"), ", each of ", members(element)))
  }
  stopifnot(element$type == "string")
  size <- count(shape, "string")
  details <- if (is.null(element$enum)) string(element) else paste0(": ", values(element))
  paste0("Vector or list", if (nzchar(size)) size else " of strings", details)
}

# What is in a structure or in a list of structures: a line for each string, number and so on, with its path.
parts_of <- function(shape, path) {
  if (shape$type == "list") {
    element <- shapes[[shape$member]]
    return(if (element$type == "structure") parts_of(element, paste0(path, "[[1]]")))
  }
  lines <- lapply(names(shape$members), function(name) {
    part <- shapes[[shape$members[[name]]]]
    path <- paste0(path, "$", name)
    lines <- parts_of(part, path)
    required <- if (name %in% unlist(shape$required)) "[required] " else ""
    if (is.null(lines)) paste0("\\item ", code(path), ": ", required, type_of(part), ".") else lines
  })
  unlist(lines)
}

# The syntax of arguments and values, as paws writes it.

syntax <- function(name, value, indent) {
  shape <- shapes[[value]]
  start <- strrep("  ", indent)
  label <- if (nzchar(name)) paste(name, "= ") else ""
  inner <- switch(
    shape$type,
    structure = lapply(names(shape$members), function(member) {
      syntax(member, shape$members[[member]], indent + 1)
    }),
    list = list(syntax("", shape$member, indent + 1)),
    map = list(syntax("string", shape$value, indent + 1))
  )
  if (is.null(inner)) {
    return(wrapped(paste0(start, label, scalar(shape)), start))
  }
  c(paste0(start, label, "list("), separated(inner), paste0(start, ")"))
}
scalar <- function(shape) {
  switch(
    shape$type,
    string = paste0('"', if (is.null(shape$enum)) "string" else unlist(shape$enum), '"', collapse = "|"),
    integer = ,
    long = "123",
    float = "123.0",
    boolean = "TRUE|FALSE",
    blob = "raw",
    timestamp = 'as.POSIXct("2015-01-01")'
  )
}
separated <- function(items) {
  last <- length(items)
  items[-last] <- lapply(items[-last], function(lines) {
    lines[length(lines)] <- paste0(lines[length(lines)], ",")
    lines
  })
  unlist(items)
}
# A long list of values continues on the next lines.
wrapped <- function(line, start) {
  if (nchar(line) <= 90) {
    return(line)
  }
  lines <- strwrap(gsub("|", "| ", line, fixed = TRUE), 90, indent = nchar(start), exdent = nchar(start) + 2)
  gsub("| ", "|", lines, fixed = TRUE)
}
call_syntax <- function(operation, input) {
  arguments <- lapply(names(input$members), function(name) syntax(name, input$members[[name]], 1))
  c(sprintf("svc$%s(", operation), separated(arguments), ")")
}
