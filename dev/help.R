# Writes the help page of each operation, man/rekognition_<operation>.Rd, and the page that lists them. Names, types and
# bounds come from the service's model, the words from operations.dcf and arguments.dcf in this folder. The operations of
# Face Liveness have pages of their own, from R/operations.R.
#
#     Rscript dev/help.R            writes the pages
#     Rscript dev/help.R --check    fails if they are not what it would write

header <- "% Written by dev/help.R: do not edit."
liveness <- c("create_face_liveness_session", "get_face_liveness_session_results")
groups <- c(
  "Face Liveness",
  "compare and detect",
  "collections and users",
  "image and video analysis",
  "custom labels",
  "streams",
  "tags"
)
notices <- c(
  discontinued = "AWS ended support for people pathing on October 31, 2025: this operation can no longer be used.",
  "existing customers only" = "AWS no longer offers this operation to new customers."
)

source(file.path("dev", "help-shapes.R"))
operations <- Map(function(operation, api) c(operation, api = api), model$operations, names(model$operations))
names(operations) <- tolower(gsub("(?<=.)(?=[A-Z])", "_", names(operations), perl = TRUE))

text_of <- function(path) paste(readLines(path, encoding = "UTF-8"), collapse = "\n")
read_words <- function(path, keep_white = NULL) {
  fields <- read.dcf(path, keep.white = keep_white)
  prose <- setdiff(colnames(fields), keep_white)
  fields[, prose] <- gsub("\\s+", " ", fields[, prose])
  fields
}
words <- read_words(file.path("dev", "operations.dcf"), "Example")
rownames(words) <- words[, "Operation"]
phrases <- read_words(file.path("dev", "arguments.dcf"))[1, ]

# Text as Rd. `code`, [function()], [topic] and [text](address) are as in roxygen2.
rd <- function(text) {
  text <- gsub("([\\\\%{}])", "\\\\\\1", text)
  text <- gsub("\\[([^]]*)\\]\\((https[^)]*)\\)", "\\\\href{\\2}{\\1}", text)
  text <- gsub("\\[([a-z_]+)\\(\\)\\]", "\\\\code{\\\\link[=\\1]{\\1()}}", text)
  text <- gsub("\\[([a-z_]+)\\]", "\\\\link{\\1}", text)
  gsub("`([^`]*)`", "\\\\code{\\1}", text)
}
link <- function(operation) sprintf("\\code{\\link[=rekognition_%s]{%s()}}", operation, operation)
fill <- function(...) strwrap(paste0(...), 110)
section <- function(name, ...) c(sprintf("\\section{%s}{", name), ..., "}")
tag <- function(name, ...) c(sprintf("\\%s{", name), ..., "}")
preformatted <- function(lines) {
  lines[1] <- paste0("\\if{html}{\\out{<div class=\"sourceCode\">}}\\preformatted{", lines[1])
  c(lines, "}\\if{html}{\\out{</div>}}")
}

defaults_of <- function(operation) {
  text <- words[operation, "Defaults"]
  if (!is.na(text)) eval(str2lang(sprintf("list(%s)", text)))
}

argument_item <- function(name, operation) {
  input <- input_of(operation)
  shape_name <- input$members[[name]]
  default <- defaults_of(operation)[[name]]
  phrase <- phrases[intersect(c(paste0(name, ".", shape_name), name), names(phrases))][1]
  token <- if (name == "ClientRequestToken") {
    if (name %in% input$tokens) {
      "By default, each call generates a new token."
    } else {
      "By default, no token is sent."
    }
  }
  text <- c(
    if (name %in% unlist(input$required)) "[required]",
    if (!is.na(phrase)) rd(phrase),
    rd(token),
    if (!is.null(default)) {
      sprintf("The default is %s.", if (is.character(default)) code(dQuote(default, FALSE)) else default)
    },
    paste0(type_of(shapes[[shape_name]]), ".")
  )
  # The parts of an image are on the page of rekognition_image().
  parts <- if (shape_name != "Image") parts_of(shapes[[shape_name]], name)
  c(
    fill(sprintf("\\item{%s}{%s", name, paste(text, collapse = " "))),
    if (length(parts)) tag("itemize", unlist(lapply(parts, fill))),
    "}",
    ""
  )
}

# What follows from the model.

input_of <- function(operation) shapes[[operations[[operation]]$input]]
output_of <- function(operation) shapes[[operations[[operation]]$output]]
is_paged <- function(operation) {
  has_token <- function(shape) "NextToken" %in% names(shape$members)
  has_token(input_of(operation)) && has_token(output_of(operation))
}
has_image <- function(operation) "Image" %in% unlist(input_of(operation)$members)
# The operation that gets the results of a job that this one starts, or NULL.
results_of <- function(operation) {
  name <- sub("^start_", "get_", operation)
  if (name != operation && name %in% names(operations)) name
}
only_reads <- function(operation) grepl("^(compare|describe|detect|get|list|recognize|search)_", operation)
# How the service recognizes a request that is sent again: "token" (each call has a token), "job" (if the user gives a
# token), "repeated" (not at all), or "" for operations that change nothing.
repetition <- function(operation) {
  input <- input_of(operation)
  if (only_reads(operation)) {
    ""
  } else if (length(input$tokens) > 0) {
    "token"
  } else if ("ClientRequestToken" %in% names(input$members)) {
    "job"
  } else {
    "repeated"
  }
}

