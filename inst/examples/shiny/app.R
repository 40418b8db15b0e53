# A console to review Face Liveness sessions: results and images, decisions by your thresholds, and the reviews of several
# reviewers, who see each other's. Start it in this folder with
#
#   Rscript -e 'shiny::runApp(launch.browser = TRUE)'
#
# By default it reviews what the page fetches, on the emulator, and reviews last as long as the page.
#
# LIVENESS_DIR          a folder that liveness_results(dir = ) has written: reviews what is stored there, and keeps the
#                       reviews in its reviews.jsonl.
# LIVENESS_DATABASE     or the database of the example back end, with its verdicts: the path of an SQLite file, or
#                       postgresql://user:password@host:port/name.
# LIVENESS_THRESHOLD    the lowest confidence that passes; LIVENESS_REVIEW, the lowest that is to be reviewed;
#                       LIVENESS_REASON, why these. Without them sessions have no decision.
# LIVENESS_USER_HEADER  the header in which a reverse proxy names the signed-in reviewer, such as X-Forwarded-User. Set it
#                       only behind a proxy that is the only way to this process and that removes this header from the
#                       requests of clients: else anyone can review under any name. Behind Shiny Server or Posit Connect,
#                       the reviewer is the user that they have signed in. Otherwise, reviewers enter a name, which
#                       proves nothing.
# LIVENESS_ON_AWS       true: fetches from Amazon Rekognition, with the region and credentials of the usual AWS sources.
#
# The console shows faces and scores but has no login: put it behind yours.

library(shiny)
library(rekognition)

# Do not show internal errors in the page.
options(shiny.sanitize.errors = TRUE)

settings <- read_settings()
store <- open_source(settings)

ui <- console_page(store, settings)

server <- function(input, output, session) {
  console_server(input, output, session, store, settings)
}

shinyApp(ui, server)
