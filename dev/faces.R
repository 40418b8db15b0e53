# Draws the sample faces: the JPEG files in inst/extdata, and faces.json with the person and the bounding box
# of each face, as ratios of the image. Run from the top of the repository: Rscript dev/faces.R
#
# Shapes are in face coordinates: the center of the face is (0, 0), y grows downwards, the eyes are at
# (-42, -18) and (42, -18).

table_of <- function(text) read.table(text = text, header = TRUE, comment.char = "")

row_of <- function(table, name) table[table[[1]] == name, ]

# Shapes ----

points_of <- function(x, y) list(x = x, y = y)

oval <- function(x, y, rx, ry = rx, from = 0, to = 2 * pi) {
  angle <- seq(from, to, length.out = 120)
  points_of(x + rx * cos(angle), y + ry * sin(angle))
}

# A smooth line through points.
curve_of <- function(x, y) {
  points_of(spline(x = seq_along(x), y = x, 60)$y, spline(x = seq_along(y), y = y, 60)$y)
}

# A shape between two lines from left to right.
between <- function(a, b) points_of(c(a$x, rev(b$x)), c(a$y, rev(b$y)))

# A smooth outline through points of its right side, from the top to the bottom, and their mirror images.
outline <- function(x, y) {
  x <- c(x, -rev(x), x[1])
  y <- c(y, rev(y), y[1])
  closed <- function(y) spline(seq_along(y), y, 160, method = "periodic")$y
  points_of(closed(x), closed(y))
}

# A smooth line through points of its right half, from the middle, and their mirror images.
arch <- function(x, y) curve_of(c(-rev(x), x[x > 0]), c(rev(y), y[x > 0]))

# Hair between a hairline, an arch, and the top of the head, an ellipse around (0, 0).
hair <- function(x, y, rx, ry) {
  end <- atan2(tail(y, 1) / ry, tail(x, 1) / rx)
  between(arch(x, y), oval(0, 0, rx, ry, -pi - end, end))
}

# A beard from an arch to below the chin.
beard <- function(x, y, rx, ry) between(arch(x, y), oval(0, tail(y, 1), rx, ry, pi, 0))

# A circle with curls at its edge.
curls <- function(x, y, r, n, size) {
  angle <- seq(0, 2 * pi, length.out = 400)
  r <- r + size * abs(sin(n * angle / 2))
  points_of(x + r * cos(angle), y + r * sin(angle))
}

# A fold of cloth: a crescent below a line.
fold <- function(x, y, width) {
  line <- curve_of(x, y)
  between(line, points_of(line$x, line$y + width * sin(seq(0, pi, length.out = 60))))
}

# People ----

# rim: of the eyes. lid: the upper one.
people <- table_of(
  "
  person   skin    ears    neck    lines    iris    rim     lid     brows   lips    top     collar
  person-1 #e0aa86 #d39a76 #c98f6b #b9805c #4a6b3a #8a5f45 NA      #3b2a20 #a8483f #35506b NA
  person-2 #8f5a37 #80502f #6f4428 #623a21 #2e1a10 #3a2013 #1c0f09 #1f1512 #8f3540 #d9a02f NA
  person-3 #c8926a #bb855e #a97550 #966545 #3a2618 #6b442a #4a2f1d #dcd8d0 #7d3b2e #4d6b50 #f2f0ea
  person-4 #d9a37c #cd966f #bd8660 #a87350 #5a3a1e #7a4f33 #2e1e15 #33231a #b5525a #5b3a5e NA
  person-5 #f1cba8 #e6bc97 #d9ab85 #c4946f #33221a #7a5a48 #211a1c #2c2422 #c0505a #7d62a3 NA
  person-6 #f3c9b0 #eab99d #dba788 #c98f70 #4a7396 #96684e #7a4a33 #8f4320 #c06a62 #e9e4d8 #d6cfbe
"
)

# rx, ry: radii of the face. simple: drawn with fewer lines, as the first images are. brow, lash: widths of
# the lines of brow and upper lid. lip: how full.
features <- table_of(
  "
  rx   ry   shoulders  simple  ears_seen  brow  lash  lip  wrinkles  glasses  freckles
  105  140  190        TRUE    TRUE       7     0     1    FALSE     NA       NA
  98   136  165        FALSE   TRUE       6     6     1    FALSE     NA       NA
  102  136  178        FALSE   TRUE       9     4     0.6  TRUE      #6b5a4a  NA
  94   132  172        FALSE   FALSE      6     6     1    FALSE     NA       NA
  102  130  158        FALSE   FALSE      6     6     0.8  FALSE     NA       NA
  110  138  198        FALSE   TRUE       10    4     0.6  FALSE     NA       #dca684
"
)
people <- cbind(people, features)

