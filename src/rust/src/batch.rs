//! Batches: start one, take its rows, cancel it.

use crate::argument::{native, number, strings, unexpected, Members};
use crate::call::level;
use crate::columns::Columns;
use crate::later::waker;
use crate::output::to_r;
use extendr_api::prelude::*;
use rekognition_core::batch::{Batch, BatchRequest, Polling};
use rekognition_core::Client;
use std::time::Duration;

/// Starts a batch. NULL if the client is from another process.
#[extendr]
fn batch_start(client: Robj, session_ids: Robj, options: Robj) -> Robj {
    to_r(|| {
        let Some(client) = native::<Client>(&client) else {
            return Ok(().into());
        };
        let options = Members::of(&options);
        let polling = options
            .duration("interval")
            .zip(options.duration("timeout"))
            .map(|(interval, timeout)| Polling { interval, timeout });
        let request = BatchRequest {
            session_ids: strings(&session_ids).into_iter().flatten().collect(),
            max_active: options.number("max_active").unwrap_or(1.0) as usize,
            dir: options.path("dir"),
            until_final: polling,
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
        let mut columns = Columns::default();
        for row in delivered.rows {
            columns.add(&row, keep_images);
        }
        Ok(columns.into_list(delivered.ended))
    })
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
    fn batch_take;
    fn batch_log;
    fn batch_cancel;
}
