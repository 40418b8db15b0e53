//! Results in a folder: `<session id>/reference.jpg`, `audit-1.jpg` and so on, and `results.json`, which is
//! written last: where it is, everything is.

use crate::json::Value;
use crate::read::{self, AuditImage, BoundingBox, Unreadable};
use crate::wire::Answer;
use serde_json::{json, Map, Value as Json};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const RESULTS: &str = "results.json";

/// Results that are in a folder.
#[derive(Debug)]
pub struct Saved {
    /// The answer without its images, as JSON with the members of the service: `read::session_results` reads it.
    pub text: Vec<u8>,
    /// File of the reference image.
    pub reference: Option<PathBuf>,
    /// Files of the audit images.
    pub audit: Vec<Option<PathBuf>>,
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
    Answer(Unreadable),
    /// A file cannot be written.
    File(PathBuf, io::Error),
}

/// Whether nothing more can come of a session with this status.
pub fn is_final(status: Option<&str>) -> bool {
    !matches!(status, Some("CREATED" | "IN_PROGRESS"))
}

/// Writes an answer into the session's folder in `dir`. Answers that may still change are not written.
pub fn save(
    dir: &Path,
    session_id: &str,
    answer: &Answer,
    attempts: u32,
    retrieved_at: SystemTime,
) -> Result<Saved, Failed> {
    let results = read::session_results(answer.body()).map_err(Failed::Answer)?;
    let folder = below(dir, session_id);
    let write = is_final(results.status.as_deref());
    if write {
        private_folder(&folder).map_err(|error| Failed::File(folder.clone(), error))?;
    }
    let image = |image: &AuditImage<'_>, name: &str| -> Result<(Json, Option<PathBuf>), Failed> {
        let mut members = described(image);
        let mut path = None;
        if let Some(blob) = image.bytes.as_ref().filter(|_| write) {
            let mut bytes = vec![0; blob.decoded_len()];
            blob.decode_into(&mut bytes).map_err(Failed::Answer)?;
            let file = format!("{name}.{}", extension(&bytes));
            let whole = below(&folder, &file);
            write_whole(&folder, &file, &bytes)
                .map_err(|error| Failed::File(whole.clone(), error))?;
            members.insert("File".into(), json!(file));
            members.insert("Size".into(), json!(bytes.len()));
            path = Some(whole);
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
        write_whole(&folder, RESULTS, &text)
            .map_err(|error| Failed::File(below(&folder, RESULTS), error))?;
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

/// What was saved for a session, if all of it is there.
pub fn load(dir: &Path, session_id: &str) -> Option<Saved> {
    let folder = below(dir, session_id);
    let text = fs::read(folder.join(RESULTS)).ok()?;
    let results = read::session_results(&text).ok()?;
    if results.session_id.as_deref() != Some(session_id) || !is_final(results.status.as_deref()) {
        return None;
    }
    drop(results);
    let root = Value::parse(&text).ok()?;
    let reference = files(&folder, root.get("ReferenceImage")?)?;
    let audit = match root.get("AuditImages")? {
        Value::Array(images) => images
            .iter()
            .map(|image| files(&folder, image))
            .collect::<Option<Vec<_>>>()?,
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
    let text = fs::read(path.parent()?.join(RESULTS)).ok()?;
    let results = read::session_results(&text).ok()?;
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
fn files(folder: &Path, image: &Value<'_>) -> Option<Option<PathBuf>> {
    let Some(Value::String(name)) = image.get("File") else {
        return Some(None);
    };
    let name = name.unescape()?;
    // A colon makes it a drive or a stream on Windows.
    if name.contains(['/', '\\', ':']) || name.starts_with('.') {
        return None;
    }
    let path = below(folder, &name);
    let found = fs::metadata(&path).ok()?;
    let is_whole = found.is_file() && found.len() as f64 == number(image, "Size")?;
    is_whole.then_some(Some(path))
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

/// With a slash on Windows, too: so R writes paths.
fn below(folder: &Path, name: &str) -> PathBuf {
    let has_end = folder.to_string_lossy().ends_with(std::path::is_separator);
    if cfg!(not(windows)) || has_end {
        return folder.join(name);
    }
    let mut path = folder.as_os_str().to_owned();
    path.push("/");
    path.push(name);
    path.into()
}

/// For the owner alone.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A file is there whole or not at all: it is written under another name first.
fn write_whole(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let part = folder.join(format!(".{name}.part"));
    // Of a run that was killed, or a link that somebody has put there.
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = create_private(&part).and_then(|mut file| file.write_all(content));
    let done = written.and_then(|()| fs::rename(&part, folder.join(name)));
    if done.is_err() {
        // What cannot be written may be removed; the error of writing is the one to tell.
        let _ = fs::remove_file(&part);
    }
    done
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_r_s_file_path_makes_of_it() {
        for folder in ["faces", "faces/"] {
            let path = below(Path::new(folder), "reference.jpg");
            assert_eq!(path.to_str(), Some("faces/reference.jpg"));
        }
    }
}