# Hair, beards, cloth: behind the head, over the body or over the face.
layer <- function(person, where, color, shape) {
  list(person = person, where = where, color = color, shape = shape)
}
layers <- list(
  layer("person-1", "back", "#3b2a20", oval(0, -22, 122, 142)),
  layer("person-1", "face", "#3b2a20", oval(0, -86, 100, 56, pi, 2 * pi)),
  layer("person-2", "back", "#2a1d19", curls(0, -62, 158, 26, 13)),
  layer("person-2", "face", "#2a1d19", hair(c(0, 50, 84, 99), c(-100, -92, -62, -8), 106, 146)),
  layer("person-2", "face", "#e8c04a", oval(-106, 58, 9, 13)),
  layer("person-2", "face", "#e8c04a", oval(106, 58, 9, 13)),
  layer("person-3", "back", "#dedad2", oval(0, -18, 119, 142)),
  layer("person-3", "face", "#e9e6df", hair(c(0, 34, 66, 92, 102), c(-100, -108, -110, -72, -8), 114, 158)),
  layer("person-3", "face", "#a39a90", outline(c(0, 30, 50, 34, 0), c(50, 52, 72, 68, 64))),
  layer("person-4", "back", "#24737b", outline(c(60, 122, 130, 112, 40), c(-160, -96, 10, 104, 140))),
  layer("person-4", "body", "#2a828a", outline(c(70, 112, 138, 152, 124, 46), c(30, 70, 136, 204, 262, 288))),
  layer("person-4", "body", "#206a72", fold(c(-118, -40, 60, 124), c(150, 208, 214, 168), 12)),
  layer("person-4", "body", "#206a72", fold(c(-80, 0, 84), c(228, 256, 238), 9)),
  layer("person-4", "face", "#2a828a", hair(c(0, 50, 86, 97), c(-100, -88, -40, 40), 120, 164)),
  layer("person-4", "face", "#206a72", fold(c(-108, -70, 0, 70, 108), c(-20, -104, -130, -112, -50), 8)),
  layer("person-5", "back", "#1f1c22", outline(c(60, 116, 138, 130, 60), c(-156, -118, -40, 116, 134))),
  layer("person-5", "face", "#26222a", hair(c(0, 60, 88, 100, 112), c(-68, -64, -40, 60, 100), 124, 156)),
  layer("person-5", "face", "#37323d", fold(c(-70, -30, 40, 92), c(-112, -128, -128, -84), 8)),
  layer("person-6", "back", "#9c4a22", outline(c(50, 104, 122, 118, 60), c(-150, -122, -50, 4, 30))),
  layer("person-6", "face", "#b5562a", hair(c(0, 60, 96, 104, 112), c(-84, -102, -92, -60, -6), 124, 166)),
  layer("person-6", "face", "#cc6a38", fold(c(-60, 0, 70, 104), c(-104, -138, -136, -96), 14)),
  layer("person-6", "face", "#b5562a", beard(c(0, 38, 72, 98, 114), c(50, 54, 66, 34, 8), 114, 146))
)

# Images ----

