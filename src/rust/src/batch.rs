//! Batches: start one, take rows, cancel it.

use crate::answer::{answer, error_list};
use crate::argument::{native, number, strings, unexpected, Members};
use crate::call::level;
use crate::later::waker;
use crate::list;
use extendr_api::prelude::*;
use rekognition_core::batch::files::Saved;
use rekognition_core::batch::{Batch, BatchRequest, Outcome, Polling, Row};
use rekognition_core::error::Error;
use rekognition_core::response::{self, SessionResults, Unreadable};
use rekognition_core::{Client, Response};
use std::time::{Duration, UNIX_EPOCH};

/// Starts a batch. NULL if the client is from another session.
#[extendr]
fn batch_start(client: Robj, session_ids: Robj, options: Robj) -> Robj {
    answer(|| {
        let Some(client) = native::<Client>(&client) else {
            return Ok(().into());
        };
        let options = Members::of(&options);
        let polling = options
            .duration("interval")
            .zip(options.duration("timeout"))
            .map(|(interval, timeout)| Polling { interval, timeout });
        let order = BatchRequest {
            session_ids: strings(&session_ids).into_iter().flatten().collect(),
            max_active: options.number("max_active").unwrap_or(1.0) as usize,
            dir: options.path("dir"),
            until_final: polling,
            level: level(options.vector("log_level"))?,
        };
        // R's numbers of a promise and of the loop that it lives in.
        let wake = options
            .number("wake_id")
            .zip(options.number("loop_id"))
            .map(|(id, event_loop)| waker(id as i32, event_loop as i32));
        Ok(ExternalPtr::new(Batch::start(client, order, wake)?).into())
    })
}

/// Rows that have come within this number of seconds, column by column, and whether they are the last. Or why the batch
/// has failed as a whole.
#[extendr]
fn batch_take(batch: Robj, images: Robj, seconds: Robj) -> Robj {
    answer(|| {
        let batch = native::<Batch>(&batch).ok_or_else(|| unexpected("batch"))?;
        let patience = Duration::try_from_secs_f64(number(&seconds).unwrap_or(0.0));
        let images = images.as_bool().unwrap_or(true);
        let taken = batch.take(patience.unwrap_or_default());
        if let Some(fault) = taken.failed {
            return Err(fault);
        }
        let mut columns = Columns::with_capacity(taken.rows.len());
        for row in taken.rows {
            columns.add(row, images);
        }
        Ok(columns.into_list(taken.ended))
    })
}

/// The lines that a batch's log has got since it was last asked.
#[extendr]
fn batch_log(batch: Robj) -> Robj {
    answer(|| {
        let lines = native::<Batch>(&batch).map(Batch::take_log);
        Ok(lines.unwrap_or_default().into())
    })
}

/// Cancels a batch.
#[extendr]
fn batch_cancel(batch: Robj) -> Robj {
    answer(|| {
        if let Some(batch) = native::<Batch>(&batch) {
            batch.cancel();
        }
        Ok(().into())
    })
}

#[derive(Default)]
struct Columns {
    index: Vec<i32>,
    status: Vec<Option<String>>,
    confidence: Vec<Option<f64>>,
    reference_image: Vec<Robj>,
    audit_images: Vec<Robj>,
    n_audit_images: Vec<i32>,
    challenge_type: Vec<Option<String>>,
    challenge_version: Vec<Option<String>>,
    feedback: Vec<Robj>,
    sdk_type: Vec<Option<String>>,
    error: Vec<Robj>,
    request_id: Vec<Option<String>>,
    attempts: Vec<i32>,
    retrieved_at: Vec<f64>,
}

impl Columns {
    fn with_capacity(rows: usize) -> Self {
        Columns {
            index: Vec::with_capacity(rows),
            ..Columns::default()
        }
    }

    fn add(&mut self, row: Row, images: bool) {
        self.index
            .push(i32::try_from(row.index + 1).unwrap_or(i32::MAX));
        self.attempts
            .push(i32::try_from(row.attempts).unwrap_or(i32::MAX));
        let since_epoch = row.retrieved_at.duration_since(UNIX_EPOCH);
        self.retrieved_at
            .push(since_epoch.unwrap_or_default().as_secs_f64());
        let added = match row.outcome {
            Err(fault) => Err(fault),
            Ok(Outcome::Saved(saved)) => self.add_saved(&saved, &row.session_id, images),
            Ok(Outcome::Response(answer)) => {
                self.add_answer(&answer, &row.session_id, images, None)
            }
            Ok(Outcome::Unsaved(answer, fault)) => {
                self.add_answer(&answer, &row.session_id, images, Some(&fault))
            }
        };
        if let Err(fault) = added {
            self.add_fault(&fault);
        }
    }

