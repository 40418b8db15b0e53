test_that("every native function is called with its registered arguments", {
  library_of <- getLoadedDLLs()[["rekognition"]]
  registered <- getDLLRegisteredRoutines(library_of)$.Call
  registered <- registered[!grepl("metadata$|wrappers$", names(registered))]
  arity <- vapply(registered, function(routine) routine$numParameters, numeric(1))

  namespace <- asNamespace("rekognition")
  wrapped <- sub("^wrap__", "", names(registered))
  expect_gt(length(wrapped), 0)
  for (i in seq_along(wrapped)) {
    native <- get(wrapped[i], namespace)
    dot_call <- body(native)
    if (identical(dot_call[[1]], as.name("{"))) {
      dot_call <- dot_call[[2]]
    }
    expect_identical(dot_call[[1]], as.name(".Call"))
    expect_identical(as.character(dot_call[[2]]), names(registered)[i])
    arguments <- vapply(as.list(dot_call)[-(1:2)], as.character, character(1))
    expect_identical(as.character(arguments), as.character(names(formals(native))), label = wrapped[i])
    expect_equal(length(arguments), arity[[i]], label = wrapped[i])
  }
})

test_that("a panic is an R error, whatever its message", {
  for (text in c("plain", "100 %s %n %d", "\u00e9\u4e16", strrep("x", 900))) {
    panicked <- caught(value_or_stop(panic_with(text), quote(f())))
    expect_s3_class(panicked, "rekognition_error")
    expect_match(conditionMessage(panicked), text, fixed = TRUE)
  }
  long <- caught(value_or_stop(panic_with(strrep("x", 1e5)), quote(f())))
  expect_match(conditionMessage(long), "xxx.... Please report this", fixed = TRUE)
})
