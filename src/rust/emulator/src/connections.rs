//! The open connections: of those that wait for a request, the oldest give way to new ones.

use crate::server::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The most connections that wait. A client may have a thousand at a time.
const MAX_IDLE: usize = 1024;

/// The connections of a server that wait.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Mutex<Idle>>);

#[derive(Debug, Default)]
struct Idle {
    /// By the time since when they wait.
    waiting: BTreeMap<u64, Arc<Notify>>,
    next: u64,
}

impl Connections {
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
        if let Some((_, closed)) = lock(&self.0).waiting.pop_first() {
            closed.notify_one();
        }
    }
}

/// The place of a connection.
#[derive(Debug)]
pub struct Place {
    connections: Connections,
    /// While it waits.
    number: Mutex<Option<u64>>,
    closed: Arc<Notify>,
}

impl Place {
    /// The connection waits from now on, also for the rest of a request.
    pub fn wait(&self) {
        self.work();
        let mut idle = lock(&self.connections.0);
        let number = idle.next;
        idle.next += 1;
        idle.waiting.insert(number, self.closed.clone());
        *lock(&self.number) = Some(number);
        let is_full = idle.waiting.len() > MAX_IDLE;
        drop(idle);
        if is_full {
            self.connections.close_oldest();
        }
    }

    /// The connection does not wait any more.
    pub fn work(&self) {
        if let Some(number) = lock(&self.number).take() {
            lock(&self.connections.0).waiting.remove(&number);
        }
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
        let connections = Connections::default();
        let places: Vec<Place> = (0..MAX_IDLE + 3)
            .map(|n| {
                let place = connections.enter();
                if n == 0 {
                    place.work();
                }
                place
            })
            .collect();
        // The first one works, so that it does not count.
        assert!(!is_closed(&places[0]));
        assert!(is_closed(&places[1]));
        assert!(is_closed(&places[2]));
        assert!(!is_closed(&places[3]));
        places[0].wait();
        assert!(is_closed(&places[3]));
        drop(places);
        assert!(lock(&connections.0).waiting.is_empty());
    }
}
