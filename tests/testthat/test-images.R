# A gray PNG of 3 x 2 pixels, optionally with alpha.
small_png <- function(pixels) {
  file <- withr::local_tempfile()
  png::writePNG(pixels, file)
  readBin(file, "raw", 1e5)
}

sample_jpeg <- function() {
  file <- system.file("extdata", "face-0.jpg", package = "rekognition")
  readBin(file, "raw", file.size(file))
}

boxed <- function(bytes, left, top, width, height) {
  liveness_image(list(
    Bytes = bytes,
    BoundingBox = list(Width = width, Height = height, Left = left, Top = top)
  ))
}

# The colors of the pixels of a plot on a square page.
pixels_of <- function(draw, side = 300) {
  file <- withr::local_tempfile(fileext = ".png")
  grDevices::png(file, side, side, type = "cairo", antialias = "none")
  tryCatch(draw(), finally = grDevices::dev.off())
  png::readPNG(file)[,, 1:3]
}

# The sides of the yellow box: left, top, right, bottom, in pixels of the page.
box_on_page <- function(pixels) {
  yellow <- pixels[,, 1] > 0.9 & pixels[,, 2] > 0.85 & pixels[,, 3] < 0.4
  c(range(which(apply(yellow, 2, any))), range(which(apply(yellow, 1, any))))[c(1, 3, 2, 4)]
}

test_that("an image prints on one line, without its bytes", {
  image <- boxed(sample_jpeg(), 0.25, 0.125, 0.5, 0.5)
  expect_identical(format(image), "<JPEG 480x640, 15.6 kB, face at 0.25,0.125 0.5x0.5>")
  expect_output(print(image), format(image), fixed = TRUE)
  expect_output(str(image), "JPEG 480x640", fixed = TRUE)
  png <- small_png(matrix(0.5, 2, 3))
  expect_match(format(liveness_image(png)), "^<PNG 3x2, 0.1 kB>$")
  in_bucket <- liveness_image(list(S3Object = list(Bucket = "b", Name = "k/r.jpg", Version = "v1")))
  expect_identical(format(in_bucket), "<s3://b/k/r.jpg?versionId=v1>")
  expect_identical(format(liveness_image(list(Bytes = raw(0)))), "<no image>")
  expect_identical(format(liveness_image(as.raw(1:10))), "<unknown type, 0 kB>")
  for (cut in c(3, 4, 10, 20, 100)) {
    expect_match(format(liveness_image(utils::head(sample_jpeg(), cut))), "^<JPEG, ")
  }
  expect_match(format(liveness_image(utils::head(png, 12))), "^<PNG, ")
})

test_that("an image has the session or the file of its origin", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 2))$SessionId
  emulator$check(id)
  results <- liveness_results(id, svc)
  expect_match(format(results$reference_image[[1]]), paste0(id, "/reference>"), fixed = TRUE)
  expect_match(format(results$audit_images[[1]][[2]]), paste0(id, "/audit-2>"), fixed = TRUE)
  dir <- withr::local_tempdir()
  files <- liveness_results(id, svc, dir = dir)
  for (i in 1:2) {
    from_file <- liveness_image(files$audit_images[[1]][i])
    expect_identical(from_file$Bytes, results$audit_images[[1]][[i]]$Bytes)
    expect_identical(from_file$BoundingBox, results$audit_images[[1]][[i]]$BoundingBox)
    expect_match(format(from_file), files$audit_images[[1]][i], fixed = TRUE)
  }
  reference <- liveness_image(files$reference_image[[1]])
  expect_identical(reference$BoundingBox, results$reference_image[[1]]$BoundingBox)
  alone <- withr::local_tempfile()
  file.copy(files$reference_image[[1]], alone)
  expect_length(liveness_image(alone)$BoundingBox$Left, 0)
})

test_that("an image can be created from the documented list, a file or bytes only", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  documented <- svc$get_face_liveness_session_results(id)$ReferenceImage
  image <- liveness_image(documented)
  expect_identical(unclass(image), documented)
  expect_identical(liveness_image(image), image)
  for (bad in list(
    NULL,
    1,
    list(),
    list(a = 1),
    list(Bytes = "x"),
    NA_character_
  )) {
    expect_s3_class(caught(liveness_image(bad)), "rekognition_argument_error")
  }
  expect_identical(caught(liveness_image())$argument, "x")
})

