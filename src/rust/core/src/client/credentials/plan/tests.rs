use super::*;
use crate::settings::profiles::tests::Home;

const ROLE: &str = "role_arn = arn:aws:iam::111122223333:role/x\n";
const KEYS: &str = "aws_access_key_id = A\naws_secret_access_key = s\n";

fn plan_of(config: &str, credentials: &str) -> Result<Option<Plan>, String> {
    let home = Home::new(config, credentials);
    plan(&home.load(None)?, "default")
}

fn base_of(config: &str, credentials: &str) -> Base {
    let plan = plan_of(config, credentials).unwrap().unwrap();
    assert!(plan.roles.is_empty());
    plan.base
}

fn id_of(base: &Base) -> &str {
    match base {
        Base::Keys(keys) => keys.access_key_id(),
        other => panic!("{other:?}"),
    }
}

/// Asserts that there is no plan for this config file, with such a reason.
fn refuses(config: &str, expected: &str) {
    let reason = plan_of(config, "").unwrap_err();
    assert!(reason.contains(expected), "{config}: {reason}");
}

#[test]
fn the_precedence_within_a_profile_is_that_of_the_aws_cli() {
    let layers = [
        (KEYS, ""),
        ("credential_process = keys\n", ""),
        ("", KEYS),
        ("sso_account_id = 1\nsso_role_name = r\nsso_start_url = https://x\nsso_region = us-east-1\n", ""),
        ("web_identity_token_file = /token\nrole_arn = arn\n", ""),
    ];
    let mut config = String::from("[default]\n");
    let mut credentials = String::from("[default]\n");
    for (number, (in_config, in_credentials)) in layers.iter().enumerate() {
        config += in_config;
        credentials += in_credentials;
        let base = base_of(&config, &credentials);
        let found = match base {
            Base::Keys(_) => 0,
            Base::Process { .. } => 1,
            Base::Sso(_) => 3,
            Base::WebIdentity(_) => 4,
            other => panic!("{other:?}"),
        };
        // Keys in the credentials file are of the same kind.
        assert_eq!(found, if number == 2 { 0 } else { number }, "{config}");
    }
    assert_eq!(plan_of("[default]\nregion = x\n", ""), Ok(None));
}

#[test]
fn keys_in_the_credentials_file_take_precedence_and_keep_their_own_token() {
    let config = format!("[default]\n{KEYS}aws_session_token = t\n");
    match base_of(
        &config,
        "[default]\naws_access_key_id = B\naws_secret_access_key = s\n",
    ) {
        Base::Keys(keys) => assert_eq!((keys.access_key_id(), keys.session_token()), ("B", None)),
        other => panic!("{other:?}"),
    }
    match base_of(&config, "[default]\naws_session_token = other\n") {
        Base::Keys(keys) => assert_eq!(
            (keys.access_key_id(), keys.session_token()),
            ("A", Some("t"))
        ),
        other => panic!("{other:?}"),
    }
    assert!(plan_of(&config, "[default]\naws_secret_access_key = s\n").is_err());
}

#[test]
fn a_role_is_assumed_with_keys_from_the_source_in_the_profile() {
    let one = format!(
        "[default]\n{ROLE}source_profile = base\nexternal_id = e\nduration_seconds = 1800\nrole_session_name = n\n[profile base]\n{KEYS}"
    );
    let plan = plan_of(&one, "").unwrap().unwrap();
    assert_eq!(id_of(&plan.base), "A");
    let role = &plan.roles[0];
    assert_eq!(
        (
            role.external_id.as_deref(),
            role.duration,
            role.session_name.as_deref()
        ),
        (Some("e"), Some(1800), Some("n"))
    );
    let itself = format!("[default]\n{ROLE}source_profile = default\n{KEYS}");
    assert_eq!(id_of(&plan_of(&itself, "").unwrap().unwrap().base), "A");
    for (source, expected) in [
        ("Environment", Base::Environment),
        ("EcsContainer", Base::Container),
        ("Ec2InstanceMetadata", Base::Instance),
    ] {
        let config = format!("[default]\n{ROLE}credential_source = {source}\n");
        assert_eq!(plan_of(&config, "").unwrap().unwrap().base, expected);
    }
}

