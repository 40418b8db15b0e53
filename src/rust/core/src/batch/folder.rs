//! A folder of results as a whole: which sessions are in it, and their deletion. Links are not followed.

use crate::batch::files::{is_image, time, RESULTS};
use crate::file::{self, Kind, Links, PART};
use crate::http::body::MAX_RESPONSE_BODY;
use crate::json::Value;
use crate::results::results_of;
use std::fs::{self, DirEntry, ReadDir};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The files of a session.
#[derive(Debug, Default)]
pub struct Contents {
    /// The number of files that batches write.
    pub files: usize,
    /// Their size.
    pub bytes: u64,
    /// When the response arrived; absent if there is no `results.json`.
    pub retrieved_at: Option<SystemTime>,
    /// When one of these files was last modified.
    pub modified_at: Option<SystemTime>,
    /// One of the other names in the folder, and of files that are not what their names say.
    pub foreign: Option<String>,
}

/// The folders that may be those of sessions, by name.
pub fn sessions(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let name = entry.file_name().into_string();
        names.extend(
            name.into_iter()
                .filter(|name| is_folder && is_session_id(name)),
        );
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a session of this ID can have a folder.
fn is_session_id(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    name.len() <= 200
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(is_plain)
}

/// Whether a folder may be that of a session although its results cannot be loaded.
pub fn may_be_session(dir: &Path, session_id: &str) -> bool {
    let has_results = || file::kind(&dir.join(session_id).join(RESULTS)) != Kind::Absent;
    match contents(dir, session_id) {
        Ok(None) => false,
        Ok(Some(contents)) => contents.files > 0 || has_results(),
        Err(_) => true,
    }
}

/// What is in the folder of a session. `None` if there is nothing of this name.
pub fn contents(dir: &Path, session_id: &str) -> io::Result<Option<Contents>> {
    let Some(entries) = entries(&dir.join(session_id))? else {
        return Ok(None);
    };
    let mut contents = Contents::default();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == RESULTS {
            contents.retrieved_at = retrieved_at(&entry, session_id);
        }
        // Another process may delete it in the meantime.
        let Ok(found) = entry.metadata() else {
            continue;
        };
        if !written_here(&entry, &name) && (name != RESULTS || contents.retrieved_at.is_none()) {
            // A damaged `results.json` only if there is nothing else.
            if contents
                .foreign
                .as_deref()
                .is_none_or(|other| other == RESULTS)
            {
                contents.foreign = Some(name);
            }
        } else {
            contents.files += 1;
            contents.bytes += found.len();
            contents.modified_at = contents.modified_at.max(found.modified().ok());
        }
    }
    Ok(Some(contents))
}

/// Deletes the folder of a session. `results.json` is deleted first: what is left after an error is not a result.
pub fn delete(dir: &Path, session_id: &str) -> io::Result<()> {
    let folder = dir.join(session_id);
    let Some(entries) = entries(&folder)? else {
        return Ok(());
    };
    unless_absent(fs::remove_file(folder.join(RESULTS)))?;
    for entry in entries {
        let entry = entry?;
        if written_here(&entry, &entry.file_name().to_string_lossy()) {
            unless_absent(fs::remove_file(entry.path()))?;
        }
    }
    // Fails if something else is in it.
    unless_absent(fs::remove_dir(&folder)).map(drop)
}

/// What is in the folder of a session. `None` if there is nothing of this name.
fn entries(folder: &Path) -> io::Result<Option<ReadDir>> {
    let found = unless_absent(fs::symlink_metadata(folder))?;
    match found.map(|found| found.is_dir()) {
        None => Ok(None),
        Some(true) => unless_absent(fs::read_dir(folder)),
        Some(false) => Err(io::Error::other("it is a link or a file, not a folder")),
    }
}

/// Other processes may delete the same sessions.
fn unless_absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Whether this is an image that a batch has written, or a part of a file.
fn written_here(entry: &DirEntry, name: &str) -> bool {
    (is_image(name) || name.starts_with(PART)) && entry.file_type().is_ok_and(|kind| kind.is_file())
}

/// When the response in this `results.json` arrived. `None` if it is not that of the session.
fn retrieved_at(entry: &DirEntry, session_id: &str) -> Option<SystemTime> {
    let text = file::read(&entry.path(), MAX_RESPONSE_BODY, Links::Refuse).ok()?;
    results_of(&text, session_id).ok()?;
    let seconds = Value::parse(&text).ok()?.number("RetrievedAt")?;
    time(seconds)
}
