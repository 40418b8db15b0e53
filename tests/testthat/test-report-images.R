# An upright image of a dark square on a light ground, as a JPEG with an Exif orientation.
square_image <- function(orientation, width = 240, height = 320) {
  pixels <- array(0.9, c(height, width, 3))
  # Right of the middle, in the upper half, and red.
  pixels[41:120, 141:200, 1] <- 0.8
  pixels[41:120, 141:200, 2:3] <- 0.1
  box <- list(Width = 60 / width, Height = 80 / height, Left = 140 / width, Top = 40 / height)
  # How the camera stores an image that is shown upright.
  stored <- switch(
    orientation,
    pixels,
    pixels[, width:1, ],
    pixels[height:1, width:1, ],
    pixels[height:1, , ],
    aperm(pixels, c(2, 1, 3)),
    aperm(pixels[, width:1, ], c(2, 1, 3)),
    aperm(pixels[height:1, width:1, ], c(2, 1, 3)),
    aperm(pixels[height:1, , ], c(2, 1, 3))
  )
  bytes <- jpeg_of(stored)
  bytes <- if (orientation > 1) with_orientation(bytes, orientation) else bytes
  liveness_image(list(Bytes = bytes, BoundingBox = box))
}

# The images of a report as they are in the file.
embedded_images <- function(text) {
  found <- regmatches(text, gregexpr("src=\"data:image/[a-z]+;base64,[^\"]*", text))[[1]]
  lapply(sub("^[^,]*,", "", found), function(base64) liveness_image(jsonlite::base64_dec(base64)))
}

with_images <- function(...) {
  images <- list(...)
  results <- data.frame(session_id = letters[seq_along(images)], status = "SUCCEEDED")
  results$reference_image <- images
  results
}

# The sides of the red square, as shares of the image.
red_sides <- function(image) {
  pixels <- grDevices::col2rgb(as.raster(image))
  is_red <- matrix(pixels["red", ] - pixels["green", ] > 80, nrow(as.raster(image)), byrow = TRUE)
  x <- range(which(colSums(is_red) > 0))
  y <- range(which(rowSums(is_red) > 0))
  c(
    left = (x[1] - 1) / ncol(is_red),
    top = (y[1] - 1) / nrow(is_red),
    x[2] / ncol(is_red),
    y[2] / nrow(is_red)
  )
}

test_that("a report scales images to the given size, upright, with their face boxes", {
  skip_if_not_installed("jpeg")
  skip_if_not_installed("jsonlite")
  images <- lapply(1:8, square_image)
  images[[9]] <- images[[1]]
  images[[9]]$BoundingBox <- list(Width = 60, Height = 80, Left = 140, Top = 40)
  text <- report_of(do.call(with_images, images), image_size = 110)
  expect_contains_text(text, "<dt>Images</dt><dd>scaled down to 110 pixels or less</dd>")
  scaled <- embedded_images(text)
  expect_length(scaled, 9)
  for (image in scaled) {
    # A third of 240 x 320.
    expect_identical(dim(as.raster(image)), c(106L, 80L))
    expect_lt(max(abs(red_sides(image) - c(140, 40, 200, 120) / c(240, 320))), 0.015)
  }
  # Boxes and sizes are those of the images before.
  expect_identical(count_matches("left:58.333%;top:12.500%;width:25.000%;height:25.000%", text), 9L)
  expect_identical(count_matches("width=\"240\" height=\"320\"", text), 9L)
})

test_that("scaled images have the colors of the originals", {
  skip_if_not_installed("png")
  skip_if_not_installed("jsonlite")
  set.seed(1)
  # Fields of a color, with noise that the average removes.
  colors <- list(c(0.9, 0.5, 0.1), c(0.2, 0.7, 0.4), c(0, 0, 1), c(1, 1, 1))
  for (color in colors) {
    pixels <- aperm(array(color, c(3, 90, 60)), c(2, 3, 1)) + stats::runif(90 * 60 * 3, -0.1, 0.1)
    pixels[] <- pmin(1, pmax(0, pixels))
    for (bytes in list(jpeg_of(pixels), png::writePNG(pixels))) {
      text <- report_of(with_images(liveness_image(bytes)), image_size = 15)
      scaled <- grDevices::col2rgb(as.raster(embedded_images(text)[[1]])) / 255
      expect_lt(max(abs(rowMeans(scaled) - apply(pixels, 3, mean))), 0.03)
    }
  }
})

