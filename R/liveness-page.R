# The page's half of a check: the files, and the help for those who use them without Shiny.

#' The page's half of a check
#'
#' `liveness_page()` returns the folder with the script and the style that a page needs to run a Face Liveness check: AWS's own
#' component for browsers, unchanged, and what connects it to R. For Shiny, [liveness_check_ui()] does all of it. In plumber or
#' another framework, serve the files of this folder, and call `rekognitionLiveness.start()` in the page:
#'
#' ```
#' <link rel="stylesheet" href="liveness/liveness.css">
#' <div id="check"></div>
#' <script src="liveness/liveness.js"></script>
#' <script src="app.js"></script>
#' ```
#'
#' ```
#' // app.js: the back end creates a session and a relay, and sends its ticket.
#' const { id, ticket } = await (await fetch("checks", { method: "POST" })).json();
#' const element = document.getElementById("check");
#' try {
#'   await rekognitionLiveness.start(element, { ticket, url: `checks/${id}` });
#'   // The service has the video. Ask the back end whether the person has passed.
#' } catch (error) {
#'   // The element says what the person can do. Offer another try, with a new session.
#'   console.log(error.state, error.message, error.reason);
#' }
#' ```
#'
#' The browser's camera needs a page with https, or on this machine (`http://127.0.0.1`, `http://localhost`). An `<iframe>`
#' needs `allow="camera"`; the viewer of RStudio does not have it, so open the page in a browser.
#'
#' @section start(element, options):
#' Shows the check in an element of the page, in place of its content. Returns a promise with a function `cancel()`, which ends
#' the check at any time. Several checks can be in one page; a new one in the same element cancels the one before. Options:
#'
#' \describe{
#'   \item{`ticket`}{Object: the ticket of [liveness_relay()] or [liveness_direct()], with strings that are not arrays
#'     (`jsonlite::toJSON(ticket, auto_unbox = TRUE)`).}
#'   \item{`url`}{String: where to send the POST requests whose bodies are for `exchange()` of the relay. Not needed in direct
#'     mode.}
#'   \item{`headers`}{Object: further headers of these requests, such as a token against forged requests. Cookies are sent to
#'     the page's own origin.}
#'   \item{`text`}{Object: texts that replace the English ones. The names are those of AWS's `displayText`, and those of
#'     the section Texts.}
#'   \item{`startScreen`}{Boolean, `true`: begin with a screen that shows the camera, a warning that colors will flash, and a
#'     button. If `false`, the video starts as soon as there is a face: warn people with photosensitivity beforehand.}
#'   \item{`deviceId`}{String: the camera to use, as `navigator.mediaDevices` names it.}
#'   \item{`limits`}{Object: how many seconds to wait at most for the service (`sessionInformation`: 30), for a face after
#'     the start (`face`: 60), and for the end (`disconnection`: 30).}
#'   \item{`assets`}{String: URL of the folder of `model.json` and `model.bin`. Default: that of the script.}
#'   \item{`onState`}{Function that gets each new state: `"camera"` (the person is asked for the camera), `"connecting"`,
#'     `"start"` (the start screen), `"face"` (a face is searched), `"recording"`, `"verifying"` (the video is complete).}
#' }
#'
#' The promise is fulfilled with `{sessionId}` when the service has the whole video; neither it nor the page ever gets a score
#' or an image. It is rejected with an `Error` that has
#'
#' \describe{
#'   \item{`state`}{String: see the next section.}
#'   \item{`message`}{String, for developers.}
#'   \item{`reason`}{`{code, message}`: the reason of the service or the relay, if they gave one.}
#' }
#'
#' Afterwards the element contains a short message, with the reason, and the camera is off. The check also ends when the
#' element is removed or the person leaves the page.
#'
#' @section States of errors:
#' \describe{
#'   \item{`CANCELLED`}{By the person, by `cancel()`, or because the page or the element has gone.}
#'   \item{`INSECURE_PAGE`, `UNSUPPORTED_BROWSER`}{The page has no https, or the browser cannot record video.}
#'   \item{`CAMERA_NOT_ALLOWED`, `NO_CAMERA`, `CAMERA_ACCESS_ERROR`, `CAMERA_FRAMERATE_ERROR`,
#'     `DEFAULT_CAMERA_NOT_FOUND_ERROR`}{The person, the browser or the frame of the page does not allow the camera; there is
#'     none; another program uses it; it is too slow; `deviceId` does not exist.}
#'   \item{`MOBILE_LANDSCAPE_ERROR`}{A phone is not upright.}
#'   \item{`NO_FACE`, `TIMEOUT`}{No face was found, or it did not fill the oval in time.}
#'   \item{`NO_SESSION_INFORMATION`, `NO_DISCONNECTION`}{A limit of the connection has expired. After the second, the service may
#'     have the video: look at the result.}
#'   \item{`CONNECTION_FAILED`, `CONNECTION_TIMEOUT`}{The service or the relay cannot be reached, or the connection was lost.
#'     Requests to the relay are repeated for ten seconds.}
#'   \item{`SERVER_ERROR`}{The service or the relay refused the check: see `reason`.}
#'   \item{`RUNTIME_ERROR`, `INVALID_OPTIONS`}{An error in the browser; invalid options of `start()`.}
#' }
#'
#' @section Texts:
#' In addition to AWS's: `checkCompleteText`, `canceledText`, and pairs whose names end in `HeaderText` and `MessageText` and
#' begin with `insecurePage`, `unsupportedBrowser`, `cameraNotAllowed`, `noCamera`, `connectionFailed`, `noResponse` (to the
#' start), `noFace` and `noResult` (no end); `frameNotAllowedMessageText`. AWS's own texts `timeout...`, `server...`, `client...`,
#' `landscape...`, `cameraNotFound...` and `cameraMinSpecifications...` are used at the end as well.
#'
#' @section Security and style:
#' With a relay, the strictest content security policy is enough: `default-src 'none'; script-src 'self'; style-src 'self';
#' connect-src 'self'`. Direct mode also needs the host of the service in `connect-src`. Nothing is loaded from other hosts.
#' The page's own `WebSocket` and `WebAssembly` are not changed.
#'
#' The check has the font of the page, and is dark where the page's CSS property `color-scheme` says so, for example
#' `color-scheme: light dark` on a dark system. Its colors are AWS's CSS variables, such as `--amplify-colors-primary-80` for
#' buttons: set them on `.rekognition-liveness`.
#'
#' `licenses.txt` in the folder contains the licenses of all that is in it. Keep it with the other files.
#'
#' @section Not tried:
#' The tests run whole checks in Chromium, with a camera that shows a drawing, against the [emulator][emulator_streams]. The
#' service itself, Safari, Firefox and phones have not been tried.
#'
#' @return The path, a string. Raises a `rekognition_error` if the package was installed without these files, from a checkout in
#'   which they were not built.
#' @references
#' [FaceLivenessDetector](https://ui.docs.amplify.aws/react/connected-components/liveness)
#' @seealso [liveness_relay()], [liveness_direct()]; [liveness_check_ui()] for Shiny
#' @export
#' @examples
#' # An error here says how to install the files.
#' tryCatch(list.files(liveness_page()), rekognition_error = conditionMessage)
#'
#' # Serve them with plumber, next to the routes of the relay:
#' # plumber::pr_static(pr, "/liveness", liveness_page())
liveness_page <- function() {
  folder <- system.file("www", "liveness", package = "rekognition")
  if (!file.exists(file.path(folder, "liveness.js"))) {
    message <- gettext(
      "The page's half of a check is not installed. Install a source package, or run `make install`, which needs npm."
    )
    stop_plain(message, user_call(sys.call()))
  }
  folder
}
