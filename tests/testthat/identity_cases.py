"""The combinations that clients are tried with: see boto3-identity.py."""

import itertools
import json
import random

from identity_case import (
    CASES,
    Case,
    ENV_KEYS,
    MISSING,
    SELECTIONS,
    SOURCES,
    SSO_ROLE,
    SSO_SESSION,
    STATIC,
    arn,
    container,
    env_keys,
    instance,
    login,
    others,
    pair,
    process,
    process_output,
    select,
    sso,
    sso_cache,
    static,
    token_file,
    web_identity,
    web_identity_variables,
)
from identity_servers import FUTURE, PAST, key, secret
from identity_syntax import family_syntax, family_blocks, family_names

# Across sources --------------------------------------------------------------------------------------------


def family_environment():
    for selection, variant in itertools.product(SELECTIONS, ENV_KEYS):
        for files in ("nothing", "credentials", "config"):
            if files == "nothing" and selection not in ("nothing", "call"):
                continue
            if files == "config" and variant not in ("none", "pair", "key only", "secret only"):
                continue
            case = Case("environment")
            select(case, selection)
            env_keys(case, variant)
            if files != "nothing":
                others(case)
                static(case, files, "token")
    for selection, variant in itertools.product(MISSING, ("none", "pair", "secret only")):
        case = Case("environment")
        select(case, selection)
        env_keys(case, variant)
        others(case)
        static(case, "credentials", "pair")


def family_chain():
    for choice in itertools.product((False, True), repeat=7):
        with_call, call_profile, with_env, variable, web, with_container, with_instance = choice
        case = Case("chain")
        named = {(False, False): "nothing", (True, False): "call", (False, True): "AWS_PROFILE"}
        select(case, named.get((call_profile, variable), "call over AWS_PROFILE"))
        if with_call:
            case.choose(call_keys="token")
            case.call |= {"key": key("call"), "secret": secret(key("call")), "token": "token-of-call"}
        env_keys(case, "token" if with_env else "none")
        if call_profile or variable:
            static(case, "credentials", "token")
            case.put_profile("config", "other", *pair("other"))
        web_identity_variables(case, web)
        container(case, with_container)
        instance(case, with_instance)


def family_static():
    for in_credentials, in_config in itertools.product(STATIC, STATIC):
        case = Case("static")
        select(case, "nothing" if len(CASES) % 2 else "AWS_PROFILE")
        static(case, "credentials", in_credentials)
        static(case, "config", in_config)
        others(case)
    for file, variant in itertools.product(("credentials", "config"), ("legacy", "both")):
        case = Case("static")
        select(case, "AWS_PROFILE")
        case.choose(**{f"{file}_keys": "both tokens" if variant == "both" else "legacy token"})
        lines = pair("cred" if file == "credentials" else "conf")
        lines += ["aws_security_token = legacy-token"]
        lines += ["aws_session_token = token"] if variant == "both" else []
        case.put_profile(file, "work", *lines)


def family_precedence():
    names = list(SOURCES)
    for size in (1, 2, 3, len(names)):
        for chosen in itertools.combinations(names, size):
            case = Case("precedence")
            case.choose(sources=" + ".join(chosen))
            select(case, ("AWS_PROFILE", "call", "nothing")[len(CASES) % 3])
            container(case, len(CASES) % 2 == 0)
            for name in chosen:
                SOURCES[name](case)
    for name in names:
        for selection in ("nothing", "AWS_PROFILE", "call"):
            case = Case("precedence")
            case.choose(sources=name)
            select(case, selection)
            SOURCES[name](case)
            web_identity_variables(case)
            env_keys(case, "pair" if selection == "call" else "none")