# A row is a face; the last of a file is drawn first. turn: from -1, to the left of the image, to 1. tilt: in
# degrees. smile: how far the mouth curves.
faces <- table_of(
  "
  file            frame  person     x    y   scale  turn  tilt  smile  open  light
  face-0.jpg      first  person-1   240  300  1.00   0     0     6     0     day
  face-1.jpg      first  person-1   228  310  0.94   0     0     2     0     day
  face-2.jpg      first  person-1   255  292  1.06   0     0     9     0     day
  face-3.jpg      first  person-1   236  304  0.90   0     0     4     0     day
  face-4.jpg      first  person-1   246  330  1.12   0     0     7     0     day
  person-1-id.jpg card   person-1   150  196  0.60   0     0     2     0     plain
  person-2-0.jpg  close  person-2   240  320  1.00   0.3   3    10     1     warm
  person-2-1.jpg  close  person-2   226  336  0.90  -0.6  -5     6     0     cool
  person-2-id.jpg card   person-2   150  220  0.50   0     0     4     0     plain
  person-3-0.jpg  close  person-3   240  316  1.04  -0.3  -2     6     0     mint
  person-3-1.jpg  close  person-3   256  310  0.92   0.5   4    10     0     dim
  person-3-id.jpg card   person-3   150  196  0.58   0     0     2     0     plain
  person-4-0.jpg  close  person-4   240  310  1.02   0.3  -3     9     0     sand
  person-4-1.jpg  close  person-4   250  320  0.92  -0.6   5    11     1     mint
  person-4-id.jpg card   person-4   150  200  0.58   0     0     4     0     plain
  person-5-0.jpg  close  person-5   240  312  1.06  -0.2   3     8     0     cool
  person-5-1.jpg  close  person-5   232  322  0.94   0.6  -6    11     1     warm
  person-5-id.jpg card   person-5   150  198  0.58   0     0     3     0     plain
  person-6-0.jpg  close  person-6   240  306  1.00   0.3   2     8     0     day
  person-6-1.jpg  close  person-6   250  316  0.90  -0.6  -4    10     1     dim
  person-6-id.jpg card   person-6   150  196  0.56   0     0     3     0     plain
  group.jpg       group  person-2   620  300  0.98  -0.3  -2    10     1     sand
  group.jpg       group  person-3   160  276  0.82   0.3   3     7     0     sand
  group.jpg       group  person-5   384  262  0.76   0     2     9     1     sand
"
)

# rows: stripes of the wall. smooth: edges are antialiased. The first images are not: they keep their bytes.
frames <- table_of(
  "
  frame  width  height  zoom    quality  rows  smooth
  first  480    640     1       80       64    FALSE
  close  480    640     0.75    74       60    TRUE
  card   648    432     0.6667  78       36    TRUE
  group  800    550     0.64    74       44    TRUE
"
)

# top, bottom: of the wall. red, green, blue: strength of the light. shade: on side -1 or 1, 0 for none.
lights <- table_of(
  "
  light  top      bottom   red   green  blue  shade
  day    #c9d6df  #8fa3b0  1     1      1      0
  plain  #e9edf0  #e9edf0  1     1      1      0
  warm   #f0d9b8  #c99f74  1     0.96   0.88   1
  cool   #b9cbe0  #7d96b5  0.95  0.98   1     -1
  mint   #d3e3d8  #97b3a2  0.98  1      0.97   1
  dim    #8a8794  #575463  0.86  0.84   0.86  -1
  sand   #e9e2d3  #bfb39b  1     0.99   0.96   0
"
)

# Drawing ----

darker <- function(color, by) rgb(t(col2rgb(color)) * (1 - by), maxColorValue = 255)

# The functions that draw in face coordinates. Parts with more depth move more when the head turns; the body,
# whose depth is NA, neither turns nor tilts.
new_pen <- function(pose, zoom, smooth) {
  angle <- pose$tilt * pi / 180
  light <- unlist(row_of(lights, pose$light)[c("red", "green", "blue")])
  tinted <- function(color) rgb(t(col2rgb(color) * light), maxColorValue = 255)
  place <- function(shape, depth) {
    if (is.na(depth)) {
      return(points_of(pose$x + pose$scale * shape$x, pose$y + pose$scale * shape$y))
    }
    x <- shape$x + 16 * pose$turn * depth
    points_of(
      pose$x + pose$scale * (x * cos(angle) - shape$y * sin(angle)),
      pose$y + pose$scale * (x * sin(angle) + shape$y * cos(angle))
    )
  }
  fill <- function(shape, color, depth = 0, border = if (smooth) color else NA) {
    border <- if (is.na(border)) NA else tinted(border)
    polygon(place(shape, depth), col = tinted(color), border = border, lwd = zoom)
  }
  list(
    fill = fill,
    stroke = function(shape, color, width, depth = 1) {
      lines(place(shape, depth), lwd = width * pose$scale * zoom, col = tinted(color))
    },
    shade = function(shape, strength, depth = 0, color = "#1f0a00") {
      polygon(place(shape, depth), col = adjustcolor(color, strength), border = NA)
    }
  )
}

draw_layers <- function(person, where, depth, pen) {
  for (layer in layers) {
    if (layer$person == person$person && layer$where == where) pen$fill(layer$shape, layer$color, depth)
  }
}

