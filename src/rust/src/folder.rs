//! Folders of results.

use crate::argument::{self, strings, unexpected};
use crate::columns::{count, seconds, Columns};
use crate::output::{to_r, without_nul};
use extendr_api::prelude::*;
use rekognition_core::batch::folder::{self, Contents};
use rekognition_core::batch::{files, reviews, Row};
use rekognition_core::error::Error;
use rekognition_core::system_error;
use std::path::PathBuf;

type Result<T> = std::result::Result<T, Error>;

/// The IDs of the sessions that may be in a folder, in order.
#[extendr]
fn folder_sessions(dir: Robj) -> Robj {
    to_r(|| {
        let found = folder::sessions(&path(&dir)?);
        let found = found.map_err(|error| Error::file(String::new(), &error))?;
        Ok(found.into())
    })
}

/// The results of these sessions as the columns of a batch, and the places of sessions whose files are incomplete.
#[extendr]
fn folder_load(dir: Robj, session_ids: Robj) -> Robj {
    to_r(|| {
        let dir = path(&dir)?;
        let mut columns = Columns::default();
        let mut incomplete = Vec::new();
        for (index, id) in ids(&session_ids).into_iter().enumerate() {
            if let Some(saved) = files::load(&dir, &id) {
                columns.add(&Row::saved(index, id, saved), true);
                continue;
            }
            if folder::may_be_session(&dir, &id) {
                incomplete.push(count(index + 1));
            }
        }
        let columns = ("columns", columns.into_list(true));
        Ok(List::from_pairs([columns, ("incomplete", incomplete.into())]).into())
    })
}

/// What is in the folders of these sessions: see `Contents`. `files` is NA if there is no folder, or if there is a
/// `reason` why it cannot be listed.
#[extendr]
fn folder_contents(dir: Robj, session_ids: Robj) -> Robj {
    to_r(|| {
        let dir = path(&dir)?;
        let ids = ids(&session_ids);
        let found: Vec<_> = ids.iter().map(|id| folder::contents(&dir, id)).collect();
        let contents = || found.iter().map(|found| found.as_ref().ok()?.as_ref());
        let numbers = |of: &dyn Fn(&Contents) -> Option<f64>| -> Robj {
            let numbers = contents().map(|found| of(found?));
            numbers.collect::<Vec<Option<f64>>>().into()
        };
        let foreign = contents().map(|found| found?.foreign.as_deref().map(without_nul));
        let reasons = found
            .iter()
            .map(|found| found.as_ref().err().map(system_error));
        Ok(List::from_pairs([
            ("files", numbers(&|found| Some(found.files as f64))),
            ("bytes", numbers(&|found| Some(found.bytes as f64))),
            (
                "retrieved_at",
                numbers(&|found| found.retrieved_at.map(seconds)),
            ),
            (
                "modified_at",
                numbers(&|found| found.modified_at.map(seconds)),
            ),
            ("foreign", foreign.collect::<Vec<Option<String>>>().into()),
            ("reason", reasons.collect::<Vec<Option<String>>>().into()),
        ])
        .into())
    })
}

/// Deletes the folders of these sessions. Returns why one was not deleted, or NA.
#[extendr]
fn folder_delete(dir: Robj, session_ids: Robj) -> Robj {
    to_r(|| {
        let dir = path(&dir)?;
        let deleted = |id: String| {
            folder::delete(&dir, &id)
                .err()
                .map(|error| system_error(&error))
        };
        let reasons: Vec<Option<String>> = ids(&session_ids).into_iter().map(deleted).collect();
        Ok(reasons.into())
    })
}

/// Whether `reviews_delete()` can read and replace the file.
#[extendr]
fn reviews_check(dir: Robj) -> Robj {
    to_r(|| {
        reviews::check(&path(&dir)?).map_err(|error| Error::file(String::new(), &error))?;
        Ok(().into())
    })
}

/// Deletes what reviewers said about these sessions.
#[extendr]
fn reviews_delete(dir: Robj, session_ids: Robj) -> Robj {
    to_r(|| {
        let deleted = reviews::delete(&path(&dir)?, &ids(&session_ids).into_iter().collect());
        deleted.map_err(|error| Error::file(String::new(), &error))?;
        Ok(().into())
    })
}

fn path(dir: &Robj) -> Result<PathBuf> {
    argument::path(dir).ok_or_else(|| unexpected("dir"))
}

fn ids(session_ids: &Robj) -> Vec<String> {
    strings(session_ids).into_iter().flatten().collect()
}

extendr_module! {
    mod folder;
    fn folder_sessions;
    fn folder_load;
    fn folder_contents;
    fn folder_delete;
    fn reviews_check;
    fn reviews_delete;
}
