//! Results in a folder: `<session id>/reference.jpg`, `audit-1.jpg` and so on, and `results.json`, which is
//! written last: where it is, everything is.

use crate::file::{self, write_whole, Links, PART};
use crate::http::body::MAX_BODY;
use crate::json::Value;
use crate::response::{self, AuditImage, BoundingBox, Response, Unreadable};
use serde_json::{json, Map, Value as Json};
use std::fs::{self, DirBuilder};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const RESULTS: &str = "results.json";

/// Results that are in a folder.
#[derive(Debug)]
pub struct Saved {
    /// The answer without its images, as JSON with the members of the service: `response::session_results` reads it.
    pub text: Vec<u8>,
    /// File of the reference image, below the folder of all sessions.
    pub reference: Option<String>,
    /// Files of the audit images.
    pub audit: Vec<Option<String>>,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// Requests that were sent.
    pub attempts: u32,
    /// When the answer came.
    pub retrieved_at: SystemTime,
}

/// Why results are not in the folder.
#[derive(Debug)]
pub enum Failed {
    /// The answer cannot be read.
    Response(Unreadable),
    /// A file cannot be written: its path below the folder of all sessions, and why.
    File(String, io::Error),
}

/// Whether nothing more can come of a session with this status. One that is new may still change.
pub fn is_final(status: Option<&str>) -> bool {
    matches!(status, Some("SUCCEEDED" | "FAILED" | "EXPIRED"))
}

/// Writes an answer into the session's folder in `dir`. Answers that may still change are not written.
pub fn save(
    dir: &Path,
    session_id: &str,
    answer: &Response,
    attempts: u32,
    retrieved_at: SystemTime,
) -> Result<Saved, Failed> {
    let results = response::results_of(answer.body(), session_id).map_err(Failed::Response)?;
    let folder = dir.join(session_id);
    let write = is_final(results.status.as_deref());
    if write {
        private_folder(&folder).map_err(|error| Failed::File(session_id.to_owned(), error))?;
        remove_abandoned(&folder);
    }
    let write_file = |file: &str, content: &[u8]| -> Result<String, Failed> {
        let path = format!("{session_id}/{file}");
        match write_whole(&folder, file, content) {
            Ok(()) => Ok(path),
            Err(error) => Err(Failed::File(path, error)),
        }
    };
    let image = |image: &AuditImage<'_>, name: &str| -> Result<(Json, Option<String>), Failed> {
        let mut members = described(image);
        let mut path = None;
        if let Some(blob) = image.bytes.as_ref().filter(|_| write) {
            let bytes = blob.decode().map_err(Failed::Response)?;
            let file = format!("{name}.{}", extension(&bytes));
            path = Some(write_file(&file, &bytes)?);
            members.insert("File".into(), json!(file));
            members.insert("Size".into(), json!(bytes.len()));
        }
        Ok((members.into(), path))
    };
    let (reference, reference_path) = image(&results.reference_image, "reference")?;
    let mut audit = Vec::new();
    let mut audit_paths = Vec::new();
    for (i, one) in results.audit_images.iter().enumerate() {
        let (members, path) = image(one, &format!("audit-{}", i + 1))?;
        audit.push(members);
        audit_paths.push(path);
    }
    let feedback: Vec<Json> = results
        .feedback
        .iter()
        .map(|item| json!({ "Code": item.code, "Message": item.message }))
        .collect();
    let since_epoch = retrieved_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = json!({
        "SessionId": results.session_id,
        "Status": results.status,
        "Confidence": results.confidence,
        "ReferenceImage": reference,
        "AuditImages": audit,
        "Challenge": { "Type": results.challenge.kind, "Version": results.challenge.version },
        "Feedback": feedback,
        "Metadata": { "SDKType": results.sdk_type },
        "RequestId": answer.request_id,
        "Attempts": attempts,
        "RetrievedAt": since_epoch.as_secs_f64(),
    })
    .to_string()
    .into_bytes();
    if write {
        write_file(RESULTS, &text)?;
    }
    Ok(Saved {
        text,
        reference: reference_path,
        audit: audit_paths,
        request_id: answer.request_id.clone(),
        attempts,
        retrieved_at,
    })
}

