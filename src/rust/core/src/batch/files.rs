//! Results in a folder: `<session ID>/reference.jpg`, `audit-1.jpg` and so on, and `results.json`. That is written last:
//! if it exists, the results are complete.

use crate::base64::Blob;
use crate::file::{self, write_whole, Links, PART};
use crate::http::body::MAX_RESPONSE_BODY;
use crate::json::Value;
use crate::response::{Response, Unreadable};
use crate::results::{results_of, session_results};
use serde_json::{json, Map, Value as Json};
use std::borrow::Cow;
use std::fs::{self, DirBuilder};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The file of the response without its images.
pub const RESULTS: &str = "results.json";
/// The name of the reference image's file, without the extension.
const REFERENCE: &str = "reference";

/// Results that are saved in a folder.
#[derive(Debug)]
pub struct Saved {
    /// The response without its images, as JSON with the service's members: `results_of` reads it.
    pub text: Vec<u8>,
    /// File of the reference image, relative to the folder of all sessions.
    pub reference: Option<String>,
    /// Files of the audit images.
    pub audit: Vec<Option<String>>,
    /// The service's ID of the request.
    pub request_id: Option<String>,
    /// The region that was asked; absent in the files of earlier versions.
    pub region: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
    /// When the response arrived.
    pub retrieved_at: SystemTime,
}

/// How a response was retrieved.
#[derive(Debug)]
pub struct Retrieved {
    /// The region that was asked.
    pub region: Option<String>,
    /// The number of attempts.
    pub attempts: u32,
    /// When the response arrived.
    pub at: SystemTime,
}

/// Why results were not saved.
#[derive(Debug)]
pub enum Failed {
    /// The response is not readable.
    Response(Unreadable),
    /// A file cannot be written: its path relative to the folder of all sessions, and the reason.
    File(String, io::Error),
}

/// Whether a session with this status no longer changes. A status that is unknown here may.
pub fn is_final(status: Option<&str>) -> bool {
    matches!(status, Some("SUCCEEDED" | "FAILED" | "EXPIRED"))
}

/// Writes a response into the session's folder in `dir`, unless it may still change.
pub fn save(
    dir: &Path,
    session_id: &str,
    response: &Response,
    retrieved: Retrieved,
) -> Result<Saved, Failed> {
    let results = results_of(response.body(), session_id).map_err(Failed::Response)?;
    let folder = dir.join(session_id);
    let write = is_final(results.status().as_deref());
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
    let image = |image: &Value<'_>, name: &str| -> Result<(Json, Option<String>), Failed> {
        let mut members = describe(image);
        let mut path = None;
        if let Some(blob) = Blob::in_member(image, "Bytes").filter(|_| write) {
            let bytes = blob.decode().map_err(Failed::Response)?;
            let file = format!("{name}.{}", extension(&bytes));
            path = Some(write_file(&file, &bytes)?);
            members.insert("File".into(), json!(file));
            members.insert("Size".into(), json!(bytes.len()));
        }
        Ok((members.into(), path))
    };
    let (reference, reference_path) =
        image(results.reference_image().unwrap_or(&Value::Null), REFERENCE)?;
    let mut audit = Vec::new();
    let mut audit_paths = Vec::new();
    for (i, one) in results.audit_images().iter().enumerate() {
        let (members, path) = image(one, &audit_stem(i))?;
        audit.push(members);
        audit_paths.push(path);
    }
    let feedback: Vec<Json> = results
        .feedback()
        .iter()
        .map(|item| json!({ "Code": item.string("Code"), "Message": item.string("Message") }))
        .collect();
    let [kind, version] = results.challenge();
    let since_epoch = retrieved.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = json!({
        "SessionId": results.session_id(),
        "Status": results.status(),
        "Confidence": results.confidence(),
        "ReferenceImage": reference,
        "AuditImages": audit,
        "Challenge": { "Type": kind, "Version": version },
        "Feedback": feedback,
        "Metadata": { "SDKType": results.sdk_type() },
        "RequestId": response.request_id,
        "Region": retrieved.region,
        "Attempts": retrieved.attempts,
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
        request_id: response.request_id.clone(),
        region: retrieved.region,
        attempts: retrieved.attempts,
        retrieved_at: retrieved.at,
    })
}

/// The saved results of a session, if they are complete. Anything else in the folder (a link, a device, part of a file,
/// results of another session) is not a saved result.
pub fn load(dir: &Path, session_id: &str) -> Option<Saved> {
    let folder = dir.join(session_id);
    if !file::is_folder(&folder) {
        return None;
    }
    let text = file::read(&folder.join(RESULTS), MAX_RESPONSE_BODY, Links::Refuse).ok()?;
    let results = results_of(&text, session_id).ok()?;
    let mut images = results
        .reference_image()
        .into_iter()
        .chain(results.audit_images());
    if !is_final(results.status().as_deref())
        || images.any(|image| Blob::in_member(image, "Bytes").is_some())
    {
        return None;
    }
    drop(results);
    let root = Value::parse(&text).ok()?;
    let file = |image, stem: &str| file_of(&folder, session_id, image, stem);
    let reference = file(root.get("ReferenceImage")?, REFERENCE)?;
    let audit = match root.get("AuditImages")? {
        Value::Array(images) => {
            let files = images.iter().enumerate();
            let files = files.map(|(index, image)| file(image, &audit_stem(index)));
            files.collect::<Option<Vec<_>>>()?
        }
        _ => return None,
    };
    let string = |name| root.string(name).map(Cow::into_owned);
    let retrieved_at = time(root.number("RetrievedAt")?)?;
    let attempts = root.number("Attempts")? as u32;
    Some(Saved {
        reference,
        audit,
        request_id: string("RequestId"),
        region: string("Region"),
        attempts,
        retrieved_at,
        text,
    })
}

