//! The parts of the benchmark in Rust: `serve` is the server that all peers are measured against; `sdk` and `bytes`
//! are peers.

mod bytes;
mod peer;
mod sdk;
mod server;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve"] => server::serve(),
        ["sdk", address, image] => sdk::run(address, image),
        ["bytes", address, image] => bytes::run(address, image),
        _ => {
            eprintln!(
                "usage: rekognition-bench serve | sdk <host:port> <image> | bytes <host:port> <image>"
            );
            std::process::exit(2);
        }
    }
}
