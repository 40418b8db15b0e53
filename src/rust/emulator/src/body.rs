//! The bodies of requests. Large ones share a budget of memory, because they are read before their signature is known to
//! be right.

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// More than two images of 5 MB in base64, the largest request.
pub const MAX_BODY: usize = 16 << 20;
/// Smaller ones are not counted.
const SMALL: usize = 64 << 10;
const MEGABYTE: usize = 1 << 20;
/// Megabytes for all large bodies together.
const BUDGET: usize = 256;
/// For a large body to arrive: a client that stops sending must not keep others out.
const PATIENCE: Duration = Duration::from_secs(30);

/// The budget of all connections.
pub fn budget() -> Semaphore {
    Semaphore::new(BUDGET)
}

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is too large.
    TooLarge,
    /// It does not arrive.
    Lost,
}

/// A body, and its share of the budget.
pub async fn read<'b>(
    body: &mut Incoming,
    budget: &'b Semaphore,
) -> Result<(Bytes, Option<SemaphorePermit<'b>>), Unread> {
    let size = body.size_hint().upper().unwrap_or(MAX_BODY as u64);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > MAX_BODY {
        return Err(Unread::TooLarge);
    }
    let read = async {
        let read = Limited::new(body, MAX_BODY).collect().await;
        read.map_err(|error| match error.is::<LengthLimitError>() {
            true => Unread::TooLarge,
            false => Unread::Lost,
        })
    };
    if size <= SMALL {
        return Ok((read.await?.to_bytes(), None));
    }
    let megabytes = u32::try_from(size.div_ceil(MEGABYTE)).map_err(|_| Unread::TooLarge)?;
    let share = budget
        .acquire_many(megabytes)
        .await
        .map_err(|_| Unread::Lost)?;
    let body = timeout(PATIENCE, read).await.map_err(|_| Unread::Lost)??;
    Ok((body.to_bytes(), Some(share)))
}

/// Reads the rest of a body and forgets it: some clients read the response only when they have sent everything.
pub async fn skip(body: &mut Incoming) {
    let skip = async { while let Some(Ok(_)) = body.frame().await {} };
    // A client that takes longer does not get the response.
    let _ = timeout(PATIENCE, skip).await;
}