test_that("images that are small or cannot be read stay as they are", {
  skip_if_not_installed("jsonlite")
  gray <- jpeg::writeJPEG(matrix(0.5, 30, 20), raw(), 0.9)
  broken <- c(jpeg_of(array(0.5, c(400, 300, 3)))[1:20], raw(500))
  cut <- png::writePNG(array(0.5, c(400, 300, 3)))[1:200]
  large <- png::writePNG(array(0.5, c(400, 300, 4)))
  text <- report_of(with_images(gray, broken, cut, large), image_size = 100)
  images <- embedded_images(text)
  expect_identical(images[[1]]$Bytes, gray)
  expect_identical(images[[2]]$Bytes, broken)
  expect_identical(images[[3]]$Bytes, cut)
  expect_identical(dim(as.raster(images[[4]])), c(100L, 75L))
  expect_length(images, 4)
})

test_that("only a report of more than 500 sessions scales images by default", {
  skip_if_not_installed("jsonlite")
  set.seed(1)
  image <- liveness_image(jpeg_of(array(stats::runif(640 * 480 * 3), c(640, 480, 3))))
  sizes <- function(...) vapply(embedded_images(report_of(...)), function(image) length(image$Bytes), 0)
  rows <- function(n) {
    data.frame(session_id = as.character(seq_len(n)), status = "SUCCEEDED")
  }
  few <- rows(500)
  few$reference_image <- c(list(image), vector("list", 499))
  many <- rows(501)
  many$reference_image <- c(list(image), vector("list", 500))
  expect_identical(sizes(few), length(image$Bytes) + 0)
  expect_identical(sizes(many, image_size = Inf), length(image$Bytes) + 0)
  expect_identical(dim(as.raster(embedded_images(report_of(many))[[1]])), c(320L, 240L))
  expect_identical(dim(as.raster(embedded_images(report_of(few, image_size = 200))[[1]])), c(160L, 120L))
  # With images in buckets, there is nothing to scale.
  many$reference_image[[1]] <- liveness_image(list(S3Object = list(Bucket = "b", Name = "k")))
  expect_no_match(report_of(many), "<dt>Images</dt>")
})

test_that("a report of 2,000 sessions with noisy images has less than 50 MB", {
  set.seed(1)
  # Noise compresses least. A small image, which is read fast, has the number of bytes of a larger one.
  noise <- liveness_image(jpeg_of(array(stats::runif(160 * 160 * 3), c(160, 160, 3))))
  results <- data.frame(session_id = sprintf("%036d", 1:2000), status = "SUCCEEDED")
  results$reference_image <- rep(list(noise), 2000)
  results$audit_images <- rep(list(list(noise, noise)), 2000)
  expect_gt(6000 * length(noise$Bytes) * 4 / 3, 100e6)
  file <- withr::local_tempfile(fileext = ".html")
  liveness_report(results, file)
  expect_lt(file.size(file), 50e6)
})

test_that("without the package jpeg, a report says that images are not scaled", {
  skip_if_not_installed("callr")
  library <- withr::local_tempdir()
  # A package that cannot be loaded, before the one that can.
  dir.create(file.path(library, "jpeg"))
  writeLines(c("Package: jpeg", "Version: 9.9"), file.path(library, "jpeg", "DESCRIPTION"))
  outcome <- callr::r(
    function(image) {
      results <- data.frame(session_id = as.character(1:501), status = "SUCCEEDED")
      results$reference_image <- rep(list(image), 501)
      file <- tempfile(fileext = ".html")
      warned <- NULL
      withCallingHandlers(
        rekognition::liveness_report(results, file),
        warning = function(w) {
          warned <<- conditionMessage(w)
          invokeRestart("muffleWarning")
        }
      )
      refused <- tryCatch(
        rekognition::liveness_report(results, tempfile(), image_size = 100),
        rekognition_error = conditionMessage
      )
      list(warned = warned, refused = refused, images = length(grep("src=\"data:image", readLines(file))))
    },
    list(square_image(1)),
    libpath = c(library, .libPaths())
  )
  expect_match(outcome$warned, "requires the package 'jpeg'.*images of full size")
  expect_match(outcome$refused, "requires the package 'jpeg'.*install.packages")
  expect_identical(outcome$images, 501L)
})