def family_fallback():
    """No keys anywhere: the container's or the instance's role."""
    choices = itertools.product((False, True), (False, True), ("none", "empty", "profile"))
    for with_container, with_instance, files in choices:
        case = Case("fallback")
        select(case, "AWS_PROFILE" if files == "profile" else "nothing")
        container(case, with_container)
        instance(case, with_instance)
        case.choose(files=files)
        if files == "empty":
            case.texts["config"] = case.texts["credentials"] = ""
        if files == "profile":
            case.put_profile("config", "work", "region = eu-west-1")
    for variant in ("authorization", "authorization file", "empty token", "empty variable"):
        case = Case("fallback")
        case.choose(container=variant)
        case.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "@OTHER@/container"
        if variant == "authorization":
            case.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic-abc"
        if variant == "authorization file":
            case.files["authorization"] = "Basic-of-file"
            case.env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "@DIR@/authorization"
            case.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic-abc"
        if variant == "empty token":
            case.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] += "-empty-token"
        if variant == "empty variable":
            case.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = ""


def family_places():
    """Where the files are, and variables that name a missing file."""
    for config, credentials in itertools.product(("variable", "home", "no file", "folder", "empty variable"), repeat=2):
        case = Case("places")
        case.choose(config_place=config, credentials_place=credentials)
        del case.env["AWS_ENDPOINT_URL_REKOGNITION"]
        for name, file, place in (("CONFIG", "config", config), ("SHARED_CREDENTIALS", "credentials", credentials)):
            lines = ["endpoint_url = @PROFILE@"] if file == "config" else pair("cred")
            text = "\n".join(["[default]", *lines, ""])
            if place == "variable":
                case.files[f"my-{file}"] = text
                case.env[f"AWS_{name}_FILE"] = f"@DIR@/my-{file}"
            else:
                case.files[f"home/.aws/{file}"] = text
            if place == "no file":
                case.env[f"AWS_{name}_FILE"] = "@DIR@/missing"
            if place == "folder":
                case.env[f"AWS_{name}_FILE"] = "@DIR@"
            if place == "empty variable":
                case.env[f"AWS_{name}_FILE"] = ""


# Where to --------------------------------------------------------------------------------------------------


def family_region():
    for choice in itertools.product((False, True), repeat=5):
        case = Case("region")
        given = ["call", "AWS_REGION", "AWS_DEFAULT_REGION", "config", "credentials"]
        region(case, [name for name, is_given in zip(given, choice) if is_given])
        static(case, "credentials", "pair", "default")
    for variant in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        case = Case("region")
        case.choose(region=f"empty {variant}")
        del case.env["AWS_DEFAULT_REGION"]
        case.env[variant] = ""
        case.put_profile("config", "default", "region = eu-west-1", *pair("conf"))
    for file in ("config", "credentials"):
        case = Case("region")
        case.choose(region=f"empty in {file}")
        del case.env["AWS_DEFAULT_REGION"]
        case.put_profile(file, "default", "region =", *pair("conf"))


def region(case, given):
    case.choose(region=" + ".join(given) or "none")
    del case.env["AWS_DEFAULT_REGION"]
    if "call" in given:
        case.call["region"] = "us-west-1"
    if "AWS_REGION" in given:
        case.env["AWS_REGION"] = "us-west-2"
    if "AWS_DEFAULT_REGION" in given:
        case.env["AWS_DEFAULT_REGION"] = "us-east-2"
    for file in ("config", "credentials"):
        if file in given:
            case.put_profile(file, case.profile, "region = " + ("eu-west-1" if file == "config" else "eu-west-2"))


SERVICES = {
    "none": [],
    "this": ["rekognition =", "  endpoint_url = @SERVICES@"],
    "another": ["s3 =", "  endpoint_url = @OTHER@"],
    "both": ["s3 =", "  endpoint_url = @OTHER@", "rekognition =", "  endpoint_url = @SERVICES@"],
    "typo": [],
}


