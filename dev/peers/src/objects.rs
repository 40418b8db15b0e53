//! Objects in S3: a batch that fetches them, and responses of S3.

use crate::Reply;
use rekognition_core::batch::{Batch, BatchRequest, Outcome, Work};
use rekognition_core::call::log::Level;
use rekognition_core::error::{Error, ServiceError};
use rekognition_core::s3::Object;
use rekognition_core::Client;
use std::time::Duration;

/// The name of a bucket.
pub const BUCKET: &str = "faces";

/// The latest version of an object.
pub fn object(bucket: &str, key: &str) -> Object {
    Object {
        bucket: bucket.into(),
        key: key.into(),
        version: None,
    }
}

/// Fetches objects: their bytes or errors in order, or the error of the whole batch; and the log.
pub fn fetch_all(client: &Client, objects: Vec<Object>) -> (Vec<Result<Vec<u8>, Error>>, String) {
    let mut fetched = vec![Err(Error::NoMemory); objects.len()];
    let request = BatchRequest {
        work: Work::Objects(objects),
        max_active: 2,
        level: Level::Debug,
    };
    let batch = Batch::start(client, request, None).expect("a batch");
    loop {
        let taken = batch.take(Duration::from_secs(60));
        if let Some(error) = taken.failed {
            return (vec![Err(error)], batch.take_log().join("\n"));
        }
        for row in taken.rows {
            fetched[row.index] = row.outcome.map(|outcome| match outcome {
                Outcome::Response(response) => response.body().to_vec(),
                other => panic!("{other:?}"),
            });
        }
        if taken.ended {
            return (fetched, batch.take_log().join("\n"));
        }
    }
}

/// Fetches the object of this key in [`BUCKET`].
pub fn fetch(client: &Client, key: &str) -> Result<Vec<u8>, Error> {
    fetch_all(client, vec![object(BUCKET, key)]).0.remove(0)
}

/// The error that S3 sent.
pub fn error_of_s3(result: Result<Vec<u8>, Error>) -> ServiceError {
    match result {
        Err(Error::Service(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// A response with an error.
pub fn refused(status: u16, code: &str, more: &str) -> Reply {
    let error = format!("<Error><Code>{code}</Code><Message>m</Message>{more}</Error>");
    Reply {
        status,
        headers: vec![("x-amz-request-id", "4442587FB7D0A2F9".into())],
        body: format!("<?xml version=\"1.0\"?>\n{error}").into(),
    }
}

/// A response with an object.
pub fn found(body: &str) -> Reply {
    (200, body.to_owned()).into()
}