draw_body <- function(person, pen) {
  pen$fill(oval(0, 330, person$shoulders, 180), person$top, NA)
  pen$fill(points_of(c(-42, 42, 52, -52), c(90, 90, 190, 190)), person$neck, NA)
  if (!person$simple) {
    pen$fill(oval(0, 188, 52, 26), person$neck, NA)
    pen$shade(oval(0, 112, 43, 52, 0, pi), 0.16, NA)
  }
  if (!is.na(person$collar)) {
    for (side in c(-1, 1)) {
      pen$fill(points_of(side * c(56, 0, 34, 84), c(144, 214, 252, 172)), person$collar, NA)
    }
  }
}

draw_skin <- function(person, side_of_shade, pen) {
  sides <- c(-1, 1)
  if (person$ears_seen) {
    for (side in sides) {
      pen$fill(oval(side * (person$rx - 1), 10, 16, 30), person$ears, -0.5)
    }
  }
  pen$fill(oval(0, 0, person$rx, person$ry), person$skin)
  for (side in sides) {
    if (!person$simple) {
      pen$shade(oval(side * 42, -24, 32, 22), if (person$wrinkles) 0.18 else 0.08, 1)
      pen$shade(oval(side * 62, 38, 20, 13), 0.12, 1, "#e0383f")
    }
    if (!is.na(person$freckles)) {
      for (i in 1:6) {
        pen$fill(oval(side * (18 + 9 * i), 20 + c(0, 9, -5, 10, 1, 8)[i], 2.2), person$freckles, 1)
      }
    }
    if (person$wrinkles) {
      pen$stroke(curve_of(side * c(27, 48, 54), c(36, 52, 70)), person$lines, 3)
      pen$stroke(curve_of(side * c(26, 44, 60), c(8, 13, 8)), person$neck, 3)
    }
  }
  if (person$wrinkles) {
    for (y in c(-88, -72)) {
      pen$stroke(arch(c(0, 46), y + c(0, 4)), person$neck, 3)
    }
  }
  if (side_of_shade != 0) {
    edge <- function(rx) oval(0, 0, side_of_shade * rx, person$ry, -pi / 2, pi / 2)
    pen$shade(between(edge(person$rx), edge(0.62 * person$rx)), 0.1)
  }
}

draw_eyes <- function(person, pen) {
  for (side in c(-1, 1)) {
    x <- side * 42
    pen$fill(oval(x, -18, 20, 11), "white", 1, person$rim)
    if (person$simple) {
      pen$fill(oval(x, -18, 9), person$iris, 1)
      pen$fill(oval(x, -18, 4), "black", 1)
      pen$stroke(points_of(x + side * c(-22, 0, 24), c(-42, -50, -42)), person$brows, person$brow)
    } else {
      pen$fill(oval(x, -19, 10.5), person$iris, 1)
      pen$fill(oval(x, -19, 5), "black", 1)
      pen$fill(oval(x + 4, -22, 2.5), "white", 1)
      pen$stroke(oval(x, -17, 21, 12, pi, 2 * pi), person$lid, person$lash)
      pen$stroke(curve_of(x + side * c(-22, -4, 12, 25), c(-44, -51, -51, -43)), person$brows, person$brow)
    }
    if (person$lash > 5) {
      pen$stroke(points_of(x + side * c(18, 27), c(-22, -29)), person$lid, 4)
    }
  }
}

draw_nose <- function(person, pen) {
  if (person$simple) {
    return(pen$stroke(points_of(c(4, -8, 6), c(-8, 34, 36)), person$lines, 4))
  }
  pen$shade(curve_of(c(8, 11, 20, 0, 4, 8), c(-26, 8, 36, 42, 10, -26)), 0.08, 1.5)
  pen$stroke(arch(c(0, 8, 17, 20), c(43, 38, 38, 30)), person$lines, 4, 1.5)
}

draw_mouth <- function(person, pose, pen) {
  x <- seq(-36, 36, length.out = 40)
  bend <- 1 - (x / 36)^2
  upper <- points_of(x, 74 + pose$smile * bend)
  if (person$simple) {
    return(pen$stroke(upper, person$lips, 8))
  }
  lower <- points_of(x, upper$y + pose$open * 14 * bend)
  bow <- points_of(x, upper$y - person$lip * (11 * sqrt(bend) - 4 * exp(-(x / 7)^2)))
  pen$fill(between(upper, points_of(x, lower$y + person$lip * 13 * sqrt(bend))), person$lips, 1)
  pen$fill(between(bow, upper), darker(person$lips, 0.12), 1)
  pen$fill(between(upper, lower), "#fbf7f2", 1)
  if (pose$open == 0) pen$stroke(upper, darker(person$lips, 0.4), 3)
}