def family_endpoint():
    for choice in itertools.product(*[(False, True)] * 4, SERVICES, (None, "true")):
        if choice[-1] and (choice[-2] in ("another", "both") or choice[1] != choice[2]):
            continue
        case = Case("endpoint")
        endpoint(case, *choice)
        static(case, "credentials", "pair", "default")
    for variant, value in {
        "localhost": "http://localhost:@PORT@",
        "slash": "@PROFILE@/",
        "path": "@PROFILE@/a/b",
        "path and slash": "@PROFILE@/a/",
        "upper-case scheme": "HTTP://127.0.0.1:@PORT@",
    }.items():
        for place in ("call", "variable", "profile"):
            case = Case("endpoint")
            case.choose(endpoint=f"{variant} in {place}")
            del case.env["AWS_ENDPOINT_URL_REKOGNITION"]
            static(case, "credentials", "pair")
            if place == "call":
                case.call["endpoint"] = value
            if place == "variable":
                case.env["AWS_ENDPOINT_URL_REKOGNITION"] = value
            if place == "profile":
                case.put_profile("config", "default", f"endpoint_url = {value}")
    for variant in ("service", "global", "profile", "services"):
        case = Case("endpoint")
        case.choose(endpoint=f"empty {variant}")
        static(case, "credentials", "pair")
        del case.env["AWS_ENDPOINT_URL_REKOGNITION"]
        if variant == "services":
            case.put_profile("config", "default", "services = dev", "endpoint_url = @PROFILE@")
            case.put("config", "services dev", "rekognition =", "  endpoint_url =")
        elif variant == "profile":
            case.put_profile("config", "default", "endpoint_url =")
        else:
            case.env["AWS_ENDPOINT_URL" + ("_REKOGNITION" if variant == "service" else "")] = ""
            case.put_profile("config", "default", "endpoint_url = @PROFILE@")
    for variant in ("true", "TRUE", "false", "yes", ""):
        for place in ("variable", "profile"):
            case = Case("endpoint")
            case.choose(ignore=f"{variant!r} in {place}")
            static(case, "credentials", "pair")
            if place == "variable":
                case.env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = variant
            else:
                case.put_profile("config", "default", f"ignore_configured_endpoint_urls = {variant}")


def endpoint(case, in_call, for_service, for_all, in_profile, services, ignore):
    case.choose(
        endpoint=" + ".join(
            name
            for name, is_given in {
                "call": in_call,
                "AWS_ENDPOINT_URL_REKOGNITION": for_service,
                "AWS_ENDPOINT_URL": for_all,
                "profile": in_profile,
            }.items()
            if is_given
        )
        or "none",
        services=services,
        ignore=ignore,
    )
    del case.env["AWS_ENDPOINT_URL_REKOGNITION"]
    if in_call:
        case.call["endpoint"] = "@CALL@"
    if for_service:
        case.env["AWS_ENDPOINT_URL_REKOGNITION"] = "@SERVICE@"
    if for_all:
        case.env["AWS_ENDPOINT_URL"] = "@ALL@"
    if in_profile:
        case.put_profile("config", case.profile, "endpoint_url = @PROFILE@")
    if services != "none":
        case.put_profile("config", case.profile, "services = " + ("typo" if services == "typo" else "dev"))
        case.put("config", "services dev", *SERVICES[services])
    if ignore:
        case.env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = ignore


# Roles, web identity, SSO, processes -----------------------------------------------------------------------


def lines_of_role(*more):
    return [f"role_arn = {arn('assumed')}", *more]


ROLES = {
    "plain": ["source_profile = base"],
    "external id": ["source_profile = base", "external_id = partner-7"],
    "duration": ["source_profile = base", "duration_seconds = 1800"],
    "bad duration": ["source_profile = base", "duration_seconds = long"],
    "session name": ["source_profile = base", "role_session_name = given-name"],
    "all of these": [
        "source_profile = base",
        "external_id = partner-7",
        "duration_seconds = 900",
        "role_session_name = given-name",
    ],
    "mfa": ["source_profile = base", "mfa_serial = arn:aws:iam::123456789012:mfa/someone"],
    "own source, keys in config": ["source_profile = work", *pair("conf")],
    "own source, keys in credentials": ["source_profile = work"],
    "own source, half a pair": ["source_profile = work", *pair("conf")[:1]],
    "own source, no keys": ["source_profile = work"],
    "own source, process": ["source_profile = work"],
    "missing source": ["source_profile = nobody"],
    "empty source": ["source_profile ="],
    "no source": [],
    "no source, own keys": pair("conf"),
    "source without anything": ["source_profile = bare"],
    "source with half a pair": ["source_profile = half"],
    "source with a token": ["source_profile = temporary"],
    "source in credentials": ["source_profile = stored"],
    "source default": ["source_profile = default"],
    "source is a role": ["source_profile = middle"],
    "source is a role of a role": ["source_profile = top"],
    "source is a role with own keys": ["source_profile = keyed"],
    "source with mfa": ["source_profile = guarded"],
    "loop": ["source_profile = round"],
    "source is a process": ["source_profile = running"],
    "source is sso": ["source_profile = signed"],
    "source is web identity": ["source_profile = federated"],
    "source is login": ["source_profile = logged"],
    "environment": ["credential_source = Environment"],
    "environment without keys": ["credential_source = Environment"],
    "environment in lower case": ["credential_source = environment"],
    "instance": ["credential_source = Ec2InstanceMetadata"],
    "instance without instance": ["credential_source = Ec2InstanceMetadata"],
    "container": ["credential_source = EcsContainer"],
    "container without container": ["credential_source = EcsContainer"],
    "typo in credential source": ["credential_source = Ec2Instance"],
    "both kinds of source": ["source_profile = base", "credential_source = Environment"],
    "in credentials file": [],
    "source in upper case": ["source_profile = BASE"],
}


