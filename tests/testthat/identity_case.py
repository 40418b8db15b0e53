"""One combination, and the dimensions in which they vary: see boto3-identity.py.

A case is a set of choices. Each dimension is a function that makes one choice: it records it in `choices`, which the
deviations in the test refer to, and adds variables, files and arguments.
"""

import hashlib
import json

from identity_servers import FUTURE, key, secret

CASES = []


class Case:
    def __init__(self, family):
        self.family = family
        self.choices = {}
        self.call = {}
        self.profile = "default"
        self.config = []
        self.credentials = []
        self.texts = {}
        self.files = {}
        self.env = {
            "HOME": "@DIR@/home",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_REKOGNITION": "@USUAL@",
            "AWS_ENDPOINT_URL_STS": "@OTHER@",
            "AWS_ENDPOINT_URL_SSO": "@OTHER@",
            "AWS_ENDPOINT_URL_SSO_OIDC": "@OTHER@",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "@OTHER@",
            "AWS_MAX_ATTEMPTS": "1",
            "HTTPS_PROXY": "@OTHER@",
        }
        CASES.append(self)

    def choose(self, **choices):
        self.choices.update({name: value for name, value in choices.items() if value is not None})

    def header(self, file, profile):
        return profile if file == "credentials" or profile == "default" else f"profile {profile}"

    def put(self, file, section, *lines):
        """Adds lines to a section of a file, as the last section if there is none of the name."""
        sections = getattr(self, file)
        for header, found in sections:
            if header == section:
                found.extend(lines)
                return
        sections.append((section, list(lines)))

    def put_profile(self, file, profile, *lines):
        self.put(file, self.header(file, profile), *lines)

    def render(self, file):
        sections = getattr(self, file)
        if file in self.texts:
            return self.texts[file]
        if sections:
            return "\n".join("\n".join([f"[{header}]", *lines, ""]) for header, lines in sections)
        return None

    def label(self):
        return self.family + ": " + ", ".join(f"{name} = {value}" for name, value in self.choices.items())


def pair(name, token=None):
    lines = [f"aws_access_key_id = {key(name)}", f"aws_secret_access_key = {secret(key(name))}"]
    return lines if token is None else [*lines, f"aws_session_token = {token}"]


ENV_KEYS = ["none", "pair", "token", "empty token", "legacy token", "both tokens"]
ENV_KEYS += ["key only", "secret only", "empty pair"]


def env_keys(case, variant):
    case.choose(env_keys=variant)
    if variant == "none":
        return
    case.env["AWS_ACCESS_KEY_ID"] = key("env")
    case.env["AWS_SECRET_ACCESS_KEY"] = secret(key("env"))
    if variant in ("token", "both tokens"):
        case.env["AWS_SESSION_TOKEN"] = "token-of-env"
    if variant in ("legacy token", "both tokens"):
        case.env["AWS_SECURITY_TOKEN"] = "legacy-token-of-env"
    if variant == "empty token":
        case.env["AWS_SESSION_TOKEN"] = ""
    if variant == "key only":
        del case.env["AWS_SECRET_ACCESS_KEY"]
    if variant == "secret only":
        del case.env["AWS_ACCESS_KEY_ID"]
    if variant == "empty pair":
        case.env["AWS_ACCESS_KEY_ID"] = case.env["AWS_SECRET_ACCESS_KEY"] = ""


SELECTIONS = ["nothing", "AWS_PROFILE", "call", "AWS_DEFAULT_PROFILE", "both variables", "call over AWS_PROFILE"]
MISSING = ["AWS_PROFILE missing", "call missing", "empty AWS_PROFILE", "AWS_PROFILE default", "call default"]


def select(case, variant):
    """Which profile is selected, and how."""
    case.choose(selection=variant)
    if variant in ("nothing", "empty AWS_PROFILE"):
        case.profile = "default"
    elif variant.endswith("default"):
        case.profile = "default"
    elif variant.endswith("missing"):
        case.profile = "default"
    else:
        case.profile = "work"
    if variant in ("AWS_PROFILE", "both variables"):
        case.env["AWS_PROFILE"] = "work"
    if variant == "AWS_DEFAULT_PROFILE":
        case.env["AWS_DEFAULT_PROFILE"] = "work"
    if variant == "both variables":
        case.env["AWS_DEFAULT_PROFILE"] = "other"
    if variant in ("call", "call over AWS_PROFILE"):
        case.call["profile"] = "work"
    if variant == "call over AWS_PROFILE":
        case.env["AWS_PROFILE"] = "other"
    if variant == "AWS_PROFILE missing":
        case.env["AWS_PROFILE"] = "missing"
    if variant == "call missing":
        case.call["profile"] = "missing"
    if variant == "empty AWS_PROFILE":
        case.env["AWS_PROFILE"] = ""
    if variant == "AWS_PROFILE default":
        case.env["AWS_PROFILE"] = "default"
    if variant == "call default":
        case.call["profile"] = "default"


