//! The columns of a batch's results.

use crate::images;
use crate::output::{error_list, without_nul};
use extendr_api::prelude::*;
use rekognition_core::batch::files::Saved;
use rekognition_core::batch::{Outcome, Row};
use rekognition_core::error::Error;
use rekognition_core::response::Unreadable;
use rekognition_core::results::{results_of, SessionResults};
use rekognition_core::Response;
use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

/// Declares the columns: name, type, and the cell that a row has in it. The cells of an error's row are made of empty
/// results.
macro_rules! columns {
    ($cells:ident: $($name:ident: $type:ty = $cell:expr;)*) => {
        /// Rows, column by column.
        #[derive(Default)]
        pub struct Columns {
            $($name: Vec<$type>,)*
        }

        impl Columns {
            fn push(&mut self, $cells: Cells<'_>) {
                $(self.$name.push($cell);)*
            }

            /// The columns, and whether the rows are the last.
            pub fn into_list(self, ended: bool) -> Robj {
                List::from_pairs([
                    ("ended", ended.into()),
                    $((stringify!($name), Cell::column(self.$name)),)*
                ])
                .into()
            }
        }
    };
}

columns! { cells:
    index: i32 = count(cells.row.index + 1);
    status: Option<String> = string(cells.results.status());
    confidence: Option<f64> = cells.results.confidence();
    reference_image: Robj = cells.images.0;
    audit_images: Robj = cells.images.1;
    n_audit_images: i32 = count(cells.results.audit_images().len());
    challenge_type: Option<String> = string(cells.results.challenge()[0].take());
    challenge_version: Option<String> = string(cells.results.challenge()[1].take());
    feedback: Robj = images::feedback(cells.results.feedback());
    sdk_type: Option<String> = string(cells.results.sdk_type());
    error: Robj = cells.error.map_or_else(|| ().into(), error_list);
    request_id: Option<String> = cells.request_id.map(without_nul);
    attempts: i32 = count(cells.row.attempts as usize);
    retrieved_at: Option<f64> = Some(seconds(cells.row.retrieved_at));
    region: Option<String> = cells.row.region.as_deref().map(without_nul);
}

/// What the cells of one row are made of.
struct Cells<'r> {
    row: &'r Row,
    results: &'r SessionResults<'r>,
    /// The reference image and the audit images.
    images: (Robj, Robj),
    request_id: Option<&'r str>,
    error: Option<&'r Error>,
}

impl Columns {
    /// Adds a row. Its images are left out unless they are kept.
    pub fn add(&mut self, row: &Row, keep_images: bool) {
        let added = match &row.outcome {
            Ok(Outcome::Response(response)) => self.add_response(row, response, None, keep_images),
            Ok(Outcome::Unsaved(response, error)) => {
                self.add_response(row, response, Some(error), keep_images)
            }
            Ok(Outcome::Saved(saved)) => self.add_saved(row, saved, keep_images),
            Err(error) => {
                self.add_error(row, error);
                Ok(())
            }
        };
        if let Err(error) = added {
            self.add_error(row, &error);
        }
    }

    /// `error` says why the results could not be saved.
    fn add_response(
        &mut self,
        row: &Row,
        response: &Response,
        error: Option<&Error>,
        keep_images: bool,
    ) -> std::result::Result<(), Error> {
        let invalid = |problem| response.invalid(problem);
        let results = results_of(response.body(), &row.session_id).map_err(invalid)?;
        let images = if keep_images {
            images::of_results(&results).map_err(invalid)?
        } else {
            images::none()
        };
        self.push(Cells {
            row,
            results: &results,
            images,
            request_id: response.request_id.as_deref(),
            error,
        });
        Ok(())
    }

    fn add_saved(
        &mut self,
        row: &Row,
        saved: &Saved,
        keep_images: bool,
    ) -> std::result::Result<(), Error> {
        let invalid = |problem| match problem {
            Unreadable::NoMemory => Error::NoMemory,
            Unreadable::Wrong(reason) => Error::Internal {
                reason: format!("the saved results cannot be read: {reason}"),
            },
        };
        let results = results_of(&saved.text, &row.session_id).map_err(invalid)?;
        let images = if keep_images {
            images::of_files(&results, saved.reference.clone(), &saved.audit).map_err(invalid)?
        } else {
            images::none()
        };
        self.push(Cells {
            row,
            results: &results,
            images,
            request_id: saved.request_id.as_deref(),
            error: None,
        });
        Ok(())
    }

    fn add_error(&mut self, row: &Row, error: &Error) {
        let request_id = match error {
            Error::Service(error) => error.request_id.as_deref(),
            Error::InvalidResponse { request_id, .. } => request_id.as_deref(),
            _ => None,
        };
        self.push(Cells {
            row,
            results: &SessionResults::default(),
            images: images::none(),
            request_id,
            error: Some(error),
        });
    }
}

/// A type of cells that R has vectors for.
trait Cell: Sized {
    fn column(cells: Vec<Self>) -> Robj;
}

impl Cell for Robj {
    fn column(cells: Vec<Self>) -> Robj {
        List::from_values(cells).into()
    }
}

impl Cell for i32 {
    fn column(cells: Vec<Self>) -> Robj {
        cells.into()
    }
}

impl Cell for Option<f64> {
    fn column(cells: Vec<Self>) -> Robj {
        cells.into()
    }
}

impl Cell for Option<String> {
    fn column(cells: Vec<Self>) -> Robj {
        cells.into()
    }
}

fn string(value: Option<Cow<'_, str>>) -> Option<String> {
    value.as_deref().map(without_nul)
}

/// A number of things in R's integers.
pub fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A time as seconds since 1970.
pub fn seconds(time: SystemTime) -> f64 {
    let since_epoch = time.duration_since(UNIX_EPOCH);
    since_epoch.unwrap_or_default().as_secs_f64()
}