def family_role():
    for (variant, lines), selection in itertools.product(ROLES.items(), ("AWS_PROFILE", "call")):
        case = Case("role")
        select(case, selection)
        case.choose(role=variant)
        if variant == "in credentials file":
            case.put_profile("credentials", "work", *lines_of_role("source_profile = base"))
        else:
            case.put_profile("config", "work", "region = eu-central-1", *lines_of_role(*lines))
        case.put_profile("config", "base", *pair("base"))
        case.put_profile("config", "default", *pair("default"))
        case.put_profile("config", "bare", "region = eu-west-1")
        case.put_profile("config", "half", *pair("half")[1:])
        case.put_profile("config", "temporary", *pair("temporary", "token-of-temporary"))
        case.put_profile("credentials", "stored", *pair("stored"))
        case.put_profile("config", "middle", f"role_arn = {arn('middle')}", "source_profile = base")
        case.put_profile("config", "top", f"role_arn = {arn('top')}", "source_profile = middle")
        case.put_profile("config", "keyed", f"role_arn = {arn('keyed')}", "source_profile = base", *pair("keyed"))
        guarded = ["source_profile = base", "mfa_serial = arn:aws:iam::123456789012:mfa/someone"]
        case.put_profile("config", "guarded", f"role_arn = {arn('guarded')}", *guarded)
        case.put_profile("config", "round", f"role_arn = {arn('round')}", "source_profile = work")
        if variant == "own source, keys in credentials":
            static(case, "credentials", "token")
        if variant == "own source, process":
            process(case)
        if variant == "source is a process":
            process(case, "running")
        if variant == "source is sso":
            sso(case, "signed")
        if variant == "source is web identity":
            web_identity(case, "federated")
        if variant == "source is login":
            login(case, "logged")
        if variant in ("environment", "both kinds of source"):
            env_keys(case, "token")
        if variant == "container":
            container(case)
        if variant == "instance without instance":
            instance(case, False)


WEB_IDENTITIES = [
    "variables",
    "variables without name",
    "variables without role",
    "empty token variable",
    "missing token file",
    "token with line break",
    "profile",
    "profile with name",
    "profile without role",
    "profile, role in variable",
    "profile, missing token file",
    "profile in credentials file",
    "variables and default profile",
    "variables and named profile",
    "variables and profile in call",
    "variables and profile with web identity",
]