def others(case):
    """Profiles that are not selected, with keys of their own."""
    for profile in ("other", "default"):
        if profile != case.profile:
            case.put_profile("config", profile, "region = ap-south-1", *pair(profile))


STATIC = ["none", "pair", "token", "empty token", "key only", "secret only", "token only"]


def static(case, file, variant, profile=None):
    """Keys of a profile in one of the files."""
    case.choose(**{f"{file}_keys": variant})
    name = "cred" if file == "credentials" else "conf"
    lines = {
        "none": [],
        "pair": pair(name),
        "token": pair(name, f"token-of-{name}"),
        "empty token": pair(name, ""),
        "key only": pair(name)[:1],
        "secret only": pair(name)[1:],
        "token only": [f"aws_session_token = token-of-{name}"],
    }[variant]
    if lines:
        case.put_profile(file, profile or case.profile, *lines)


# Other sources of credentials in a profile.
def arn(name):
    return f"arn:aws:iam::123456789012:role/{name}"


def role(case, profile=None, source="base"):
    profile = profile or case.profile
    case.put_profile("config", profile, f"role_arn = {arn('assumed')}", f"source_profile = {source}")
    if source == "base":
        case.put_profile("config", "base", *pair("base"))


def token_file(case, name="profile"):
    case.files[f"{name}.jwt"] = f"jwt-of-{name}"
    return f"@DIR@/{name}.jwt"


def web_identity(case, profile=None):
    profile = profile or case.profile
    case.put_profile("config", profile, f"web_identity_token_file = {token_file(case)}")
    lines = dict(case.config)[case.header("config", profile)]
    if not any(line.startswith("role_arn") for line in lines):
        lines.append(f"role_arn = {arn('federated')}")


def sso_cache(case, name, expires_at, **more):
    found = {"accessToken": f"bearer-of-{name}", "startUrl": "https://sso.example.org/start", "region": "eu-west-1"}
    if expires_at is not None:
        found["expiresAt"] = expires_at
    text = name if name == "corp" else f"https://sso.example.org/{name}"
    file = hashlib.sha1(text.encode()).hexdigest()
    case.files[f"home/.aws/sso/cache/{file}.json"] = json.dumps(found | more)


SSO_ROLE = ["sso_account_id = 123456789012", "sso_role_name = reader"]
SSO_SESSION = ["sso_start_url = https://sso.example.org/corp", "sso_region = eu-west-1"]


def sso(case, profile=None):
    case.put_profile("config", profile or case.profile, "sso_session = corp", *SSO_ROLE)
    case.put("config", "sso-session corp", *SSO_SESSION)
    sso_cache(case, "corp", FUTURE)


def process(case, profile=None, output=None):
    if output is None:
        output = process_output()
    case.files["process.json"] = output if isinstance(output, str) else json.dumps(output)
    case.put_profile("config", profile or case.profile, "credential_process = cat @DIR@/process.json")


def process_output(**more):
    access_key_id = key("process")
    return {"Version": 1, "AccessKeyId": access_key_id, "SecretAccessKey": secret(access_key_id)} | more


def login(case, profile=None):
    case.put_profile("config", profile or case.profile, "login_session = arn:aws:iam::123456789012:user/someone")


SOURCES = {
    "role": role,
    "web identity": web_identity,
    "sso": sso,
    "credentials keys": lambda case: static(case, "credentials", "token"),
    "login": login,
    "process": process,
    "config keys": lambda case: static(case, "config", "token"),
}


def web_identity_variables(case, is_set=True):
    case.choose(web_variables="set" if is_set else None)
    if is_set:
        case.env["AWS_WEB_IDENTITY_TOKEN_FILE"] = token_file(case, "variable")
        case.env["AWS_ROLE_ARN"] = arn("of-variables")
        case.env["AWS_ROLE_SESSION_NAME"] = "given-in-variables"


def container(case, is_set=True):
    case.choose(container="set" if is_set else None)
    if is_set:
        case.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "@OTHER@/container"


def instance(case, is_there=True):
    case.choose(instance=None if is_there else "none")
    if not is_there:
        case.env["AWS_EC2_METADATA_DISABLED"] = "true"
