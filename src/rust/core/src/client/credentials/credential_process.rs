//! Keys from a `credential_process`.

use super::document::Document;
use aws_credential_types::Credentials;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Far more than keys have.
const MAX_OUTPUT: u64 = 1 << 20;

/// Between two checks whether a process that has closed its output has exited.
const INTERVAL: Duration = Duration::from_millis(10);

/// Runs the command on this thread, and reads its output. After `limit` it is killed.
///
/// Its output is never quoted. No SIGCHLD handler is used, because R has its own.
pub fn load(profile: &str, command: &str, limit: Duration) -> Result<Credentials, String> {
    let failed = |problem: &str| {
        format!(
            "the `credential_process` of the profile [{profile}] {problem}; run it in a terminal to see what it prints"
        )
    };
    let deadline = Instant::now() + limit;
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| failed("could not be started"))?;
    let output = output_of(&mut child, limit);
    let (Some(output), Some(status)) = (output, wait_until(&mut child, deadline)) else {
        // It may have exited by now.
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed("did not exit in time"));
    };
    match status {
        Err(problem) => Err(failed(&problem)),
        Ok(()) => keys(&output).map_err(|problem| {
            failed(&format!(
                "did not print credentials in the format of a `credential_process` ({problem})"
            ))
        }),
    }
}

fn shell(command: &str) -> Command {
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        let mut shell = Command::new("cmd.exe");
        // Verbatim: `cmd` has no escaped quotes.
        shell.arg("/C").raw_arg(command);
        shell
    }
    #[cfg(not(windows))]
    {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]);
        shell
    }
}

/// The whole output, if the process closes it in time. It is read on a thread of its own, which is leaked if a child of the
/// process keeps the output open.
fn output_of(child: &mut Child, limit: Duration) -> Option<Vec<u8>> {
    let output = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    let reader = thread::Builder::new().spawn(move || {
        let mut text = Vec::new();
        // Output before an error is incomplete, and so not valid JSON.
        let _ = output.take(MAX_OUTPUT).read_to_end(&mut text);
        // After the limit the receiver is gone.
        let _ = sender.send(text);
    });
    reader.ok()?;
    receiver.recv_timeout(limit).ok()
}

/// Waits until it exits, and checks its status; `None` if it has not exited at the deadline.
fn wait_until(child: &mut Child, deadline: Instant) -> Option<Result<(), String>> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Some(Ok(())),
            Ok(Some(status)) => return Some(Err(format!("failed ({status})"))),
            // Other code in this process has waited for it, so its status is lost: its output decides.
            Err(_) => return Some(Ok(())),
            Ok(None) if Instant::now() >= deadline => return None,
            Ok(None) => thread::sleep(INTERVAL),
        }
    }
}

fn keys(output: &[u8]) -> Result<Credentials, String> {
    let document = Document::read(output)?;
    match document
        .value("Version")
        .and_then(serde_json::Value::as_i64)
    {
        Some(1) => document.keys("SessionToken", "CredentialProcess"),
        _ => Err("Version is not 1".into()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn prints(json: &str) -> Result<Credentials, String> {
        load("p", &format!("printf '%s' '{json}'"), LIMIT)
    }

    #[test]
    fn the_keys_are_those_that_the_command_prints() {
        let keys = prints(
            r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"","Expiration":"2099-01-01T00:00:00+00:00"}"#,
        )
        .unwrap();
        assert_eq!((keys.access_key_id(), keys.session_token()), ("A", None));
        assert!(keys.expiry().is_some());
    }

    #[test]
    fn its_output_is_not_quoted() {
        for json in [
            "s3cret",
            "",
            r#"{"AccessKeyId":"A","SecretAccessKey":"s3cret"}"#,
            r#"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"s3cret"}"#,
            r#"{"Version":1,"AccessKeyId":"A"}"#,
        ] {
            let reason = prints(json).unwrap_err();
            assert!(
                reason.contains("format") && !reason.contains("s3cret"),
                "{reason}"
            );
        }
        let reason = load("p", "echo s3cret; echo s3cret >&2; exit 3", LIMIT).unwrap_err();
        assert!(
            reason.contains("exit status: 3") && !reason.contains("s3cret"),
            "{reason}"
        );
    }

    #[test]
    fn one_that_does_not_exit_is_killed() {
        for command in ["exec sleep 600", "exec >&-; exec sleep 600"] {
            let reason = load("p", command, Duration::from_millis(200)).unwrap_err();
            assert!(reason.contains("did not exit in time"), "{reason}");
        }
    }
}