def family_web_identity():
    for variant in WEB_IDENTITIES:
        for is_there in (True, False):
            case = Case("web identity")
            case.choose(web_identity=variant)
            instance(case, is_there)
            if variant.startswith("variables") or "token" in variant.split(" ")[:2]:
                web_identity_variables(case)
            if variant == "variables without name":
                del case.env["AWS_ROLE_SESSION_NAME"]
            if variant == "variables without role":
                del case.env["AWS_ROLE_ARN"]
            if variant == "empty token variable":
                case.env["AWS_WEB_IDENTITY_TOKEN_FILE"] = ""
            if variant == "missing token file":
                case.env["AWS_WEB_IDENTITY_TOKEN_FILE"] = "@DIR@/missing.jwt"
            if variant == "token with line break":
                case.files["variable.jwt"] += "\n"
            if variant.startswith("profile"):
                select(case, "AWS_PROFILE")
                file = "credentials" if variant == "profile in credentials file" else "config"
                case.put_profile(file, "work", f"web_identity_token_file = {token_file(case)}")
                if variant not in ("profile without role", "profile, role in variable"):
                    case.put_profile(file, "work", f"role_arn = {arn('federated')}")
            if variant == "profile with name":
                case.put_profile("config", "work", "role_session_name = given-in-profile")
            if variant == "profile, role in variable":
                case.env["AWS_ROLE_ARN"] = arn("of-variables")
            if variant == "profile, missing token file":
                del case.files["profile.jwt"]
            if variant == "variables and default profile":
                static(case, "config", "pair")
            if variant == "variables and named profile":
                select(case, "AWS_PROFILE")
                static(case, "config", "pair")
            if variant == "variables and profile in call":
                select(case, "call")
                static(case, "config", "pair")
            if variant == "variables and profile with web identity":
                select(case, "AWS_PROFILE")
                web_identity(case)


SSO_TOKENS = {
    "Z": FUTURE,
    "UTC": "2999-01-01T00:00:00UTC",
    "offset": "2999-01-01T00:00:00+00:00",
    "other offset": "2999-01-01T00:00:00+02:00",
    "fraction": "2999-01-01T00:00:00.123456Z",
    "expired Z": PAST,
    "expired UTC": "2001-01-01T00:00:00UTC",
    "expired offset": "2001-01-01T00:00:00+00:00",
    "no expiry": None,
    "junk expiry": "whenever",
}
SSO_OTHERS = [
    "not logged in",
    "refresh",
    "refresh, registration expired",
    "equal twice",
    "different start url",
    "different region",
    "missing session",
    "session without region",
    "no account",
    "no role",
    "only sso_session",
    "refused",
    "session in quotes",
    "scopes",
    "cache is no JSON",
    "in credentials file",
]


def family_sso():
    for form, (variant, expires_at) in itertools.product(("session", "legacy"), SSO_TOKENS.items()):
        case = Case("sso")
        case.choose(sso=form, sso_token=variant)
        select(case, "AWS_PROFILE" if len(CASES) % 2 else "call")
        if form == "session":
            sso(case)
            sso_cache(case, "corp", expires_at)
        else:
            start = ["sso_start_url = https://sso.example.org/legacy", "sso_region = eu-west-1"]
            case.put_profile("config", "work", *start, *SSO_ROLE)
            sso_cache(case, "legacy", expires_at)
    for variant in SSO_OTHERS:
        case = Case("sso")
        case.choose(sso=variant)
        select(case, "AWS_PROFILE")
        sso(case)
        work = dict(case.config)["profile work"]
        corp = dict(case.config)["sso-session corp"]
        if variant in ("not logged in", "cache is no JSON"):
            [file] = [name for name in case.files if "cache" in name]
            if variant == "not logged in":
                del case.files[file]
            else:
                case.files[file] = "{"
        if variant.startswith("refresh"):
            until = PAST if variant.endswith("expired") else FUTURE
            sso_cache(
                case,
                "corp",
                PAST,
                clientId="id",
                clientSecret="secret",
                refreshToken="refresher",
                registrationExpiresAt=until,
            )
        if variant == "equal twice":
            work += SSO_SESSION
        if variant == "different start url":
            work += ["sso_start_url = https://sso.example.org/elsewhere"]
        if variant == "different region":
            work += ["sso_region = us-east-1"]
        if variant == "missing session":
            work[0] = "sso_session = nobody"
        if variant == "session without region":
            del corp[1]
        if variant == "no account":
            del work[1]
        if variant == "no role":
            del work[2]
        if variant == "only sso_session":
            del work[1:]
        if variant == "refused":
            work[1] = "sso_account_id = 999999999999"
        if variant == "session in quotes":
            case.config[-1] = ('sso-session "corp"', corp)
        if variant == "scopes":
            corp += ["sso_registration_scopes = sso:account:access"]
        if variant == "in credentials file":
            case.config.remove(("profile work", work))
            case.put_profile("credentials", "work", *work)


