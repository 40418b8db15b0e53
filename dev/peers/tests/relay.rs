//! Whole checks through a relay, from a page that the AWS SDK signs for, to the emulator.

use rekognition_core::call::log::Level;
use rekognition_core::stream::{Relay, State};
use rekognition_peers::stream::{Page, Sent, Setting, LIGHT, MOVEMENT};
use rekognition_peers::{create_with, results};

fn relay(setting: &Setting, session_id: &str) -> Relay {
    Relay::new(&setting.client, session_id.to_owned(), Level::Off).unwrap()
}

#[test]
fn a_check_goes_through_the_relay_and_succeeds() {
    let setting = Setting::start();
    for challenge in [LIGHT, MOVEMENT] {
        let preferences = format!(r#"{{"ChallengePreferences":[{{"Type":"{challenge}"}}]}}"#);
        let id = create_with(&setting.client, &preferences);
        let relay = relay(&setting, &id);
        assert_eq!(relay.state(), State::Waiting);
        let mut page = Page::new(&relay);
        assert_eq!(page.open_check(), challenge);
        assert_eq!(relay.state(), State::Open);
        let (sent, response) = page.send_check(challenge);
        assert!(matches!(sent.last(), Some(Sent::Event(kind, _)) if kind == "DisconnectionEvent"));
        assert_eq!((response.code, response.error), (Some(1000), None));
        assert_eq!(relay.state(), State::Completed);

        let results = results(&setting.client, &id);
        assert_eq!(results["Status"], "SUCCEEDED");
        assert_eq!(results["Challenge"]["Type"], challenge);
    }
}
