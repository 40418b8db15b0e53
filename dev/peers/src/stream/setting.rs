//! An emulator for streams.

use super::{Opening, Sent, Stream};
use crate::{client, create, create_with, emulator, results, settings, Environment};
use rekognition_core::Client;
use rekognition_emulator::Emulator;

/// An emulator and a client of it, which create sessions and check them.
pub struct Setting {
    /// The emulator.
    pub emulator: Emulator,
    /// A client.
    pub client: Client,
    _environment: Environment,
}

impl Setting {
    /// Starts an emulator.
    pub fn start() -> Self {
        let environment = Environment::with(&[]);
        let emulator = emulator();
        Setting {
            client: client(settings(&emulator)),
            emulator,
            _environment: environment,
        }
    }

    /// A new session.
    pub fn session(&self) -> String {
        create(&self.client).expect("a session")
    }

    /// An opening of a new session.
    pub fn opening(&self) -> Opening {
        Opening::new(&self.emulator, &self.session())
    }

    /// The status of a session.
    pub fn status(&self, id: &str) -> String {
        results(&self.client, id)["Status"]
            .as_str()
            .expect("a status")
            .into()
    }

    /// The exception with which an opening is refused, once the connection is closed.
    pub fn refused(&self, opening: &Opening) -> (String, String) {
        let mut stream = opening.open();
        let Sent::Exception(kind, message) = stream.receive() else {
            panic!("not refused");
        };
        assert_eq!(stream.receive(), Sent::Close(1000));
        let requests = self.emulator.requests();
        let last = requests.last().expect("a request");
        assert_eq!(last.operation.as_deref(), Some("StartFaceLivenessSession"));
        assert_eq!(last.status, Some(101));
        assert_eq!(last.code.as_ref(), Some(&kind));
        (kind, message)
    }

    /// A new session with this challenge, and its stream, which waits for the first event.
    pub fn stream(&self, challenge: &str) -> (String, Stream) {
        let id = create_with(
            &self.client,
            &format!(r#"{{"ChallengePreferences":[{{"Type":"{challenge}"}}]}}"#),
        );
        let mut stream = Opening::new(&self.emulator, &id).open();
        assert_eq!(stream.receive_challenge(), challenge);
        (id, stream)
    }

    /// Streams a whole check of a new session; returns the session and what comes after the video.
    pub fn check(&self, challenge: &str) -> (String, Sent) {
        let (id, mut stream) = self.stream(challenge);
        stream.send_check(challenge);
        (id, stream.receive())
    }
}
