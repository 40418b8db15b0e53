# Takes the pictures of the README: man/figures/review-console.png. Needs Chromium with its chromedriver, and fonts.
# `make screenshots` calls it.

source("tests/testthat/helper-browser.R")
source("tests/testthat/helper-apps.R")
Sys.setenv(NOT_CRAN = "true")

take <- function() {
  app <- local_app("shiny")
  browser <- local_browser()
  set_screen(browser, 1200, 920)
  browse(browser, app$url)
  click(browser, "#demo")
  # By script, so that no mouse lies over a row.
  choose <- function(i, decision) {
    row <- sprintf("tbody tr:nth-child(%d)", i)
    find(browser, row)
    run_script(browser, "document.querySelector(arguments[0]).click()", paste(row, "button"))
    find(browser, paste0(row, ".selected"))
    id <- run_script(browser, "return document.querySelector('tr.selected button').dataset.session")
    click(browser, sprintf("[data-decides='%s'] input[value=%s]", id, decision))
    wait_until(text_of(browser, paste(row, ".decision")) == decision, "it is decided")
  }
  Map(choose, c(1, 2, 3, 5, 6, 4), c("live", "live", "live", "attack", "attack", "live"))
  run_script(browser, "document.activeElement.blur()")
  find(browser, "html:not(.shiny-busy)")
  screenshot(browser, "man/figures/review-console.png", 1200, 920)
}
take()
