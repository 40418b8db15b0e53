//! Responses that were set by a test.

use std::collections::{HashMap, VecDeque};

/// A response to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers in addition to the default ones.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A response with status 200.
    pub fn ok(body: &serde_json::Value) -> Self {
        Reply {
            status: 200,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        }
    }
}

/// A response, and its error code if it is an error.
pub type Response = (Reply, Option<String>);

/// The number of requests for a response without a limit.
pub const UNLIMITED: u64 = u64::MAX;

/// The responses that were set.
#[derive(Debug, Default)]
pub struct Responses {
    results: HashMap<String, Reply>,
    /// With the requests that get them, in order.
    operations: HashMap<String, VecDeque<(Reply, u64)>>,
}

impl Responses {
    /// Sets the response to each request for the results of a session.
    pub fn set_result(&mut self, session_id: &str, reply: Reply) {
        self.results.insert(session_id.to_owned(), reply);
    }

    /// The response that was set for a session.
    pub fn result(&self, session_id: &str) -> Option<Reply> {
        self.results.get(session_id).cloned()
    }

    /// Sets the response to `times` requests of an operation, after those that were set before, or instead of one without
    /// a limit.
    pub fn set(&mut self, operation: &str, reply: Reply, times: u64) {
        let queue = self.operations.entry(operation.to_owned()).or_default();
        queue.retain(|(_, times)| *times != UNLIMITED);
        queue.push_back((reply, times));
    }

    /// The response that was set for the next request of an operation.
    pub fn next(&mut self, operation: &str) -> Option<Reply> {
        let queue = self.operations.get_mut(operation)?;
        let (reply, times) = queue.front_mut()?;
        let reply = reply.clone();
        if *times != UNLIMITED {
            *times -= 1;
        }
        if *times == 0 {
            queue.pop_front();
        }
        Some(reply)
    }
}
