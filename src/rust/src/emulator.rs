//! Emulators.

mod faults;
mod requests;

use crate::argument::{native, native_mut, number, string, strings, unexpected, Members};
use crate::input::{self, Direction};
use crate::json;
use crate::output::{text, to_r};
use crate::vectors;
use extendr_api::prelude::*;
use rekognition_core::error::Error;
use rekognition_core::process::InProcess;
use rekognition_core::system_error;
use rekognition_emulator::{
    is_image, BoundingBox, Bytes, CheckOutcome, Emulator, Keys, Options, Plan, Reply, Timing,
};
use rekognition_model::model;
use std::convert::Infallible;
use std::io::ErrorKind;

type Built = std::result::Result<Robj, Error>;

/// Starts an emulator.
#[extendr]
fn emulator_start(
    region: Robj,
    port: Robj,
    starts_after: Robj,
    takes: Robj,
    keeps_video: Robj,
    keys: Robj,
) -> Robj {
    to_r(|| {
        let keys = Members::of(&keys);
        let keys = keys
            .string("access_key_id")
            .zip(keys.string("secret_access_key"));
        let options = Options {
            region: string(&region).ok_or_else(|| unexpected("region"))?,
            port: number(&port).unwrap_or(0.0) as u16,
            timing: Timing {
                starts_after: number(&starts_after).unwrap_or(f64::INFINITY),
                takes: number(&takes).unwrap_or(0.0),
            },
            keeps_video: keeps_video.as_bool().unwrap_or(false),
            keys: keys.map(|(access_key_id, secret_access_key)| Keys {
                access_key_id,
                secret_access_key,
                session_token: None,
            }),
        };
        let port = options.port;
        let emulator = Emulator::start(options).map_err(|error| match error.kind() {
            // From starting the thread: binding a port does not return this kind.
            ErrorKind::WouldBlock => Error::no_thread(&error),
            _ => Error::config(
                "port",
                format!(
                    "the emulator cannot listen on port {port} of 127.0.0.1: {}; choose another `port`",
                    system_error(&error)
                ),
            ),
        })?;
        Ok(ExternalPtr::new(InProcess::new(emulator)).into())
    })
}

/// The URL and keys. NULL if the emulator is stopped or runs in another process.
#[extendr]
fn emulator_describe(emulator: Robj) -> Robj {
    with(&emulator, |emulator| {
        let mut description = vec![("url", text(&emulator.url()))];
        description.extend(keys_list(emulator.keys()));
        Ok(List::from_pairs(description).into())
    })
}

/// Creates temporary keys, limited by a policy if there is one. A string that says why if the policy cannot be used.
#[extendr]
fn emulator_temporary_keys(emulator: Robj, seconds: Robj, policy: Robj) -> Robj {
    with(&emulator, |emulator| {
        let seconds = number(&seconds).unwrap_or(0.0);
        let keys = match string(&policy) {
            Some(policy) => emulator.restricted_keys(seconds, &policy),
            None => Ok(emulator.temporary_keys(seconds)),
        };
        Ok(match keys {
            Ok(keys) => List::from_pairs(keys_list(&keys)).into(),
            Err(refusal) => text(refusal.message.as_deref().unwrap_or_default()),
        })
    })
}

/// Advances the clock.
#[extendr]
fn emulator_advance(emulator: Robj, seconds: Robj) -> Robj {
    with(&emulator, |emulator| {
        emulator.advance(number(&seconds).unwrap_or(0.0));
        Ok(true.into())
    })
}

/// Completes a check. FALSE if there is no such session, or the position of the first element that is not an image.
#[extendr]
fn emulator_check(emulator: Robj, session_id: Robj, outcome: Robj) -> Robj {
    with(&emulator, |emulator| {
        let session_id = string(&session_id).ok_or_else(|| unexpected("session ID"))?;
        Ok(match check_outcome(emulator, &outcome)? {
            Ok(outcome) => emulator.check(&session_id, outcome).into(),
            Err(number) => number.into(),
        })
    })
}