PROCESSES = {
    "good": process_output(),
    "token": process_output(SessionToken="token-of-process"),
    "empty token": process_output(SessionToken=""),
    "null token": process_output(SessionToken=None),
    "expired": process_output(SessionToken="token-of-process", Expiration=PAST),
    "future": process_output(SessionToken="token-of-process", Expiration=FUTURE),
    "future with offset": process_output(SessionToken="token-of-process", Expiration="2999-01-01T00:00:00+00:00"),
    "null expiration": process_output(Expiration=None),
    "junk expiration": process_output(Expiration="whenever"),
    "account": process_output(AccountId="123456789012"),
    "unknown member": process_output(New=[1]),
    "no version": {name: value for name, value in process_output().items() if name != "Version"},
    "version 2": process_output(Version=2),
    "version as text": process_output(Version="1"),
    "no key": {"Version": 1, "SecretAccessKey": "secret"},
    "no secret": {"Version": 1, "AccessKeyId": key("process")},
    "no JSON": "AKIA",
    "nothing": "",
    "list": "[]",
    "blanks around": "\n  " + json.dumps(process_output(), indent=2) + "\n\n",
}
COMMANDS = {
    "fails": "false",
    "missing program": "no-such-program-anywhere",
    "quoted path": 'cat "@DIR@/with blank.json"',
    "single quotes": "cat '@DIR@/with blank.json'",
    "escaped blank": "cat @DIR@/with\\ blank.json",
    "empty": "",
}


def family_process():
    for variant, output in PROCESSES.items():
        case = Case("process")
        case.choose(process=variant)
        select(case, "AWS_PROFILE" if len(CASES) % 2 else "call")
        process(case, output=output)
    for variant, command in COMMANDS.items():
        case = Case("process")
        case.choose(process=variant)
        select(case, "AWS_PROFILE")
        case.files["with blank.json"] = json.dumps(process_output())
        case.put_profile("config", "work", f"credential_process = {command}".rstrip())
    case = Case("process")
    case.choose(process="in credentials file")
    select(case, "AWS_PROFILE")
    case.files["process.json"] = json.dumps(process_output())
    case.put_profile("credentials", "work", "credential_process = cat @DIR@/process.json")


# All together ----------------------------------------------------------------------------------------------


def family_mixture():
    chance = random.Random(20251127)
    for _ in range(120):
        case = Case("mixture")
        select(case, chance.choice(["nothing", "AWS_PROFILE", "call", "call over AWS_PROFILE"]))
        env_keys(case, chance.choice(["none", "none", "none", *ENV_KEYS]))
        others(case)
        static(case, "credentials", chance.choice(["none", "none", *STATIC]))
        static(case, "config", chance.choice(["none", "none", *STATIC]))
        chosen = [name for name in SOURCES if "keys" not in name and chance.random() < 0.15]
        case.choose(sources=" + ".join(chosen) or None)
        for name in chosen:
            SOURCES[name](case)
        web_identity_variables(case, chance.random() < 0.15)
        container(case, chance.random() < 0.3)
        instance(case, chance.random() < 0.8)
        if chance.random() < 0.5:
            given = ["call", "AWS_REGION", "AWS_DEFAULT_REGION", "config", "credentials"]
            region(case, [name for name in given if chance.random() < 0.4])
        if chance.random() < 0.5:
            endpoint(
                case,
                chance.random() < 0.2,
                chance.random() < 0.3,
                chance.random() < 0.3,
                chance.random() < 0.4,
                chance.choice(list(SERVICES)),
                None,
            )


def all_cases():
    family_environment()
    family_chain()
    family_static()
    family_precedence()
    family_fallback()
    family_places()
    family_region()
    family_endpoint()
    family_role()
    family_web_identity()
    family_sso()
    family_process()
    family_syntax()
    family_blocks()
    family_names()
    family_mixture()
    return CASES
