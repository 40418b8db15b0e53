use super::*;
use crate::secret::Secret;
use crate::settings::keys::Keys;
use std::sync::atomic::{AtomicUsize, Ordering};

const CONFIG: &str = "
[default]
region = eu-west-1
[profile work]
region = ap-south-1
max_attempts = 7
retry_mode = adaptive
services = local
[profile odd]
region = a_b
[services local]
rekognition =
  endpoint_url = http://127.0.0.1:9
";

fn resolve(given: Settings, env: &[(&str, &str)]) -> Result<Resolved, Error> {
    resolve_with(given, env, CONFIG)
}

/// With this text as the shared config file.
fn resolve_with(given: Settings, env: &[(&str, &str)], config: &str) -> Result<Resolved, Error> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("rekognition-resolve-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, config).unwrap();
    let mut env = env.to_vec();
    env.extend([
        ("HOME", "/home/me"),
        ("AWS_CONFIG_FILE", path.to_str().unwrap()),
    ]);
    let resolved = Resolved::with(given, &Env::from_slice(&env));
    std::fs::remove_file(&path).unwrap();
    resolved
}

fn setting_and_reason(result: Result<Resolved, Error>) -> (String, String) {
    match result {
        Err(Error::Config {
            setting, reason, ..
        }) => (setting, reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_call_takes_precedence_over_the_environment_and_that_over_the_files() {
    let region = |r: Result<Resolved, Error>| r.unwrap().region.unwrap().value;
    let given = Settings {
        region: Some("us-west-2".into()),
        ..Settings::default()
    };
    let env = [
        ("AWS_REGION", "sa-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ];
    assert_eq!(region(resolve(given, &env)), "us-west-2");
    assert_eq!(region(resolve(Settings::default(), &env)), "sa-east-1");
    assert_eq!(region(resolve(Settings::default(), &env[1..])), "us-east-1");
    assert_eq!(region(resolve(Settings::default(), &[])), "eu-west-1");
    let work = [("AWS_PROFILE", "work"), ("AWS_REGION", "")];
    assert_eq!(region(resolve(Settings::default(), &work)), "ap-south-1");
}

#[test]
fn a_profile_sets_retries_and_the_endpoint_of_the_service() {
    let work = resolve(Settings::default(), &[("AWS_PROFILE", "work")]).unwrap();
    assert_eq!(work.max_attempts, 7);
    assert_eq!(work.retry_mode, RetryMode::Adaptive);
    assert_eq!(work.endpoint.unwrap().value, "http://127.0.0.1:9");
    let env = [
        ("AWS_PROFILE", "work"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:7"),
        ("AWS_ENDPOINT_URL_REKOGNITION", "http://127.0.0.1:8"),
    ];
    let both = resolve(Settings::default(), &env).unwrap();
    assert_eq!(both.endpoint.unwrap().value, "http://127.0.0.1:8");
    let ignored = [
        ("AWS_PROFILE", "work"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ];
    let ignored = resolve(Settings::default(), &ignored).unwrap();
    assert_eq!(ignored.endpoint, None);
}

#[test]
fn max_retries_takes_precedence_over_max_attempts() {
    let given = Settings {
        max_retries: Some(0),
        ..Settings::default()
    };
    let env = [("AWS_MAX_ATTEMPTS", "9")];
    assert_eq!(resolve(given, &env).unwrap().max_attempts, 1);
    assert_eq!(resolve(Settings::default(), &env).unwrap().max_attempts, 9);
    assert_eq!(resolve(Settings::default(), &[]).unwrap().max_attempts, 4);
}

#[test]
fn the_error_about_an_invalid_value_names_its_source() {
    for (name, value, setting) in [
        ("AWS_RETRY_MODE", "sometimes", "retry_mode"),
        ("AWS_MAX_ATTEMPTS", "abc", "max_retries"),
        ("AWS_MAX_ATTEMPTS", "0", "max_retries"),
        ("AWS_MAX_ATTEMPTS", "-1", "max_retries"),
        ("AWS_ENDPOINT_URL", "", "endpoint"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:80", "endpoint"),
        ("AWS_ENDPOINT_URL_REKOGNITION", "ftp://x", "endpoint"),
        ("AWS_ENDPOINT_URL", "http://", "endpoint"),
        ("AWS_ENDPOINT_URL", "http://a b", "endpoint"),
        ("AWS_REGION", "us east 1", "region"),
        ("AWS_DEFAULT_REGION", "-x", "region"),
        ("AWS_USE_FIPS_ENDPOINT", "yes", "use_fips"),
        ("AWS_ACCESS_KEY_ID", "AKIA\nX", "access_key_id"),
        ("AWS_SESSION_TOKEN", "a b", "session_token"),
        ("AWS_PROFILE", "absent", "profile"),
        ("AWS_SDK_UA_APP_ID", "my app", "app_name"),
        ("AWS_ENDPOINT_URL", "http://h:abc", "endpoint"),
        ("AWS_ENDPOINT_URL", "http://h:99999", "endpoint"),
        ("AWS_ENDPOINT_URL_STS", "", "endpoint"),
        ("AWS_ENDPOINT_URL_SSO_OIDC", "host", "endpoint"),
        (
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "junk",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        ),
        ("AWS_EXECUTION_ENV", "a\nb", "AWS_EXECUTION_ENV"),
    ] {
        let (found, reason) = setting_and_reason(resolve(Settings::default(), &[(name, value)]));
        assert_eq!(found, setting, "{name}={value}");
        assert!(reason.contains(name), "{name}={value}: {reason}");
    }
    let (setting, reason) =
        setting_and_reason(resolve(Settings::default(), &[("AWS_PROFILE", "odd")]));
    assert_eq!(setting, "region");
    assert!(reason.contains("region in profile [odd]"), "{reason}");
}

#[test]
fn a_secret_in_an_invalid_value_is_not_shown() {
    let given = Settings {
        keys: Some(Keys {
            access_key_id: "AKIAEXAMPLE".into(),
            secret_access_key: Secret::new("hunter2\n".into()),
            session_token: None,
            expires: None,
        }),
        ..Settings::default()
    };
    let (setting, reason) = setting_and_reason(resolve(given, &[]));
    assert_eq!(setting, "secret_access_key");
    assert!(!reason.contains("hunter2"), "{reason}");
    let env = [("AWS_ENDPOINT_URL", "http://me:hunter2@host")];
    let (_, reason) = setting_and_reason(resolve(Settings::default(), &env));
    assert!(!reason.contains("hunter2"), "{reason}");
}

#[test]
fn a_named_profile_takes_precedence_over_keys_in_the_environment() {
    let env = [
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    let given = Settings {
        profile: Some("work".into()),
        ..Settings::default()
    };
    let resolved = resolve(given, &env).unwrap();
    assert_eq!(
        resolved.credentials,
        CredentialSource::Profile("work".into())
    );
    let resolved = resolve(Settings::default(), &env).unwrap();
    assert_eq!(resolved.credentials, CredentialSource::Environment);
}

#[test]
fn a_custom_endpoint_has_no_fips_variant() {
    let given = Settings {
        endpoint: Some("http://127.0.0.1:1".into()),
        use_fips: Some(true),
        ..Settings::default()
    };
    assert_eq!(setting_and_reason(resolve(given, &[])).0, "use_fips");
}

#[test]
fn the_error_about_an_invalid_config_file_names_it() {
    let config = "region = eu-west-1\n";
    let (setting, reason) = setting_and_reason(resolve_with(Settings::default(), &[], config));
    assert_eq!(setting, "profile");
    assert!(reason.contains("rekognition-resolve"), "{reason}");
}

#[test]
fn an_empty_profile_variable_is_ignored() {
    let resolved = resolve(Settings::default(), &[("AWS_PROFILE", "")]).unwrap();
    assert_eq!(resolved.profile, "default");
    assert_eq!(resolved.region.unwrap().value, "eu-west-1");
}

#[test]
fn the_path_of_a_bundle_may_start_with_a_tilde() {
    let bundle = |env: &[(&str, &str)]| {
        let resolved = resolve(Settings::default(), env).unwrap();
        resolved
            .ca_bundle
            .map(|bundle| bundle.value.display().to_string())
    };
    assert_eq!(bundle(&[]), None);
    assert_eq!(
        bundle(&[("AWS_CA_BUNDLE", "~/ca.pem")]).as_deref(),
        Some("/home/me/ca.pem")
    );
    assert_eq!(
        bundle(&[("AWS_CA_BUNDLE", "/etc/~/ca.pem")]).as_deref(),
        Some("/etc/~/ca.pem")
    );
}

#[test]
fn a_request_to_a_cgi_program_cannot_choose_its_proxy() {
    let proxy = |env: &[(&str, &str)]| {
        let resolved = resolve(Settings::default(), env).unwrap();
        resolved.proxies.http.map(|proxy| proxy.source.to_string())
    };
    let header = ("HTTP_PROXY", "http://127.0.0.1:1");
    let cgi = ("REQUEST_METHOD", "GET");
    assert_eq!(
        proxy(&[header]).as_deref(),
        Some("environment variable HTTP_PROXY")
    );
    assert_eq!(proxy(&[cgi, header]), None);
    // On Windows it is the same variable.
    let small = proxy(&[cgi, ("http_proxy", "http://127.0.0.1:1")]);
    assert_eq!(small.is_none(), cfg!(windows));
}

#[test]
fn the_lower_case_spelling_of_a_variable_takes_precedence() {
    let proxy = |env: &[(&str, &str)]| {
        let resolved = resolve(Settings::default(), env).unwrap();
        resolved
            .proxies
            .https
            .map(|proxy| proxy.value.reveal().to_owned())
    };
    let upper = ("HTTPS_PROXY", "http://upper:1");
    assert_eq!(proxy(&[upper]).as_deref(), Some("http://upper:1"));
    let both = [upper, ("https_proxy", "http://lower:1")];
    assert_eq!(proxy(&both).as_deref(), Some("http://lower:1"));
    assert_eq!(proxy(&[upper, ("https_proxy", "")]), None);
    let all = [("https_proxy", ""), ("ALL_PROXY", "http://all:1")];
    assert_eq!(proxy(&all).as_deref(), Some("http://all:1"));
}

#[test]
fn the_legacy_retry_mode_is_accepted_from_the_environment() {
    let env = [("AWS_RETRY_MODE", "legacy")];
    let resolved = resolve(Settings::default(), &env).unwrap();
    assert_eq!(resolved.retry_mode, RetryMode::Standard);
    let given = Settings {
        retry_mode: Some("legacy".into()),
        ..Settings::default()
    };
    assert_eq!(setting_and_reason(resolve(given, &[])).0, "retry_mode");
}

#[test]
fn the_endpoint_of_the_metadata_service_comes_from_environment_or_profile() {
    let endpoint = |env: &[(&str, &str)], config: &str| {
        let resolved = resolve_with(Settings::default(), env, config);
        resolved.map(|resolved| resolved.metadata_endpoint)
    };
    let indented =
        "[default]\n  region = x\n  ec2_metadata_service_endpoint = http://127.0.0.1:9\n";
    assert_eq!(endpoint(&[], indented).unwrap(), "http://127.0.0.1:9");
    let named = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:8")];
    assert_eq!(endpoint(&named, indented).unwrap(), "http://127.0.0.1:8");
    assert_eq!(endpoint(&[], "").unwrap(), "http://169.254.169.254");
    let mode = "[default]\nec2_metadata_service_endpoint_mode = IPv6\n";
    assert_eq!(endpoint(&[], mode).unwrap(), "http://[fd00:ec2::254]");
    assert!(endpoint(&[], &mode.replace("IPv6", "x")).is_err());
}
