//! Keys that the service accepts, and those that it rejects.

use super::*;

#[test]
fn wrong_keys_are_errors_of_the_service() {
    let emulator = emulator();
    let code = |change: fn(&mut Settings)| {
        let mut settings = settings(&emulator);
        change(&mut settings);
        refused(get(&client(settings), ID)).code.unwrap()
    };
    assert_eq!(code(|_| {}), "SessionNotFoundException");
    assert_eq!(
        code(|s| s.keys.as_mut().unwrap().secret_access_key = Secret::new("wrong".into())),
        "InvalidSignatureException"
    );
    assert_eq!(
        code(|s| s.keys.as_mut().unwrap().access_key_id = "AKIANOBODY".into()),
        "UnrecognizedClientException"
    );
    assert_eq!(
        code(|s| s.keys.as_mut().unwrap().session_token = Some(Secret::new("x".into()))),
        "UnrecognizedClientException"
    );
    assert_eq!(
        code(|s| s.region = Some("eu-west-1".into())),
        "InvalidSignatureException"
    );
    assert_eq!(
        code(|s| {
            s.keys = None;
            s.anonymous = true;
        }),
        "MissingAuthenticationTokenException"
    );
}

#[test]
fn temporary_keys_work_until_they_expire() {
    let emulator = emulator();
    let keys = emulator.temporary_keys(900.0);
    let client = client(Settings {
        keys: Some(Keys {
            access_key_id: keys.access_key_id,
            secret_access_key: Secret::new(keys.secret_access_key),
            session_token: keys.session_token.map(Secret::new),
            expires: None,
        }),
        ..settings(&emulator)
    });
    create(&client, "{}").unwrap();
    emulator.advance(900.0);
    assert_eq!(
        refused(get(&client, ID)).code.as_deref(),
        Some("ExpiredTokenException")
    );
}