/// Sets the outcome of a check that is going to be streamed. FALSE if there is no such session, NA if it is too late, the
/// position of the first element that is not an image.
#[extendr]
fn emulator_plan(emulator: Robj, session_id: Robj, outcome: Robj) -> Robj {
    with(&emulator, |emulator| {
        let session_id = string(&session_id).ok_or_else(|| unexpected("session ID"))?;
        Ok(match check_outcome(emulator, &outcome)? {
            Ok(outcome) => match emulator.plan(&session_id, outcome) {
                Plan::Set => true.into(),
                Plan::NoSession => false.into(),
                Plan::TooLate => Rbool::na().into(),
            },
            Err(number) => number.into(),
        })
    })
}

/// The outcome, or the position of the first element that is not an image.
fn check_outcome(
    emulator: &Emulator,
    outcome: &Robj,
) -> std::result::Result<std::result::Result<CheckOutcome, i32>, Error> {
    let members = Members::of(outcome);
    let feedback = members.vector("feedback").map(strings).unwrap_or_default();
    let images = members.vector("images").and_then(|images| images.as_list());
    let images = images.into_iter().flat_map(|images| images.into_iter());
    let images = images.zip(1..).map(|((_, image), number)| {
        let bytes = image_bytes(emulator, &image);
        bytes.filter(|bytes| is_image(bytes)).ok_or(number)
    });
    let images = match images.collect() {
        Ok(images) => images,
        Err(number) => return Ok(Err(number)),
    };
    Ok(Ok(CheckOutcome {
        status: members
            .string("status")
            .ok_or_else(|| unexpected("status"))?,
        confidence: members.number("confidence"),
        feedback: feedback.into_iter().flatten().collect(),
        reference_image: members.flag("reference_image").unwrap_or(true),
        images,
    }))
}

/// The bytes of an image, which is a raw vector, or an object in one of the emulator's buckets.
fn image_bytes(emulator: &Emulator, image: &Robj) -> Option<Bytes> {
    if let Some(bytes) = image.as_raw_slice() {
        return Some(Bytes::copy_from_slice(bytes));
    }
    let object = Members::of(image);
    let version = object.string("Version");
    emulator.object(
        &object.string("Bucket")?,
        &object.string("Name")?,
        version.as_deref(),
    )
}

/// The video of a session. FALSE if there is none.
#[extendr]
fn emulator_video(emulator: Robj, session_id: Robj) -> Robj {
    with(&emulator, |emulator| {
        let session_id = string(&session_id).ok_or_else(|| unexpected("session ID"))?;
        Ok(match emulator.video(&session_id) {
            Some(video) => raw_vector(&video)?,
            None => false.into(),
        })
    })
}

fn raw_vector(bytes: &[u8]) -> Built {
    let vector = vectors::raw(bytes.len(), |vector| {
        vector.copy_from_slice(bytes);
        Ok(())
    });
    let vector: std::result::Result<_, Infallible> = vector.ok_or(Error::NoMemory)?;
    match vector {
        Ok(vector) => Ok(vectors::from_r(vector)),
    }
}

/// Adds a face to an image, or removes its faces if there is no person. FALSE if it is not an image.
#[extendr]
fn emulator_face(emulator: Robj, image: Robj, person: Robj, bounding_box: Robj) -> Robj {
    with(&emulator, |emulator| {
        let image = image.as_raw_slice().ok_or_else(|| unexpected("image"))?;
        let members = Members::of(&bounding_box);
        let bounding_box = members.number("Width").map(|width| BoundingBox {
            width,
            height: members.number("Height").unwrap_or_default(),
            left: members.number("Left").unwrap_or_default(),
            top: members.number("Top").unwrap_or_default(),
        });
        let person = string(&person);
        let is_image = emulator.add_face(image, person.as_deref(), bounding_box);
        Ok(is_image.into())
    })
}

/// Makes a bucket, in the emulator's region if there is none.
#[extendr]
fn emulator_put_bucket(emulator: Robj, bucket: Robj, region: Robj, versioning: Robj) -> Robj {
    with(&emulator, |emulator| {
        let bucket = string(&bucket).ok_or_else(|| unexpected("bucket"))?;
        let region = string(&region);
        let versioning = versioning.as_bool().unwrap_or(false);
        emulator.put_bucket(&bucket, region.as_deref(), versioning);
        Ok(true.into())
    })
}