/// A time that was written as seconds since 1970.
pub fn time(seconds: f64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}

/// The face's bounding box in the image in this file, if it is one of a session: its `Width`, `Height`, `Left` and `Top`.
pub fn bounding_box(path: &Path) -> Option<[Option<f64>; 4]> {
    let results = path.parent()?.join(RESULTS);
    let text = file::read(&results, MAX_RESPONSE_BODY, Links::Refuse).ok()?;
    let results = session_results(&text).ok()?;
    let name = path.file_name()?.to_str();
    let stem = path.file_stem()?.to_str()?;
    let is_here = |image: &Value<'_>, own: &str| match image.string("File") {
        Some(file) => Some(&*file) == name,
        None => stem == own,
    };
    let reference = results.reference_image();
    let mut audit = results.audit_images().iter().enumerate();
    let image = reference
        .filter(|image| is_here(image, REFERENCE))
        .or_else(|| {
            Some(
                audit
                    .find(|(index, image)| is_here(image, &audit_stem(*index)))?
                    .1,
            )
        })?;
    Some(sides(image))
}

fn sides(image: &Value<'_>) -> [Option<f64>; 4] {
    let face = image.get("BoundingBox");
    ["Width", "Height", "Left", "Top"].map(|side| face?.number(side))
}

/// The file of an image, if it is complete and in this folder. `Some(None)` if the image has no file.
fn file_of(
    folder: &Path,
    session_id: &str,
    image: &Value<'_>,
    stem: &str,
) -> Option<Option<String>> {
    let name = match image.get("File") {
        None => return Some(file_added(folder, session_id, image, stem)),
        Some(Value::String(name)) => name.unescape()?,
        Some(_) => return None,
    };
    if !is_image(&name) {
        return None;
    }
    // Does not follow links.
    let found = fs::symlink_metadata(folder.join(&*name)).ok()?;
    let is_whole = found.is_file() && found.len() as f64 == image.number("Size")?;
    is_whole.then(|| Some(format!("{session_id}/{name}")))
}

/// The file of an image that was in a bucket when the results arrived, and was saved afterwards.
fn file_added(folder: &Path, session_id: &str, image: &Value<'_>, stem: &str) -> Option<String> {
    image.get("S3Object")?.string("Name")?;
    let mut names = ["jpg", "png"]
        .map(|extension| format!("{stem}.{extension}"))
        .into_iter();
    // Does not follow links.
    let is_file =
        |name: &String| fs::symlink_metadata(folder.join(name)).is_ok_and(|found| found.is_file());
    Some(format!("{session_id}/{}", names.find(is_file)?))
}

/// The name of an audit image's file, without the extension.
fn audit_stem(index: usize) -> String {
    format!("audit-{}", index + 1)
}

/// Whether images of a session are written to files of this name.
pub fn is_image(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let stem = name
        .strip_suffix(".jpg")
        .or_else(|| name.strip_suffix(".png"));
    stem.is_some_and(|stem| stem == REFERENCE || stem.strip_prefix("audit-").is_some_and(is_number))
}

fn describe(image: &Value<'_>) -> Map<String, Json> {
    let object = image.get("S3Object");
    let [bucket, name, version] =
        ["Bucket", "Name", "Version"].map(|name| object.and_then(|object| object.string(name)));
    let [width, height, left, top] = sides(image);
    let mut members = Map::new();
    members.insert(
        "S3Object".into(),
        json!({ "Bucket": bucket, "Name": name, "Version": version }),
    );
    members.insert(
        "BoundingBox".into(),
        json!({ "Width": width, "Height": height, "Left": left, "Top": top }),
    );
    members
}

/// Chosen by content: the service documents JPEG, and its examples show PNG as well.
fn extension(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "png"
    } else {
        "jpg"
    }
}

/// Creates a folder that only its owner can use.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    if file::is_folder(path) {
        Ok(())
    } else {
        Err(io::Error::other("it is a link, not a folder"))
    }
}

/// After this time a partial file belongs to no running process.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Removes the partial files of a killed process: they contain faces.
pub fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_part = entry.file_name().to_string_lossy().starts_with(PART);
        let modified = entry.metadata().and_then(|found| found.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if is_part && age.is_some_and(|age| age > ABANDONED) {
            // Another process may have removed it.
            let _ = fs::remove_file(entry.path());
        }
    }
}
