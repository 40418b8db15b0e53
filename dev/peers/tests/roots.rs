//! Alone in its process, because the SDK reads the system's certificates once.

use rekognition_core::settings::Settings;
use rekognition_peers::{
    client, create, emulator, settings, Authority, Environment, Folder, TlsFront, Validity,
};

#[test]
fn a_ca_bundle_is_trusted_besides_the_certificates_of_the_system() {
    let of_system = Authority::new("The system's");
    let private = Authority::new("Private");
    let folder = Folder::new("roots");
    let system = folder.write("system.pem", &of_system.pem);
    let bundle = folder.write("bundle.pem", &private.pem);
    let _environment = Environment::with(&[("SSL_CERT_FILE", &system)]);

    let emulator = emulator();
    for authority in [&of_system, &private] {
        let front = TlsFront::start(
            authority.sign(&["localhost"], Validity::Now),
            &emulator.url(),
        );
        let client = client(Settings {
            endpoint: Some(front.url("localhost")),
            ca_bundle: Some(bundle.clone().into()),
            ..settings(&emulator)
        });
        create(&client).unwrap();
    }
}
