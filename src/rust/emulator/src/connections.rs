//! The open connections: of those that wait for a request, the oldest give way to new ones.

use crate::sync::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The most connections that wait. A client may have a thousand at a time.
const MAX_WAITING: usize = 1024;

/// The connections of a server that wait.
#[derive(Debug, Clone)]
pub struct Connections {
    waiting: Arc<Mutex<Waiting>>,
    limit: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    /// By the time since when they wait.
    by_age: BTreeMap<u64, Arc<Notify>>,
    next: u64,
}

impl Connections {
    /// No connections. At most half of the files that the process may open are for those that wait.
    pub fn new() -> Self {
        Connections::with_limit(MAX_WAITING.min(max_open_files() / 2))
    }

    fn with_limit(limit: usize) -> Self {
        Connections {
            waiting: Arc::default(),
            limit,
        }
    }

    /// A new connection, which waits.
    pub fn enter(&self) -> Place {
        let place = Place {
            connections: self.clone(),
            number: Mutex::new(None),
            closed: Arc::default(),
        };
        place.wait();
        place
    }

    /// Closes the connection that has waited the longest.
    pub fn close_oldest(&self) {
        if let Some((_, closed)) = lock(&self.waiting).by_age.pop_first() {
            closed.notify_one();
        }
    }
}

#[cfg(unix)]
fn max_open_files() -> usize {
    use nix::sys::resource::{getrlimit, Resource};
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map(|(soft, _)| soft);
    limit
        .ok()
        .and_then(|limit| limit.try_into().ok())
        .unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn max_open_files() -> usize {
    usize::MAX
}

/// The place of a connection.
#[derive(Debug)]
pub struct Place {
    connections: Connections,
    /// While it waits, or was closed.
    number: Mutex<Option<u64>>,
    closed: Arc<Notify>,
}

impl Place {
    /// The connection waits from now on, also for the rest of a request.
    pub fn wait(&self) {
        if !self.work() {
            return;
        }
        let mut waiting = lock(&self.connections.waiting);
        let number = waiting.next;
        waiting.next += 1;
        waiting.by_age.insert(number, self.closed.clone());
        *lock(&self.number) = Some(number);
        let is_full = waiting.by_age.len() > self.connections.limit;
        drop(waiting);
        if is_full {
            self.connections.close_oldest();
        }
    }

    /// The connection does not wait any more. False if it has been closed meanwhile.
    pub fn work(&self) -> bool {
        let mut number = lock(&self.number);
        let is_open = number.is_none_or(|number| {
            let mut waiting = lock(&self.connections.waiting);
            waiting.by_age.remove(&number).is_some()
        });
        if is_open {
            *number = None;
        }
        is_open
    }

    /// Ends when the connection has to be closed.
    pub async fn closed(&self) {
        self.closed.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.work();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn is_closed(place: &Place) -> bool {
        place.closed().now_or_never().is_some()
    }

    #[test]
    fn the_connections_that_have_waited_the_longest_give_way() {
        let connections = Connections::with_limit(3);
        let working = connections.enter();
        assert!(working.work());
        let places = [(); 5].map(|()| connections.enter());
        assert_eq!(
            places.each_ref().map(is_closed),
            [true, true, false, false, false]
        );
        assert!(!is_closed(&working));
        working.wait();
        assert!(is_closed(&places[2]));
        drop((working, places));
        assert!(lock(&connections.waiting).by_age.is_empty());
    }

    #[test]
    fn a_connection_that_was_closed_does_not_begin_to_work() {
        let connections = Connections::with_limit(3);
        let (first, second) = (connections.enter(), connections.enter());
        connections.close_oldest();
        assert!(!first.work());
        first.wait();
        assert!(!first.work());
        assert!(second.work());
        connections.close_oldest();
        assert!(!is_closed(&second));
    }
}