# A page.

usage <- function(operation, input) {
  optional <- !names(input$members) %in% unlist(input$required)
  arguments <- paste0(names(input$members), ifelse(optional, " = NULL", ""))
  line <- sprintf("rekognition_%s(%s)", operation, paste(arguments, collapse = ", "))
  if (nchar(line) <= 80) {
    return(line)
  }
  c(sprintf("rekognition_%s(", operation), separated(as.list(paste0("  ", arguments))), ")")
}

details <- function(operation) {
  results <- results_of(operation)
  megabytes <- words[operation, "ImageMegabytes"]
  paragraphs <- c(
    sprintf(
      "`svc$%1$s()` uses the client `svc`; `rekognition_%1$s()` uses the default client, see",
      operation
    ) |>
      paste("[rekognition_default()]."),
    words[operation, "Details"],
    if (!is.null(results)) wait_for(results),
    if ("JobStatus" %in% names(output_of(operation)$members)) {
      "While the job runs, `JobStatus` is `\"IN_PROGRESS\"` and there are no results."
    },
    if (has_image(operation)) {
      sprintf("An image is a JPEG or PNG file, of up to %s MB", if (is.na(megabytes)) "5" else megabytes) |>
        paste("if it is sent as bytes, and of up to 15 MB if it is in S3, in the client's region.")
    },
    if (is_paged(operation)) {
      sprintf("Results come in pages. `rekognition_pages(svc$%s, ...)` gets all of them.", operation)
    }
  )
  unlist(lapply(paragraphs[!is.na(paragraphs)], function(text) c(fill(rd(text)), "")))
}
wait_for <- function(results) {
  by_message <- "JobStatus" %in% names(output_of(results)$members)
  paste0(
    sprintf("The job takes a while. Call [rekognition_%s()] until ", results),
    if (by_message) "`JobStatus`" else "`Status`",
    " is `\"SUCCEEDED\"` or `\"FAILED\"`",
    if (by_message) ", or wait for the message that the service sends to the topic in `NotificationChannel`",
    "."
  )
}

retries <- function(operation) {
  switch(
    repetition(operation),
    token = "All requests of a call contain the same `ClientRequestToken`, so that the service does the work only once.",
    job = paste(
      "If the response to a request is lost, the request is sent again, which may start a second job. To prevent this, set",
      "`ClientRequestToken`: the service then returns the ID of the first job."
    ),
    repeated = paste(
      "If the response to a request is lost, the request is sent again.",
      words[operation, "Repeated"]
    )
  )
}

value <- function(operation) {
  output <- operations[[operation]]$output
  if (length(shapes[[output]]$members) == 0) {
    return("An empty list.")
  }
  c(
    "A list with the following syntax:",
    "",
    preformatted(syntax("", output, 0)),
    "",
    fill(rd(
      "The list always has this shape. Members that the service omits are empty: see [rekognition_operations]."
    ))
  )
}

see_also <- function(operation) {
  functions <- c(
    if (has_image(operation)) "[rekognition_image()] makes images.",
    if (is_paged(operation)) "[rekognition_pages()] gets all pages.",
    "[rekognition_map()] makes many calls at once, and [rekognition_promise()] a call that does not block R.",
    "[rekognition_operations] lists all operations."
  )
  fill(rd(paste(functions, collapse = " ")))
}

page <- function(operation) {
  input <- input_of(operation)
  api <- operations[[operation]]$api
  text <- function(field) rd(words[operation, field])
  notice <- notices[words[operation, "Availability"]]
  example <- strsplit(sub("^\\s*\n", "", words[operation, "Example"]), "\n")[[1]]
  codes <- enumerate(code(sort(unique(unlist(operations[[operation]]$errors)), method = "radix")), "and")
  retries <- retries(operation)
  c(
    header,
    sprintf("\\name{rekognition_%s}", operation),
    sprintf("\\alias{rekognition_%s}", operation),
    sprintf("\\title{%s}", text("Title")),
    tag("usage", usage(operation, input)),
    tag("arguments", unlist(lapply(names(input$members), argument_item, operation))),
    tag("value", value(operation)),
    tag("description", fill(paste(c(text("Description"), notice[!is.na(notice)]), collapse = " "))),
    tag("details", details(operation)),
    section("Request syntax", "", preformatted(call_syntax(operation, input))),
    section(
      "Conditions",
      fill(
        "The service's error codes, each of which is a class to catch: ",
        codes,
        ". See ",
        rd("[rekognition_conditions].")
      )
    ),
    if (!is.null(retries)) section("Retries", fill(rd(retries))),
    tag("seealso", see_also(operation)),
    tag(
      "references",
      sprintf("\\href{https://docs.aws.amazon.com/rekognition/latest/APIReference/API_%s.html}{%s}", api, api)
    ),
    sprintf("\\concept{%s}", words[operation, "Group"]),
    tag(
      "examples",
      "emulator <- rekognition_emulator()",
      "svc <- rekognition(config = emulator$config)",
      gsub("([\\\\%])", "\\\\\\1", sub("^ ", "", example)),
      "emulator$stop()"
    )
  )
}