/// What was saved for a session, if all of it is there. Whatever else is found in the folder (a link, a device, half of
/// something, results of another session) is not a saved result.
pub fn load(dir: &Path, session_id: &str) -> Option<Saved> {
    let folder = dir.join(session_id);
    if !file::is_folder(&folder) {
        return None;
    }
    let text = file::read(&folder.join(RESULTS), MAX_BODY, Links::Refuse).ok()?;
    let results = response::results_of(&text, session_id).ok()?;
    let mut images = std::iter::once(&results.reference_image).chain(&results.audit_images);
    if !is_final(results.status.as_deref()) || images.any(|image| image.bytes.is_some()) {
        return None;
    }
    drop(results);
    let root = Value::parse(&text).ok()?;
    let file = |image| file_of(&folder, session_id, image);
    let reference = file(root.get("ReferenceImage")?)?;
    let audit = match root.get("AuditImages")? {
        Value::Array(images) => images.iter().map(file).collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    let request_id = match root.get("RequestId") {
        Some(Value::String(id)) => id.unescape().map(|id| id.into_owned()),
        _ => None,
    };
    let retrieved_at = Duration::try_from_secs_f64(number(&root, "RetrievedAt")?).ok()?;
    let attempts = number(&root, "Attempts")? as u32;
    Some(Saved {
        reference,
        audit,
        request_id,
        attempts,
        retrieved_at: UNIX_EPOCH + retrieved_at,
        text,
    })
}

/// The face's box in an image of this file, if a batch has saved it.
pub fn bounding_box(path: &Path) -> Option<BoundingBox> {
    let text = file::read(&path.parent()?.join(RESULTS), MAX_BODY, Links::Refuse).ok()?;
    let results = response::session_results(&text).ok()?;
    let root = Value::parse(&text).ok()?;
    let name_of_file = path.file_name()?.to_str();
    let is_of = |image: &Value<'_>| match image.get("File") {
        Some(Value::String(name)) => name.unescape().as_deref() == name_of_file,
        _ => false,
    };
    if root.get("ReferenceImage").is_some_and(is_of) {
        return Some(results.reference_image.bounding_box);
    }
    let Some(Value::Array(audit)) = root.get("AuditImages") else {
        return None;
    };
    let place = audit.iter().position(is_of)?;
    Some(results.audit_images.get(place)?.bounding_box)
}

/// The file of an image, if it is whole and in this folder; none where the image has no file.
fn file_of(folder: &Path, session_id: &str, image: &Value<'_>) -> Option<Option<String>> {
    let name = match image.get("File") {
        None => return Some(None),
        Some(Value::String(name)) => name.unescape()?,
        Some(_) => return None,
    };
    // A colon makes it a drive or a stream on Windows.
    if name.contains(['/', '\\', ':']) || name.starts_with('.') {
        return None;
    }
    // Of a link this is what the link itself is.
    let found = fs::symlink_metadata(folder.join(&*name)).ok()?;
    let is_whole = found.is_file() && found.len() as f64 == number(image, "Size")?;
    is_whole.then(|| Some(format!("{session_id}/{name}")))
}

fn number(object: &Value<'_>, name: &str) -> Option<f64> {
    match object.get(name) {
        Some(Value::Number(number)) => number.to_f64(),
        _ => None,
    }
}

fn described(image: &AuditImage<'_>) -> Map<String, Json> {
    let object = &image.s3_object;
    let side = &image.bounding_box;
    let mut members = Map::new();
    members.insert(
        "S3Object".into(),
        json!({ "Bucket": object.bucket, "Name": object.name, "Version": object.version }),
    );
    members.insert(
        "BoundingBox".into(),
        json!({ "Width": side.width, "Height": side.height, "Left": side.left, "Top": side.top }),
    );
    members
}

/// By content: the service says that images are JPEG, and its documentation shows PNG as well.
fn extension(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "png"
    } else {
        "jpg"
    }
}

/// For the owner alone.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    if file::is_folder(path) {
        Ok(())
    } else {
        Err(io::Error::other("it is a link, and not a folder"))
    }
}

/// After this time the process that wrote a part is gone.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Parts that a process left behind when it was killed: they hold faces.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_part = entry.file_name().to_string_lossy().starts_with(PART);
        let modified = entry.metadata().and_then(|found| found.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if is_part && age.is_some_and(|age| age > ABANDONED) {
            // Another process may have been faster.
            let _ = fs::remove_file(entry.path());
        }
    }
}
