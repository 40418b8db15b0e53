//! Batches: start one, take its rows, cancel it.

use crate::argument::{native, number, strings, unexpected, Members};
use crate::call::{level, value_of};
use crate::columns::Columns;
use crate::input::{json, Direction};
use crate::later::waker;
use crate::output::{error_list, to_r};
use crate::vectors::{from_r, raw};
use extendr_api::prelude::*;
use rekognition_core::batch::{
    Batch, BatchRequest, Content, Delivered, Outcome, Polling, Sessions, Work,
};
use rekognition_core::error::Error;
use rekognition_core::s3::Object;
use rekognition_core::{Client, Response};
use std::time::Duration;

/// Starts a batch of the results of sessions. NULL if the client is from another process.
#[extendr]
fn batch_start(client: Robj, session_ids: Robj, options: Robj) -> Robj {
    start(&client, &options, |options| {
        let polling = options
            .duration("interval")
            .zip(options.duration("timeout"))
            .map(|(interval, timeout)| Polling { interval, timeout });
        Ok(Work::Sessions(Sessions {
            ids: strings(&session_ids).into_iter().flatten().collect(),
            dir: options.path("dir"),
            until_final: polling,
        }))
    })
}

/// Starts a batch of calls of an operation, whose arguments `batch_supply()` adds. NULL if the client is from another
/// process.
#[extendr]
fn batch_start_calls(client: Robj, operation: Robj, options: Robj) -> Robj {
    start(&client, &options, |_| {
        crate::call::operation(&operation).map(Work::Calls)
    })
}

/// Starts a batch of objects in S3. NULL if the client is from another process.
#[extendr]
fn batch_start_objects(client: Robj, objects: Robj, options: Robj) -> Robj {
    start(&client, &options, |_| {
        let objects = Members::of(&objects);
        let member = |name| objects.vector(name).map(strings).unwrap_or_default();
        let (buckets, keys) = (member("bucket"), member("key"));
        let objects = buckets.into_iter().zip(keys).zip(member("version"));
        let objects = objects.map(|((bucket, key), version)| {
            Some(Object {
                bucket: bucket?,
                key: key?,
                version,
            })
        });
        let objects: Option<Vec<_>> = objects.collect();
        objects
            .map(Work::Objects)
            .ok_or_else(|| unexpected("objects"))
    })
}

/// Adds a call with a list of its arguments. Returns NULL, or what is wrong with them.
#[extendr]
fn batch_supply(batch: Robj, arguments: Robj) -> Robj {
    to_r(|| {
        let batch = native::<Batch>(&batch).ok_or_else(|| unexpected("batch"))?;
        let Some(Content::Values(operation)) = batch.content() else {
            return Err(unexpected("batch of calls"));
        };
        match json(operation.input, &arguments, Direction::Input) {
            Ok(input) => batch.supply(input.into()),
            Err(problem) => return Ok(problem.into_list()),
        }
        Ok(().into())
    })
}

/// Ends a batch of calls after those that have been added.
#[extendr]
fn batch_close(batch: Robj) -> Robj {
    to_r(|| {
        if let Some(batch) = native::<Batch>(&batch) {
            batch.close();
        }
        Ok(().into())
    })
}

/// Takes the rows that are ready, as columns, and whether they are the last. Waits no longer than `seconds` for more of
/// them. An error is that of the batch as a whole.
#[extendr]
fn batch_take(batch: Robj, images: Robj, seconds: Robj) -> Robj {
    to_r(|| {
        let batch = native::<Batch>(&batch).ok_or_else(|| unexpected("batch"))?;
        let limit = Duration::try_from_secs_f64(number(&seconds).unwrap_or(0.0));
        let keep_images = images.as_bool().unwrap_or(true);
        let delivered = batch.take(limit.unwrap_or_default());
        if let Some(error) = delivered.failed {
            return Err(error);
        }
        Ok(match batch.content() {
            Some(Content::Values(operation)) => {
                values(&delivered, |response| value_of(operation, response))
            }
            Some(Content::Objects) => values(&delivered, object),
            Some(Content::Results) | None => {
                let mut columns = Columns::default();
                for row in delivered.rows {
                    columns.add(&row, keep_images);
                }
                columns.into_list(delivered.ended)
            }
        })
    })
}

fn start(
    client: &Robj,
    options: &Robj,
    work: impl FnOnce(&Members) -> std::result::Result<Work, Error>,
) -> Robj {
    to_r(|| {
        let Some(client) = native::<Client>(client) else {
            return Ok(().into());
        };
        let options = Members::of(options);
        let request = BatchRequest {
            work: work(&options)?,
            max_active: options.number("max_active").unwrap_or(1.0) as usize,
            level: level(options.vector("log_level"))?,
        };
        // R's numbers of a promise and of its event loop.
        let wake = options
            .number("wake_id")
            .zip(options.number("loop_id"))
            .map(|(id, event_loop)| waker(id as i32, event_loop as i32));
        Ok(ExternalPtr::new(Batch::start(client, request, wake)?).into())
    })
}

/// An object, as raw bytes.
fn object(response: &Response) -> std::result::Result<Robj, Error> {
    let body = response.body();
    let bytes = single_threaded(|| {
        raw(body.len(), |out| {
            out.copy_from_slice(body);
            Ok::<_, Error>(())
        })
        .map(|bytes| bytes.map(from_r))
    });
    bytes.ok_or(Error::NoMemory)?
}

/// The values of calls or objects, or their errors, and their places among those that were added.
fn values(
    delivered: &Delivered,
    value: impl Fn(&Response) -> std::result::Result<Robj, Error>,
) -> Robj {
    let mut places = Vec::new();
    let mut values = Vec::new();
    for row in &delivered.rows {
        let value = match &row.outcome {
            Ok(Outcome::Response(response) | Outcome::Unsaved(response, _)) => value(response),
            // They are not saved.
            Ok(Outcome::Saved(_)) => Err(unexpected("response")),
            Err(error) => Err(error.clone()),
        };
        places.push(i32::try_from(row.index + 1).unwrap_or(i32::MAX));
        values.push(value.unwrap_or_else(|error| error_list(&error)));
    }
    List::from_pairs([
        ("ended", Robj::from(delivered.ended)),
        ("index", places.into()),
        ("value", List::from_values(values).into()),
    ])
    .into()
}

/// Takes the lines of a batch's log.
#[extendr]
fn batch_log(batch: Robj) -> Robj {
    to_r(|| {
        let lines = native::<Batch>(&batch).map(Batch::take_log);
        Ok(lines.unwrap_or_default().into())
    })
}

/// Cancels a batch.
#[extendr]
fn batch_cancel(batch: Robj) -> Robj {
    to_r(|| {
        if let Some(batch) = native::<Batch>(&batch) {
            batch.cancel();
        }
        Ok(().into())
    })
}

extendr_module! {
    mod batch;
    fn batch_start;
    fn batch_start_calls;
    fn batch_start_objects;
    fn batch_supply;
    fn batch_close;
    fn batch_take;
    fn batch_log;
    fn batch_cancel;
}
