# The orientation in the Exif data of a JPEG.

# An upright image, 48 x 32, with corners of four colors, and how each orientation stores it: whether `rows` and
# `columns` are reversed, and whether they are transposed (`turned`).
corners <- function() {
  pixels <- array(0, c(32, 48, 3))
  pixels[1:16, 1:24, 1] <- 1
  pixels[1:16, 25:48, 2] <- 1
  pixels[17:32, 1:24, 3] <- 1
  pixels[17:32, 25:48, ] <- 1
  pixels
}

stored_as <- function(pixels, orientation) {
  # From the definition: the visible side of the first stored row and column.
  first <- list(
    c("top", "left"),
    c("top", "right"),
    c("bottom", "right"),
    c("bottom", "left"),
    c("left", "top"),
    c("right", "top"),
    c("right", "bottom"),
    c("left", "bottom")
  )[[orientation]]
  rows <- if ("bottom" %in% first) nrow(pixels):1 else seq_len(nrow(pixels))
  columns <- if ("right" %in% first) ncol(pixels):1 else seq_len(ncol(pixels))
  pixels <- pixels[rows, columns, , drop = FALSE]
  if (first[1] %in% c("left", "right")) aperm(pixels, c(2, 1, 3)) else pixels
}

oriented <- function(orientation, ..., pixels = corners()) {
  with_orientation(jpeg_of(stored_as(pixels, orientation)), orientation, ...)
}

# The colors of the corners: top left, top right, bottom left, bottom right.
corner_colors <- function(raster) {
  at <- rbind(c(3, 3), c(3, ncol(raster) - 3), c(nrow(raster) - 3, 3), c(nrow(raster) - 3, ncol(raster) - 3))
  colors <- grDevices::col2rgb(as.matrix(raster)[at])
  apply(colors > 127, 2, function(color) paste(as.integer(color), collapse = ""))
}

upright <- c("100", "010", "001", "111")

test_that("an image is upright for every orientation of the camera", {
  for (orientation in 1:8) {
    for (order in c("MM", "II")) {
      image <- liveness_image(oriented(orientation, order))
      expect_identical(dim(as.raster(image)), c(32L, 48L))
      expect_identical(corner_colors(as.raster(image)), upright)
      expect_match(format(image), "^<JPEG 48x32,")
    }
  }
  grey <- matrix(rep(c(0, 1), c(24 * 32, 24 * 32)), 32)
  image <- liveness_image(with_orientation(jpeg_of(t(grey)), 5))
  expect_identical(corner_colors(as.raster(image)), c("000", "111", "000", "111"))
})

test_that("invalid or missing Exif data has no effect", {
  plain <- jpeg_of(corners())
  for (bytes in list(
    with_orientation(plain, 0),
    with_orientation(plain, 9),
    with_orientation(plain, 6, order = "XX"),
    with_orientation(plain, 6, tag = 0x0113),
    with_orientation(plain, 6, type = 4),
    with_orientation(plain, 6, count = 2),
    with_orientation(plain, 6, first = 2^32 - 1),
    with_orientation(plain, 6, first = 60),
    with_segment(plain, charToRaw("Exif")),
    with_segment(plain, c(charToRaw("Exif"), raw(2), charToRaw("MM"))),
    with_segment(
      plain,
      c(charToRaw("Exif"), raw(2), charToRaw("MM"), as.raw(c(0, 42, 0, 0, 0, 8, 0xff, 0xff)))
    ),
    with_segment(plain, c(charToRaw("http://ns.adobe.com/xap/1.0/"), raw(1)))
  )) {
    image <- liveness_image(bytes)
    expect_match(format(image), "^<JPEG 48x32,")
    expect_identical(corner_colors(as.raster(image)), upright)
  }
  # The first Exif segment counts, even after other segments.
  twice <- with_segment(with_orientation(with_orientation(plain, 1), 6), charToRaw("other"))
  expect_match(format(liveness_image(twice)), "^<JPEG 32x48,")
  # Bytes that are truncated anywhere are still accepted as an image.
  whole <- oriented(6)
  for (size in 1:80) {
    expect_match(format(liveness_image(whole[seq_len(size)])), "kB")
  }
})

