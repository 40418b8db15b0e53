//! The bodies of requests. Large ones share a budget of memory, because they are read before their signature is known to
//! be right.

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// More than two images of 5 MB in base64, the largest request.
const MAX_BODY: usize = 16 << 20;
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

/// A body, and its share of the budget. `None` if it is too large, or does not arrive.
pub async fn read(
    body: Incoming,
    budget: &Semaphore,
) -> Option<(Bytes, Option<SemaphorePermit<'_>>)> {
    let size = body.size_hint().upper();
    let size = size.map_or(Some(MAX_BODY), |size| usize::try_from(size).ok())?;
    if size > MAX_BODY {
        return None;
    }
    let read = Limited::new(body, MAX_BODY).collect();
    if size <= SMALL {
        return Some((read.await.ok()?.to_bytes(), None));
    }
    let megabytes = u32::try_from(size.div_ceil(MEGABYTE)).ok()?;
    let share = budget.acquire_many(megabytes).await.ok()?;
    let body = timeout(PATIENCE, read).await.ok()?.ok()?;
    Some((body.to_bytes(), Some(share)))
}