    /// `beside` is what went wrong with its files.
    fn add_answer(
        &mut self,
        answer: &Response,
        session_id: &str,
        images: bool,
        beside: Option<&Error>,
    ) -> std::result::Result<(), Error> {
        let unreadable = |problem| answer.invalid(problem);
        let results = response::results_of(answer.body(), session_id).map_err(unreadable)?;
        let pictures = if images {
            list::pictures(&results).map_err(unreadable)?
        } else {
            list::no_pictures()
        };
        self.add_results(&results, pictures, answer.request_id.as_deref(), beside);
        Ok(())
    }

    fn add_saved(
        &mut self,
        saved: &Saved,
        session_id: &str,
        images: bool,
    ) -> std::result::Result<(), Error> {
        let broken = |problem| match problem {
            Unreadable::NoMemory => Error::NoMemory,
            Unreadable::Wrong(reason) => Error::Internal {
                reason: format!("saved results cannot be read: {reason}"),
            },
        };
        let results = response::results_of(&saved.text, session_id).map_err(broken)?;
        let pictures = if images {
            list::files(&results, saved.reference.clone(), &saved.audit).map_err(broken)?
        } else {
            list::no_pictures()
        };
        self.add_results(&results, pictures, saved.request_id.as_deref(), None);
        Ok(())
    }

    fn add_results(
        &mut self,
        results: &SessionResults<'_>,
        (reference, audit): (Robj, Robj),
        request_id: Option<&str>,
        beside: Option<&Error>,
    ) {
        self.status.push(string(results.status.as_deref()));
        self.confidence.push(results.confidence);
        self.reference_image.push(reference);
        self.audit_images.push(audit);
        let count = results.audit_images.len();
        self.n_audit_images
            .push(i32::try_from(count).unwrap_or(i32::MAX));
        let challenge = &results.challenge;
        self.challenge_type.push(string(challenge.kind.as_deref()));
        self.challenge_version
            .push(string(challenge.version.as_deref()));
        self.feedback.push(list::feedback(&results.feedback));
        self.sdk_type.push(string(results.sdk_type.as_deref()));
        self.error
            .push(beside.map_or_else(|| ().into(), error_list));
        self.request_id.push(string(request_id));
    }

    fn add_fault(&mut self, fault: &Error) {
        let request_id = match fault {
            Error::Service(error) => error.request_id.as_deref(),
            Error::InvalidResponse { request_id, .. } => request_id.as_deref(),
            _ => None,
        };
        let (reference, audit) = list::no_pictures();
        self.status.push(None);
        self.confidence.push(None);
        self.reference_image.push(reference);
        self.audit_images.push(audit);
        self.n_audit_images.push(0);
        self.challenge_type.push(None);
        self.challenge_version.push(None);
        self.feedback.push(list::feedback(&[]));
        self.sdk_type.push(None);
        self.error.push(error_list(fault));
        self.request_id.push(string(request_id));
    }

    fn into_list(self, ended: bool) -> Robj {
        let list = |column: Vec<Robj>| -> Robj { List::from_values(column).into() };
        List::from_pairs([
            ("ended", ended.into()),
            ("index", self.index.into()),
            ("status", self.status.into()),
            ("confidence", self.confidence.into()),
            ("reference_image", list(self.reference_image)),
            ("audit_images", list(self.audit_images)),
            ("n_audit_images", self.n_audit_images.into()),
            ("challenge_type", self.challenge_type.into()),
            ("challenge_version", self.challenge_version.into()),
            ("feedback", list(self.feedback)),
            ("sdk_type", self.sdk_type.into()),
            ("error", list(self.error)),
            ("request_id", self.request_id.into()),
            ("attempts", self.attempts.into()),
            ("retrieved_at", self.retrieved_at.into()),
        ])
        .into()
    }
}

/// A string for R, which knows no NUL.
fn string(value: Option<&str>) -> Option<String> {
    value.map(|value| value.replace('\0', "\u{fffd}"))
}

extendr_module! {
    mod batch;
    fn batch_start;
    fn batch_take;
    fn batch_log;
    fn batch_cancel;
}