test_that("a file of many segments is read up to a limit only", {
  endless <- c(as.raw(c(0xff, 0xd8)), rep(as.raw(0xff), 2e6))
  expect_match(format(liveness_image(endless)), "^<JPEG, ")
  segments <- c(as.raw(c(0xff, 0xd8)), rep(as.raw(c(0xff, 0xe0, 0, 2)), 5e5))
  expect_match(format(liveness_image(segments)), "^<JPEG, ")
})

test_that("a box refers to the upright image, in plots, in ratios and in pixels", {
  # The face is white, in the upper right corner.
  pixels <- array(0, c(64, 96, 3))
  pixels[1:32, 49:96, ] <- 1
  for (orientation in 1:8) {
    for (box in list(
      list(Left = 0.5, Top = 0, Width = 0.5, Height = 0.5),
      list(Left = 48, Top = 0, Width = 48, Height = 32)
    )) {
      image <- liveness_image(list(Bytes = oriented(orientation, pixels = pixels), BoundingBox = box))
      file <- withr::local_tempfile(fileext = ".png")
      grDevices::png(file, 300, 300, type = "cairo", antialias = "none")
      plot(image)
      grDevices::dev.off()
      page <- png::readPNG(file)[,, 1:3]
      is_yellow <- page[,, 1] > 0.9 & page[,, 2] > 0.85 & page[,, 3] < 0.4
      rows <- range(which(apply(is_yellow, 1, any)))
      columns <- range(which(apply(is_yellow, 2, any)))
      # White inside the box, black to its left and below it.
      middle <- round(c(mean(rows), mean(columns)))
      expect_gt(min(page[middle[1], middle[2], ]), 0.9)
      expect_lt(max(page[middle[1], columns[1] - 20, ]), 0.1)
      expect_lt(max(page[rows[2] + 20, middle[2], ]), 0.1)
    }
  }
})

test_that("browsers orient the images of a report as R does", {
  skip_if_not_installed("curl")
  skip_if_not_installed("jsonlite")
  results <- some_results()[rep(1, 9), ]
  results$session_id <- paste0("session-", 1:9)
  box <- list(Left = 24, Top = 0, Width = 24, Height = 16)
  images <- lapply(1:8, function(i) {
    liveness_image(list(Bytes = oriented(i, if (i %% 2) "MM" else "II"), BoundingBox = box))
  })
  png <- withr::local_tempfile()
  png::writePNG(corners(), png)
  results$reference_image[1:8] <- images
  results$reference_image[[9]] <- liveness_image(png)
  results$audit_images <- NULL
  file <- withr::local_tempfile(fileext = ".html")
  liveness_report(results, file)
  browser <- browse(local_browser(), paste0("file://", normalizePath(file, "/")))
  set_screen(browser, 1400, 900)
  # The natural size and the size in the page, the colors of the corners, and the box.
  seen <- run_script(
    browser,
    "return [...document.querySelectorAll('button.image')].map(button => {
       const image = button.querySelector('img'), box = button.querySelector('.box');
       const canvas = document.createElement('canvas');
       canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
       const drawing = canvas.getContext('2d', {willReadFrequently: true});
       drawing.drawImage(image, 0, 0);
       const color = (x, y) => [...drawing.getImageData(x, y, 1, 1).data].slice(0, 3).map(v => v > 127 ? 1 : 0).join('');
       const [w, h] = [canvas.width, canvas.height];
       return {size: [w, h], said: [Number(image.getAttribute('width')), Number(image.getAttribute('height'))],
         ratio: image.clientWidth / image.clientHeight, style: box ? box.style.cssText : '',
         corners: [color(3, 3), color(w - 3, 3), color(3, h - 3), color(w - 3, h - 3)]};
     })"
  )
  expect_length(seen, 9)
  for (i in 1:9) {
    expect_identical(unlist(seen[[i]]$size), c(48L, 32L))
    expect_identical(unlist(seen[[i]]$said), c(48L, 32L))
    expect_equal(seen[[i]]$ratio, 1.5, tolerance = 0.02)
    expect_identical(unlist(seen[[i]]$corners), upright)
  }
  expect_identical(
    unique(vapply(seen[1:8], `[[`, "", "style")),
    "left: 50%; top: 0%; width: 50%; height: 50%;"
  )
  expect_identical(console_errors(browser), character())
})
