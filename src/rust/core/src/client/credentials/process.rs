//! Keys that a command of the user prints.

use super::document::Document;
use aws_credential_types::Credentials;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Far more than keys have.
const MAX_OUTPUT: u64 = 1 << 20;

/// Between two looks at a process that has closed its output and not ended.
const INTERVAL: Duration = Duration::from_millis(10);

/// Runs the command, on this thread, and reads what it prints. After `limit` it is stopped.
///
/// What it printed is never quoted. No handler for SIGCHLD is involved: R has its own.
pub fn load(profile: &str, command: &str, limit: Duration) -> Result<Credentials, String> {
    let failure = |what: &str| {
        format!(
            "the `credential_process` of the profile [{profile}] {what}; run it in a terminal to see what it prints"
        )
    };
    let deadline = Instant::now() + limit;
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| failure("could not be run"))?;
    let output = output_of(&mut child, limit);
    let (Some(output), Some(status)) = (output, ended(&mut child, deadline)) else {
        // It may have ended by now.
        let _ = child.kill();
        let _ = child.wait();
        return Err(failure("did not end in time"));
    };
    match status {
        Err(what) => Err(failure(&what)),
        Ok(()) => keys(&output).map_err(|problem| {
            failure(&format!(
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
        // As it is: `cmd` knows no escaped quotes.
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

/// All that it prints, if it closes its output in time. The reader is on a thread of its own, which is left behind if a
/// child of the command keeps the output open.
fn output_of(child: &mut Child, limit: Duration) -> Option<Vec<u8>> {
    let output = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    let reader = thread::Builder::new().spawn(move || {
        let mut text = Vec::new();
        // What came before an error is not whole: it will not be read as JSON.
        let _ = output.take(MAX_OUTPUT).read_to_end(&mut text);
        // After the limit the receiver is gone.
        let _ = sender.send(text);
    });
    reader.ok()?;
    receiver.recv_timeout(limit).ok()
}

/// Whether it ended well; `None` if it has not ended at the deadline.
fn ended(child: &mut Child, deadline: Instant) -> Option<Result<(), String>> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Some(Ok(())),
            Ok(Some(status)) => return Some(Err(format!("failed ({status})"))),
            // Something else in the process has waited for it, so that its status is lost: its output decides.
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

    const PATIENCE: Duration = Duration::from_secs(60);

    fn prints(json: &str) -> Result<Credentials, String> {
        load("p", &format!("printf '%s' '{json}'"), PATIENCE)
    }

    #[test]
    fn keys_are_what_the_command_prints() {
        let keys = prints(
            r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"","Expiration":"2099-01-01T00:00:00+00:00"}"#,
        )
        .unwrap();
        assert_eq!((keys.access_key_id(), keys.session_token()), ("A", None));
        assert!(keys.expiry().is_some());
    }

    #[test]
    fn what_it_prints_is_not_quoted() {
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
        let reason = load("p", "echo s3cret; echo s3cret >&2; exit 3", PATIENCE).unwrap_err();
        assert!(
            reason.contains("exit status: 3") && !reason.contains("s3cret"),
            "{reason}"
        );
    }

    #[test]
    fn one_that_does_not_end_is_stopped() {
        for command in ["exec sleep 600", "exec >&-; exec sleep 600"] {
            let reason = load("p", command, Duration::from_millis(200)).unwrap_err();
            assert!(reason.contains("did not end in time"), "{reason}");
        }
    }
}