test_that("as.character() returns a data URI", {
  bytes <- sample_jpeg()
  text <- as.character(liveness_image(bytes))
  expect_match(text, "^data:image/jpeg;base64,[A-Za-z0-9+/]+=*$")
  skip_if_not_installed("jsonlite")
  expect_identical(jsonlite::base64_dec(sub("^data:image/jpeg;base64,", "", text)), bytes)
  expect_match(as.character(liveness_image(small_png(matrix(0, 2, 3)))), "^data:image/png;base64,")
  expect_match(as.character(liveness_image(as.raw(1))), "^data:application/octet-stream;base64,AQ==$")
  expect_identical(as.character(liveness_image(list(S3Object = list(Bucket = "b", Name = "k")))), "s3://b/k")
  expect_identical(as.character(liveness_image(list(Bytes = raw(0)))), NA_character_)
})

test_that("as.raster() returns the pixels of JPEG and PNG, gray or with alpha", {
  expect_identical(dim(as.raster(liveness_image(sample_jpeg()))), c(640L, 480L))
  gray <- matrix(c(0, 1, 0.2, 0.4, 0.6, 0.8), 2, 3)
  color_of <- function(pixels, row) as.matrix(as.raster(liveness_image(small_png(pixels))))[row, 1]
  expect_identical(color_of(gray, 1), "#000000")
  expect_identical(color_of(array(c(gray, gray), c(2, 3, 2)), 2), "#FFFFFFFF")
  color <- array(c(1, 0, 0), c(1, 1, 3))
  expect_identical(color_of(color, 1), "#FF0000")
  for (bad in list(raw(0), as.raw(1:20), utils::head(sample_jpeg(), 200), utils::head(small_png(gray), 30))) {
    # Newer versions of jpeg warn before the error.
    expect_s3_class(suppressWarnings(caught(as.raster(liveness_image(bad)))), "rekognition_error")
  }
  in_bucket <- liveness_image(list(S3Object = list(Bucket = "b", Name = "k")))
  expect_match(conditionMessage(caught(as.raster(in_bucket))), "s3://b/k", fixed = TRUE)
})

test_that("plot() draws a box in ratios and in pixels at its place", {
  # 480 x 640 on a square page of 300 with margins, from which the place of the box follows.
  bytes <- sample_jpeg()
  ratio <- box_on_page(pixels_of(function() plot(boxed(bytes, 0.25, 0.25, 0.5, 0.5))))
  pixel <- box_on_page(pixels_of(function() plot(boxed(bytes, 120, 160, 240, 320))))
  expect_identical(pixel, ratio)
  # The center of the image is the center of the page.
  expect_equal(ratio[1] + ratio[3], 301, tolerance = 0.02)
  expect_equal((ratio[4] - ratio[2]) / (ratio[3] - ratio[1]), 4 / 3, tolerance = 0.03)
  # An argument overrides the detection by size.
  forced <- pixels_of(function() plot(boxed(bytes, 0, 0, 2, 2), units = "ratio"))
  expect_gt(diff(box_on_page(forced)[c(1, 3)]), 100)
  tiny <- pixels_of(function() plot(boxed(bytes, 240, 320, 1, 1), units = "pixel"))
  expect_lt(diff(box_on_page(tiny)[c(1, 3)]), 8)
})

test_that("plot() draws a box that extends beyond the image", {
  outside <- box_on_page(pixels_of(function() plot(boxed(sample_jpeg(), -0.25, 0.75, 0.5, 0.5))))
  inside <- box_on_page(pixels_of(function() plot(boxed(sample_jpeg(), 0.25, 0.25, 0.5, 0.5))))
  expect_equal(
    (outside[4] - outside[2]) / (outside[3] - outside[1]),
    (inside[4] - inside[2]) / (inside[3] - inside[1]),
    tolerance = 0.05
  )
})

