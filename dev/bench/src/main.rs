//! The parts of the benchmark in Rust: `serve` is the server that all peers are measured against; `sdk` and `bytes`
//! are peers.

mod bytes;
mod peer;
mod sdk;
mod server;

fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("serve"), None) => server::serve(),
        (Some("sdk"), Some(address)) => sdk::run(&address),
        (Some("bytes"), Some(address)) => bytes::run(&address),
        _ => {
            eprintln!("usage: rekognition-bench serve | sdk <host:port> | bytes <host:port>");
            std::process::exit(2);
        }
    }
}
