# Tests depend on nothing that the machine happens to have set.
ambient <- grep(
  "^(AWS_|SECRET_ACCESS_KEY$|(HTTPS?|ALL|NO)_PROXY$|(https?|all|no)_proxy$|LOG_SENSITIVE_BODIES$)",
  names(Sys.getenv()),
  value = TRUE
)
Sys.unsetenv(ambient)
nowhere <- if (.Platform$OS.type == "windows") "NUL" else "/dev/null"
Sys.setenv(
  AWS_EC2_METADATA_DISABLED = "true",
  AWS_CONFIG_FILE = nowhere,
  AWS_SHARED_CREDENTIALS_FILE = nowhere
)
# Once it has started a program, processx keeps the signals of ended children to itself unless this is set before it
# is loaded: parallel then waits for children that are long gone, and complains at the end of R.
Sys.setenv(PROCESSX_NOTIFY_OLD_SIGCHLD = "true")