draw_glasses <- function(color, pen) {
  for (side in c(-1, 1)) {
    pen$stroke(oval(side * 43, -15, 34, 28), color, 5)
    pen$stroke(points_of(side * c(77, 100), c(-20, -22)), color, 5)
  }
  pen$stroke(arch(c(0, 9), c(-22, -18)), color, 5)
}

draw_person <- function(pose, zoom, smooth) {
  person <- row_of(people, pose$person)
  pen <- new_pen(pose, zoom, smooth)
  draw_layers(person, "back", -0.5, pen)
  draw_body(person, pen)
  draw_layers(person, "body", NA, pen)
  draw_skin(person, row_of(lights, pose$light)$shade, pen)
  draw_layers(person, "face", 0, pen)
  draw_eyes(person, pen)
  draw_nose(person, pen)
  draw_mouth(person, pose, pen)
  if (!is.na(person$glasses)) draw_glasses(person$glasses, pen)
}

draw_wall <- function(light, frame) {
  y <- seq(0, frame$height, length.out = frame$rows + 1)
  colors <- colorRampPalette(c(light$top, light$bottom))(frame$rows)
  rect(0, y[-length(y)], frame$width, y[-1], col = colors, border = NA)
}

# An identity document without a word: its title, its text and its machine-readable zone are bars.
draw_card <- function(width, height) {
  bars <- function(left, right, y, height, color) rect(left, y, right, y + height, col = color, border = NA)
  rect(0, 0, width, height, col = "#b09880", border = NA)
  bars(24, width - 24, 24, height - 48, "#f4f1e6")
  bars(24, width - 24, 24, 48, "#5d7f9e")
  bars(48, 240, 36, 24, "#e6eef5")
  bars(48, 264, 96, 216, row_of(lights, "plain")$top)
  bars(300, c(396, 360, 420), c(96, 168, 240), 12, "#a9b4bd")
  bars(300, c(516, 456, 576), c(120, 192, 264), 24, "#4d5a66")
  bars(48, c(600, 564), c(336, 372), 12, "#5b6670")
}

draw_file <- function(file, poses) {
  frame <- row_of(frames, poses$frame[1])
  path <- file.path("inst", "extdata", file)
  size <- frame$zoom * c(frame$width, frame$height)
  jpeg(path, size[1], size[2], quality = frame$quality, type = "cairo", antialias = "subpixel")
  on.exit(dev.off())
  par(mar = c(0, 0, 0, 0))
  # y grows downwards, as in an image.
  plot.new()
  plot.window(c(0, frame$width), c(frame$height, 0), xaxs = "i", yaxs = "i")
  if (poses$frame[1] == "card") {
    draw_card(frame$width, frame$height)
    clip(48, 264, 312, 96)
  } else {
    draw_wall(row_of(lights, poses$light[1]), frame)
  }
  for (i in rev(seq_len(nrow(poses)))) {
    draw_person(poses[i, ], frame$zoom, frame$smooth)
  }
}

# The bounding box of a face, of its ellipse when it is tilted, as an entry of faces.json.
entry <- function(pose) {
  frame <- row_of(frames, pose$frame)
  person <- row_of(people, pose$person)
  angle <- pose$tilt * pi / 180
  rx <- pose$scale * sqrt((person$rx * cos(angle))^2 + (person$ry * sin(angle))^2)
  ry <- pose$scale * sqrt((person$rx * sin(angle))^2 + (person$ry * cos(angle))^2)
  sprintf(
    '  {"file": "%s", "Width": %.6f, "Height": %.6f, "Left": %.6f, "Top": %.6f, "person": "%s"}',
    pose$file,
    2 * rx / frame$width,
    2 * ry / frame$height,
    (pose$x - rx) / frame$width,
    (pose$y - ry) / frame$height,
    pose$person
  )
}

for (file in unique(faces$file)) {
  draw_file(file, faces[faces$file == file, ])
}
entries <- vapply(seq_len(nrow(faces)), function(i) entry(faces[i, ]), "")
writeLines(c("[", paste(entries, collapse = ",\n"), "]"), file.path("inst", "extdata", "faces.json"))