/// Sets the response for a session: a list, a string, or bytes.
#[extendr]
fn emulator_put_result(
    emulator: Robj,
    session_id: Robj,
    result: Robj,
    status: Robj,
    headers: Robj,
) -> Robj {
    with(&emulator, |emulator| {
        let session_id = string(&session_id).ok_or_else(|| unexpected("session ID"))?;
        emulator.put_result(&session_id, reply(body(&result), &status, &headers));
        Ok(true.into())
    })
}

/// Sets the response to requests of an operation: a string, bytes, or a list, which must be of the output's shape unless it
/// is an error. FALSE if there is no such operation.
#[extendr]
fn emulator_put_response(
    emulator: Robj,
    operation: Robj,
    response: Robj,
    times: Robj,
    status: Robj,
    headers: Robj,
) -> Robj {
    with(&emulator, |emulator| {
        let operation = string(&operation).and_then(|name| model().operation(&name));
        let Some(operation) = operation else {
            return Ok(false.into());
        };
        let is_error = number(&status).is_some_and(|status| status >= 300.0);
        let body = if response.rtype() == Rtype::List && !is_error {
            match input::json(operation.output, &response, Direction::Output) {
                Ok(body) => body,
                Err(problem) => return Ok(problem.in_member("response").into_list()),
            }
        } else {
            body(&response)
        };
        let times = number(&times).unwrap_or(f64::INFINITY) as u64;
        emulator.put_response(&operation.name, reply(body, &status, &headers), times);
        Ok(true.into())
    })
}

/// The body of a response that is not held to a shape.
fn body(response: &Robj) -> Vec<u8> {
    match response.rtype() {
        Rtype::Raw => response.as_raw_slice().unwrap_or_default().to_vec(),
        Rtype::Strings => string(response).unwrap_or_default().into_bytes(),
        _ if response.is_empty() => b"{}".to_vec(),
        _ => json::from_robj(response)
            .unwrap_or_else(|| serde_json::json!({}))
            .to_string()
            .into_bytes(),
    }
}

fn reply(body: Vec<u8>, status: &Robj, headers: &Robj) -> Reply {
    let names = headers.names().into_iter().flatten().map(str::to_owned);
    Reply {
        status: number(status).unwrap_or(200.0) as u16,
        headers: names.zip(strings(headers).into_iter().flatten()).collect(),
        body,
    }
}

/// Stops an emulator.
#[extendr]
fn emulator_stop(mut emulator: Robj) -> Robj {
    to_r(|| {
        let emulator = native_mut::<InProcess<Emulator>>(&mut emulator);
        if let Some(emulator) = emulator.and_then(InProcess::get_mut) {
            emulator.stop();
        }
        Ok(().into())
    })
}

/// Calls `work` with an emulator that runs in this process. NULL if it does not.
fn with(emulator: &Robj, work: impl FnOnce(&Emulator) -> Built) -> Robj {
    let emulator = native::<InProcess<Emulator>>(emulator).and_then(InProcess::get);
    to_r(|| match emulator.filter(|emulator| emulator.is_running()) {
        Some(emulator) => work(emulator),
        None => Ok(().into()),
    })
}

fn keys_list(keys: &Keys) -> Vec<(&'static str, Robj)> {
    let mut list = vec![
        ("access_key_id", text(&keys.access_key_id)),
        ("secret_access_key", text(&keys.secret_access_key)),
    ];
    list.extend(
        keys.session_token
            .as_deref()
            .map(|token| ("session_token", text(token))),
    );
    list
}

extendr_module! {
    mod emulator;
    use faults;
    use requests;
    fn emulator_start;
    fn emulator_describe;
    fn emulator_temporary_keys;
    fn emulator_advance;
    fn emulator_check;
    fn emulator_plan;
    fn emulator_video;
    fn emulator_face;
    fn emulator_put_bucket;
    fn emulator_put_result;
    fn emulator_put_response;
    fn emulator_stop;
}