# The page of all operations: dev/operations.Rd with lists.
index <- function() {
  availability <- words[, "Availability"]
  notes <- ifelse(is.na(availability), "", sprintf(" (%s)", availability))
  rows <- data.frame(
    operation = c(liveness, rownames(words)),
    group = c("Face Liveness", "Face Liveness", words[, "Group"]),
    title = c("Creates a session", "Retrieves the results of a session", paste0(words[, "Title"], notes))
  )
  items <- lapply(groups, function(group) {
    rows <- rows[rows$group == group, ]
    title <- sub("^([a-z])", "\\U\\1", group, perl = TRUE)
    c(
      sprintf("\\strong{%s}", title),
      tag("describe", sprintf("\\item{%s}{%s}", link(rows$operation), rd(rows$title))),
      ""
    )
  })
  all <- names(operations)
  kinds <- vapply(all, repetition, "")
  lists <- list(
    operations = unlist(items),
    token = fill(enumerate(link(all[kinds == "token"]), "and")),
    job = fill(enumerate(link(all[kinds == "job"]), "and")),
    repeated = fill(enumerate(link(all[kinds == "repeated"]), "and"))
  )
  text <- text_of(file.path("dev", "operations.Rd"))
  for (name in names(lists)) {
    text <- sub(paste0("@", name, "@"), paste(lists[[name]], collapse = "\n"), text, fixed = TRUE)
  }
  c(header, text)
}

check_words <- function() {
  documented <- setdiff(names(operations), liveness)
  wrong <- c(setdiff(documented, rownames(words)), setdiff(rownames(words), documented))
  if (length(wrong)) {
    return(paste("dev/operations.dcf, missing or not an operation:", toString(wrong)))
  }
  is_repeated <- vapply(documented, function(operation) repetition(operation) == "repeated", NA)
  arguments <- lapply(documented, function(operation) {
    members <- input_of(operation)$members
    c(names(members), paste0(names(members), ".", members))
  })
  defaults <- lapply(documented, function(operation) {
    setdiff(names(defaults_of(operation)), names(input_of(operation)$members))
  })
  codes <- unique(unlist(lapply(operations, function(operation) operation$errors)))
  aliases <- readLines(file.path("man", "rekognition_conditions.Rd"))
  c(
    sprintf(
      "dev/operations.dcf, `Repeated` is missing or not needed: %s",
      documented[is_repeated == is.na(words[documented, "Repeated"])]
    ),
    sprintf("dev/operations.dcf, not a group: %s", setdiff(words[, "Group"], groups)),
    sprintf(
      "dev/operations.dcf, `Availability`: %s",
      setdiff(words[, "Availability"], c(names(notices), NA))
    ),
    sprintf("dev/operations.dcf, `Defaults`: %s", unlist(defaults)),
    sprintf("dev/arguments.dcf, not an argument: %s", setdiff(names(phrases), unlist(arguments))),
    sprintf("R/conditions.R, not an alias: %s", codes[!sprintf("\\alias{%s}", codes) %in% aliases])
  )
}

problems <- check_words()
if (length(problems)) {
  stop(paste(problems, collapse = "\n"), call. = FALSE)
}
pages <- lapply(c(lapply(rownames(words), page), list(index())), paste, collapse = "\n")
names(pages) <- file.path("man", paste0("rekognition_", c(rownames(words), "operations"), ".Rd"))
files <- list.files("man", "[.]Rd$", full.names = TRUE)
gone <- setdiff(Filter(function(path) startsWith(text_of(path), header), files), names(pages))
if ("--check" %in% commandArgs(TRUE)) {
  differs <- function(path) !file.exists(path) || text_of(path) != pages[[path]]
  wrong <- c(Filter(differs, names(pages)), gone)
  if (length(wrong)) {
    stop("run dev/help.R, which would change ", toString(wrong), call. = FALSE)
  }
} else {
  unlink(gone)
  for (path in names(pages)) {
    writeLines(enc2utf8(pages[[path]]), path, useBytes = TRUE)
  }
}