test_that("plot() shows images without bytes, and refuses bytes of other types", {
  in_bucket <- liveness_image(list(S3Object = list(Bucket = "a-bucket", Name = strrep("a/long/key/", 20))))
  blank <- mean(pixels_of(function() plot.new()))
  expect_lt(mean(pixels_of(function() plot(in_bucket))), blank)
  expect_lt(mean(pixels_of(function() plot(liveness_image(list(Bytes = raw(0)))))), blank)
  expect_s3_class(caught(pixels_of(function() plot(liveness_image(as.raw(1:9))))), "rekognition_error")
  image <- liveness_image(sample_jpeg())
  expect_identical(caught(pixels_of(function() plot(image, units = "cm")))$argument, "units")
  expect_identical(caught(pixels_of(function() plot(image, caption = 1)))$argument, "caption")
})

test_that("plots restore the settings of the device", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  id <- new_session(svc)
  emulator$check(id)
  results <- liveness_results(id, svc)
  pixels_of(function() {
    before <- graphics::par(no.readonly = TRUE)
    plot(results$reference_image[[1]])
    plot(results)
    after <- graphics::par(no.readonly = TRUE)
    same <- c("mar", "oma", "mfrow", "cex")
    expect_identical(after[same], before[same])
  })
})

test_that("an image with too many pixels is refused before it is decoded", {
  bytes <- sample_jpeg()
  frame <- which(bytes[-length(bytes)] == 0xff & bytes[-1] %in% as.raw(c(0xc0, 0xc2)))[1]
  bytes[frame + 5:8] <- as.raw(c(0x1f, 0x40, 0x1f, 0x40))
  bomb <- liveness_image(bytes)
  expect_match(format(bomb), "8000x8000")
  expect_match(conditionMessage(caught(as.raster(bomb))), "8000 x 8000 pixels")
  expect_s3_class(caught(pixels_of(function() plot(bomb))), "rekognition_error")
  png <- small_png(matrix(0.5, 2, 3))
  png[17:24] <- as.raw(c(0, 0, 0x60, 0, 0, 0, 0x60, 0))
  expect_s3_class(caught(as.raster(liveness_image(png))), "rekognition_error")
})

test_that("conditions have no bytes, and other lists are refused", {
  bytes <- sample_jpeg()
  error <- caught(do.call(liveness_image, list(list(Bytes = as.integer(bytes)))))
  expect_lt(nchar(paste(deparse(conditionCall(error)), collapse = "")), 50)
  for (bad in list(
    list(S3Object = "abc"),
    list(S3Object = c(Bucket = "a")),
    list(BoundingBox = 1:4),
    list(BoundingBox = mean)
  )) {
    expect_s3_class(caught(liveness_image(bad)), "rekognition_argument_error")
  }
  expect_identical(liveness_image(matrix(bytes[1:100], 2)), liveness_image(bytes[1:100]))
})

test_that("text from a server has no control characters when printed", {
  image <- liveness_image(list(S3Object = list(Bucket = "b", Name = "\033]0;title\007\nname")))
  expect_no_match(format(image), "[[:cntrl:]]")
  expect_length(capture.output(print(image)), 1)
})

test_that("devices, pipes and large files are refused without reading them", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  path <- function(name) file.path(dir, name)
  file.create(path("empty"))
  system2("mkfifo", path("pipe"))
  system2("truncate", c("-s", "20G", path("sparse")))
  for (bad in c(path("none"), dir, path("empty"), path("pipe"), path("sparse"), "/dev/zero")) {
    error <- caught(liveness_image(bad))
    expect_s3_class(error, "rekognition_file_error")
    expect_identical(error$path, bad)
    expect_match(conditionMessage(error), bad, fixed = TRUE)
  }
  expect_match(
    conditionMessage(error <- caught(liveness_image(path("sparse")))),
    "larger than the limit of 50 MB"
  )
  # In results, the other images are still drawn.
  results <- some_results()
  results$reference_image[[1]] <- path("sparse")
  file <- path("report.html")
  expect_warning(liveness_report(results, file), "1 image could not be read", fixed = TRUE)
  expect_match(paste(readLines(file), collapse = ""), "larger than the limit of 50 MB", fixed = TRUE)
})
