# Temporary credentials of an emulator.

temporary_credentials <- function(server, expires_in, policy, call) {
  expires_in <- check_number(expires_in, "expires_in", call, min = 0)
  policy <- check_string_or_null(policy, "policy", call)
  keys <- emulator_value(emulator_temporary_keys(server, expires_in, policy), call)
  if (is.character(keys)) {
    stop_argument("policy", gettextf("`%s` cannot be used. %s", "policy", clean_text(keys)), call)
  }
  list(creds = keys)
}
