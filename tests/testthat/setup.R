# Tests do not depend on the environment and the files of the machine.
inherited <- grep(
  "^(AWS_|SECRET_ACCESS_KEY$|(HTTPS?|ALL|NO)_PROXY$|(https?|all|no)_proxy$|LOG_SENSITIVE_BODIES$)",
  names(Sys.getenv()),
  value = TRUE
)
Sys.unsetenv(inherited)
empty_file <- if (.Platform$OS.type == "windows") "NUL" else "/dev/null"
Sys.setenv(
  AWS_EC2_METADATA_DISABLED = "true",
  AWS_CONFIG_FILE = empty_file,
  AWS_SHARED_CREDENTIALS_FILE = empty_file
)
# Unless this is set before processx is loaded, processx consumes the signals of ended child processes once it has started
# a program: parallel then waits for children that have ended, and warns at the end of R.
Sys.setenv(PROCESSX_NOTIFY_OLD_SIGCHLD = "true")
