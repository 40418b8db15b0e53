# All pages of a result.

#' All pages of a result
#'
#' `rekognition_pages()` calls an operation until it has all pages of its result, and puts them together.
#'
#' It works with the operations that have a `NextToken`:
#' `r paste0("[rekognition_", names(grep("NextToken", operation_arguments, value = TRUE)), "()]", collapse = ", ")`.
#'
#' `MaxResults` is the size of a page, not a limit for the result. A `NextToken` in `...` is where to begin. Each page is
#' one request; Ctrl-C stops between pages and within them, and returns nothing.
#'
#' Operations of video jobs return what has been found, with the status of the job in `JobStatus`. `rekognition_pages()`
#' does not wait for the job to end.
#'
#' @param operation An operation of a client, such as `svc$list_faces`, or of the default client, such as
#'   `rekognition_list_faces`: the function itself, which is not called here.
#' @param ... The arguments of the operation.
#' @param max_pages Whole number of at least 1, or `Inf`: the most pages to get.
#' @return The list that the operation returns. The members with its results (all lists, such as `Faces`; of
#'   `get_segment_detection` only `Segments`) contain the items of all pages, in their order; other members are those of
#'   the first page. `NextToken` is `character(0)` if the result is complete. If `max_pages` ended it, `NextToken` is the
#'   string to continue with.
#'
#' Raises the conditions of the operation, see [rekognition_conditions]; a `rekognition_argument_error` if `operation` is
#' not a function of an operation with pages; and a `rekognition_response_error` if the service sends a `NextToken` again,
#' so that the pages would not end.
#' @references
#' [ListFaces](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_ListFaces.html),
#' [ListCollections](https://docs.aws.amazon.com/rekognition/latest/APIReference/API_ListCollections.html)
#' @export
#' @examples
#' emulator <- rekognition_emulator()
#' svc <- rekognition(config = emulator$config)
#' for (i in 1:5) svc$create_collection(paste0("collection-", i))
#'
#' all <- rekognition_pages(svc$list_collections, MaxResults = 2)
#' unlist(all$CollectionIds)
#'
#' # Some pages now, the others later.
#' some <- rekognition_pages(svc$list_collections, MaxResults = 2, max_pages = 1)
#' rest <- rekognition_pages(svc$list_collections, MaxResults = 2, NextToken = some$NextToken)
#' unlist(rest$CollectionIds)
#'
#' # Two pages that a test sets.
#' page <- function(time, ...) list(JobStatus = "SUCCEEDED", Faces = list(list(Timestamp = time)), ...)
#' emulator$put_response("get_face_detection", page(0, NextToken = "2"), times = 1)
#' emulator$put_response("get_face_detection", page(500))
#' length(rekognition_pages(svc$get_face_detection, JobId = "0123456789abcdef")$Faces)
#' emulator$stop()
rekognition_pages <- function(operation, ..., max_pages = Inf) {
  # The client may be made in the call, from keys: conditions do not show the arguments.
  call <- user_call(sys.call(), hide_args = TRUE)
  if (missing(operation)) {
    stop_missing("operation", call)
  }
  operation <- operation_spec(operation, call)
  if (!"NextToken" %in% names(formals(operation$fun))) {
    message <- gettextf(
      "`%s` must be an operation with a `%s`, such as `%s`, not `%s`.",
      "operation",
      "NextToken",
      "svc$list_faces",
      operation$name
    )
    stop_argument("operation", message, call)
  }
  max_pages <- check_number(max_pages, "max_pages", call, min = 1)
  if (is.finite(max_pages)) {
    check_whole_number(max_pages, "max_pages", call)
  }
  combine_pages(get_pages(operation, matched_arguments(operation, ...), max_pages))
}

get_pages <- function(operation, arguments, max_pages) {
  pages <- list()
  tokens <- arguments$NextToken
  repeat {
    page <- call_operation(operation$name, operation$handle, arguments, operation$call)
    # An empty token is none, as for other tools of AWS.
    page$NextToken <- page$NextToken[nzchar(page$NextToken)]
    pages[[length(pages) + 1]] <- page
    token <- page$NextToken
    if (length(token) == 0 || length(pages) >= max_pages) {
      return(pages)
    }
    if (token %in% tokens) {
      reason <- gettextf("the service sent the same `%s` twice", "NextToken")
      error <- list(kind = "response", reason = reason, status_code = NA_integer_, request_id = NA_character_)
      stop_native(error, operation$call)
    }
    tokens <- c(tokens, token)
    arguments$NextToken <- token
    check_interrupt()
  }
}

# Each page has these lists of what was analyzed, not of what was found.
repeated_lists <- c("VideoMetadata", "AudioMetadata", "SelectedSegmentTypes")

combine_pages <- function(pages) {
  result <- pages[[1]]
  # Structures are named lists.
  is_list <- vapply(result, function(member) is.list(member) && is.null(names(member)), NA)
  for (name in setdiff(names(result)[is_list], repeated_lists)) {
    result[[name]] <- do.call(c, lapply(pages, `[[`, name))
  }
  result$NextToken <- pages[[length(pages)]]$NextToken
  result
}
