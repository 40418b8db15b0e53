//! The relay: the video of a check, from the page of a browser to the streaming service.
//!
//! The page sends frames that it has signed with the key of a ticket. The relay checks them, signs them with the client's own
//! keys and passes them on; what the service sends goes back to the page. Nothing of the video is kept or logged.

mod connection;
mod page;
mod progress;
mod relay;
mod run;
mod ticket;

pub use relay::{Relay, State};
pub use ticket::Ticket;
