use super::*;
use crate::settings::shared_files::expand_home;
#[cfg(windows)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A home folder with these shared files.
pub struct Home(PathBuf);

impl Home {
    pub fn new(config: &str, credentials: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("rekognition-profiles-{}-{number}", std::process::id());
        let home = Home(std::env::temp_dir().join(name));
        home.write("config", config);
        home.write("credentials", credentials);
        home
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.0.join(".aws")).unwrap();
        std::fs::write(self.0.join(".aws").join(name), text).unwrap();
    }

    pub fn load(&self, profile: Option<&str>) -> Result<Profiles, String> {
        let home = self.0.to_str().unwrap();
        let variable = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        match Profiles::load(profile, &Env::from_slice(&[(variable, home)])) {
            Ok(profiles) => Ok(profiles),
            Err(Error::Config {
                setting, reason, ..
            }) => {
                assert_eq!(setting, "profile");
                Err(reason)
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    fn region(&self, profile: &str) -> Option<String> {
        self.load(Some(profile))
            .unwrap()
            .get("region")
            .map(str::to_owned)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_name_of_a_profile_may_be_quoted_and_have_any_letters() {
    let home = Home::new(
        "[profile 'my work']\nregion = a\n[profile \"other\"]\nregion = b\n[profile büro]\nregion = c\n[ profile  x ]\nregion = d",
        "[in credentials]\nregion = e",
    );
    for (name, region) in [
        ("my work", "a"),
        ("other", "b"),
        ("büro", "c"),
        ("x", "d"),
        ("in credentials", "e"),
    ] {
        assert_eq!(home.region(name).as_deref(), Some(region), "{name}");
    }
}

#[test]
fn the_long_form_of_the_default_profile_takes_precedence() {
    for config in [
        "[profile default]\nregion = a\n[default]\nregion = b\n",
        "[default]\nregion = b\noutput = json\n[profile default]\nregion = a\n",
    ] {
        let home = Home::new(config, "");
        let profiles = home.load(None).unwrap();
        assert_eq!(
            (profiles.get("region"), profiles.get("output")),
            (Some("a"), None)
        );
    }
}

#[test]
fn a_syntax_error_affects_only_its_own_profile() {
    let home = Home::new(
        "[profile a]\nregion = a\n[profile b]\nregion\n[profile c\nregion = c\n[preview]\nx\n",
        "",
    );
    assert_eq!(home.region("a").as_deref(), Some("a"));
    for (name, line) in [
        ("b", "line 4 is not of the form"),
        ("c", "line 5 has no closing `]`"),
    ] {
        let reason = home.load(Some(name)).unwrap_err();
        assert!(
            reason.contains(line) && reason.contains("config"),
            "{reason}"
        );
    }
    // These may belong to any profile.
    for config in [
        "region = x\n[profile a]\n",
        "[profile a]\n[\nregion = x",
        "[profil a\nregion = x\n[profile a]",
    ] {
        let reason = Home::new(config, "").load(Some("a")).unwrap_err();
        assert!(reason.contains("line "), "{reason}");
    }
}

#[test]
fn a_section_with_the_header_of_the_other_file_is_pointed_out() {
    let home = Home::new("[a]\nregion = a\n", "[profile b]\nregion = b\n");
    for name in ["a", "b"] {
        let reason = home.load(Some(name)).unwrap_err();
        assert!(
            reason.contains(&format!("must be [profile {name}] in the config file")),
            "{reason}"
        );
    }
    let reason = home.load(Some("c")).unwrap_err();
    assert!(
        reason.contains("they have the profiles [profile b]"),
        "{reason}"
    );
}

#[test]
fn keys_are_those_of_one_file() {
    let home = Home::new(
        "[default]\naws_access_key_id = A\naws_secret_access_key = B\naws_session_token = C\n[profile half]\naws_access_key_id = A\n",
        "[default]\naws_access_key_id = D\naws_secret_access_key = E\naws_session_token =\n[half]\naws_secret_access_key = E\n",
    );
    let profiles = home.load(None).unwrap();
    let keys = |name, file| {
        let keys = profiles.profile(name).unwrap().unwrap().keys(file);
        keys.map(|keys| {
            keys.map(|keys| {
                (
                    keys.access_key_id.to_owned(),
                    keys.session_token.map(str::to_owned),
                )
            })
        })
    };
    let stored =
        |id: &str, token: Option<&str>| Ok(Some((id.to_owned(), token.map(str::to_owned))));
    assert_eq!(keys("default", SharedFile::Config), stored("A", Some("C")));
    assert_eq!(keys("default", SharedFile::Credentials), stored("D", None));
    assert!(keys("half", SharedFile::Config)
        .unwrap_err()
        .contains("`aws_secret_access_key` is missing"));
    assert!(keys("half", SharedFile::Credentials)
        .unwrap_err()
        .contains("`aws_access_key_id` is missing"));
}

#[test]
fn a_services_section_that_is_not_there_is_an_error() {
    let services = "[services local]\nrekognition =\n  endpoint_url = http://x:1\nsso_oidc =\n  endpoint_url = http://y:1\n";
    let home = Home::new(
        &format!("[default]\nservices = local\n[profile typo]\nservices = lokal\n{services}"),
        "",
    );
    let profiles = home.load(None).unwrap();
    assert_eq!(
        profiles.service_endpoint("rekognition"),
        Ok(Some("http://x:1"))
    );
    assert_eq!(
        profiles.service_endpoint("sso_oidc"),
        Ok(Some("http://y:1"))
    );
    assert_eq!(profiles.service_endpoint("sts"), Ok(None));
    let reason = home
        .load(Some("typo"))
        .unwrap()
        .service_endpoint("sts")
        .unwrap_err();
    assert!(reason.contains("[services lokal]"), "{reason}");
}

#[test]
fn a_service_of_a_services_section_has_a_block() {
    for block in ["", " http://x:1", "\nendpoint_url = http://x:1"] {
        let config = format!("[default]\nservices = dev\n[services dev]\nrekognition ={block}\n");
        let profiles = Home::new(&config, "").load(None).unwrap();
        let reason = profiles.service_endpoint("rekognition").unwrap_err();
        assert!(reason.contains("indented block"), "{reason}");
        assert_eq!(profiles.service_endpoint("sts"), Ok(None));
    }
}

#[test]
fn a_file_that_a_variable_names_must_be_there() {
    let home = Home::new("", "");
    let folder = home.0.to_str().unwrap();
    for (path, problem) in [
        (format!("{folder}/absent"), "does not exist"),
        (format!("{folder}/.aws/config/x"), "does not exist"),
        (folder.to_owned(), "is a folder"),
    ] {
        for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
            let env = Env::from_slice(&[(variable, path.as_str()), ("HOME", folder)]);
            match Profiles::load(None, &env) {
                Err(Error::Config { reason, .. }) => {
                    assert!(
                        reason.contains(problem) && reason.contains(variable),
                        "{reason}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
    if cfg!(unix) {
        let env = Env::from_slice(&[("AWS_CONFIG_FILE", "/dev/null"), ("HOME", folder)]);
        Profiles::load(None, &env).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn without_home_the_folder_of_the_user_is_used() {
    let of_user = expand_home(&Env::from_slice(&[]), "~/x").unwrap();
    let of_empty = expand_home(&Env::from_slice(&[("HOME", "")]), "~/x").unwrap();
    assert!(
        of_user.starts_with('/') && of_user.ends_with("/x") && of_user != "/x",
        "{of_user}"
    );
    assert_eq!(of_user, of_empty);
}

#[cfg(windows)]
#[test]
fn on_windows_the_shared_files_are_in_userprofile_and_not_among_documents() {
    let home = Home::new("", "");
    std::fs::remove_file(home.0.join(".aws").join("config")).unwrap();
    let documents = home.0.join("Documents");
    std::fs::create_dir_all(documents.join(".aws")).unwrap();
    let env = Env::from_slice(&[
        ("USERPROFILE", home.0.to_str().unwrap()),
        ("HOME", documents.to_str().unwrap()),
    ]);
    let region = || {
        let profiles = Profiles::load(None, &env).unwrap();
        profiles.get("region").map(str::to_owned)
    };
    std::fs::write(
        documents.join(".aws").join("config"),
        "[default]\nregion = eu-west-1\n",
    )
    .unwrap();
    assert_eq!(region().as_deref(), Some("eu-west-1"));
    home.write("config", "[default]\nregion = us-west-2\n");
    assert_eq!(region().as_deref(), Some("us-west-2"));
    std::fs::write(home.0.join("ca.pem"), "").unwrap();
    let bundle = expand_home(&env, "~\\ca.pem").unwrap();
    assert_eq!(Path::new(&bundle), home.0.join("ca.pem"));
}