#[test]
fn chained_roles_are_assumed_in_order_starting_from_a_profile_with_keys() {
    let config = format!(
        "[default]\nrole_arn = last\nsource_profile = b\n[profile b]\nrole_arn = first\nsource_profile = c\n\
         [profile c]\n{KEYS}role_arn = none\nsource_profile = default\n"
    );
    let plan = plan_of(&config, "").unwrap().unwrap();
    let arns: Vec<_> = plan.roles.iter().map(|role| role.arn.as_str()).collect();
    assert_eq!(arns, ["first", "last"]);
    assert_eq!(id_of(&plan.base), "A");
}

#[test]
fn a_role_that_cannot_be_assumed_is_an_error() {
    let role = |rest: &str| format!("[default]\n{ROLE}{rest}\n[profile empty]\nregion = x\n");
    refuses(&role(""), "neither `source_profile` nor");
    refuses(
        &role("source_profile = a\ncredential_source = Environment"),
        "both `source_profile`",
    );
    refuses(
        &role("source_profile = absent"),
        "is missing or has no credentials",
    );
    refuses(
        &role("source_profile = empty"),
        "is missing or has no credentials",
    );
    refuses(
        &role("source_profile = default"),
        "is its own `source_profile`",
    );
    refuses(&role("credential_source = Typo"), "must be \"Environment\"");
    refuses(
        &role("credential_source = Environment\nduration_seconds = long"),
        "`duration_seconds`",
    );
    refuses(
        &role("credential_source = Environment\nmfa_serial = arn:x"),
        "aws configure export-credentials",
    );
    let circle = format!(
        "[default]\n{ROLE}source_profile = b\n[profile b]\n{ROLE}source_profile = default\n"
    );
    refuses(&circle, "each other");
    let flawed = format!("[default]\n{ROLE}source_profile = b\n[profile b]\nx\n");
    refuses(&flawed, "line 5");
    refuses("[default]\ncredential_process =\n", "is empty");
    refuses("[default]\nweb_identity_token_file = /x\n", "no `role_arn`");
}

#[test]
fn a_profile_of_aws_login_is_refused_with_a_workaround() {
    refuses(
        "[default]\nlogin_session = arn:aws:iam::1:user/x\n",
        "--profile default --format process",
    );
    let keys = base_of(
        "[default]\nlogin_session = arn\n",
        &format!("[default]\n{KEYS}"),
    );
    assert_eq!(id_of(&keys), "A");
}

#[test]
fn a_profile_may_repeat_the_same_settings_of_its_sso_session() {
    let sso = |profile: &str, session: &str| {
        format!(
            "[default]\nsso_account_id = 1\nsso_role_name = r\nsso_session = corp\n{profile}\n[sso-session corp]\n{session}\n"
        )
    };
    let whole = "sso_start_url = https://x\nsso_region = us-east-1";
    for profile in ["", whole] {
        match base_of(&sso(profile, whole), "") {
            Base::Sso(sso) => assert_eq!(
                (
                    sso.session.as_deref(),
                    sso.start_url.as_str(),
                    sso.region.as_str()
                ),
                (Some("corp"), "https://x", "us-east-1")
            ),
            other => panic!("{other:?}"),
        }
    }
    refuses(&sso("sso_region = eu-west-1", whole), "differ");
    refuses(
        &sso("", "sso_region = eu-west-1"),
        "[sso-session corp] has no `sso_start_url`",
    );
    refuses(
        &sso("", whole).replace("[sso-session corp]", "[sso-session other]"),
        "does not exist",
    );
    refuses(
        "[default]\nsso_role_name = r\nsso_start_url = x\nsso_region = y\n",
        "no `sso_account_id`",
    );
    refuses(
        "[default]\nsso_role_name = r\nsso_account_id = 1\n",
        "no `sso_start_url`",
    );
}
