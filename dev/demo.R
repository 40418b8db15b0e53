# A complete check: a session on the emulator, its results, and an image of them.
# Usage: Rscript dev/demo.R demo.png

library(rekognition)

file <- commandArgs(TRUE)[1]

cat("An emulator of the service, on a real socket; no AWS account is needed.\n")
emulator <- rekognition_emulator()
svc <- rekognition(config = emulator$config)
print(svc)

cat("\nThe back end creates a session ...\n")
session <- svc$create_face_liveness_session(Settings = list(AuditImagesLimit = 2))
cat("SessionId:", session$SessionId, "\n")

cat("\n... a person looks into the camera (the emulator completes the check after a second) ...\n")
repeat {
  results <- svc$get_face_liveness_session_results(SessionId = session$SessionId)
  cat("Status:", results$Status, "\n")
  if (!results$Status %in% c("CREATED", "IN_PROGRESS")) {
    break
  }
  Sys.sleep(0.5)
}

cat("\n... and the back end has the results:\n")
str(results)

image <- jpeg::readJPEG(results$ReferenceImage$Bytes)
height <- nrow(image)
width <- ncol(image)
# Boxes are ratios of the image's size.
box <- results$ReferenceImage$BoundingBox
left <- box$Left * width
top <- box$Top * height

grDevices::png(file, width, height + 60, type = "cairo")
par(mar = c(0, 0, 0, 0))
plot.new()
plot.window(c(0, width), c(height + 60, 0), xaxs = "i", yaxs = "i", asp = 1)
rasterImage(image, 0, height + 60, width, 60)
rect(left, 60 + top, left + box$Width * width, 60 + top + box$Height * height, border = "#f0e442", lwd = 4)
text(width / 2, 30, sprintf("%s, confidence %.2f", results$Status, results$Confidence), cex = 1.8)
invisible(grDevices::dev.off())
emulator$stop()
cat("\nWrote ", file, ": the reference image with its face box and the confidence.\n", sep = "")

library <- dirname(system.file(package = "rekognition"))
start <- 'shiny::runApp(system.file("examples", "check", package = "rekognition"), launch.browser = TRUE)'
cat("\nNow with your own camera, still without an account: a whole check in a browser.\n")
cat("R_LIBS=", shQuote(library), " Rscript -e ", shQuote(start), "\n", sep = "")
