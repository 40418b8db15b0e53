"""Generates combinations of config files, credentials files, environment variables and arguments, and records which
identity boto3, the reference client, uses with each, and which endpoint.

Usage: boto3-identity.py FOLDER. Writes the files of each combination into a folder of its own, all combinations with
boto3's outcomes into `FOLDER/cases.json`, then `ready` to standard output. After that it keeps its servers running
until standard input ends, so that another client can be tried with the same combinations.

The combinations are the same in each run; only ports and paths differ. The servers, all on loopback:

- One server for each place where an endpoint can be set (`SERVICES`). They act as the service, and respond to every request
  with an error whose message lists what arrived: access key ID, session token, region, server, path, and whether the
  signature matches the secret of the access key ID.
- `other` is everything else: STS, IAM Identity Center's portal and OIDC service, a container's agent, the instance
  metadata service, and the proxy for HTTPS, which records the host of a request that would have left the machine, and
  refuses it. The session token of the keys that they issue lists what was requested, so one response describes a
  whole chain of roles.
"""

import copy
import json
import os
import shutil
import sys
from pathlib import Path

import boto3
import botocore.credentials
import botocore.exceptions
import botocore.loaders
import botocore.session
from botocore.credentials import SSOProvider
from botocore.tokens import SSOTokenProvider
from botocore.utils import ContainerMetadataFetcher

# A test leaves no compiled modules beside its files.
sys.dont_write_bytecode = True
from identity_cases import all_cases
from identity_servers import SERVICES, Server

FOLDER = Path(sys.argv[1])
AWAY = FOLDER / "away.txt"
SESSION_ID = "0f959dbb-37cc-45d8-a08d-dc42cce85fa8"


class NoPrompt(Exception):
    """A role requires an MFA code."""


def no_prompt(text):
    raise NoPrompt(text)


class AssumeRoleProvider(botocore.credentials.AssumeRoleProvider):
    """Does not read an MFA code from the terminal."""

    def __init__(self, **arguments):
        super().__init__(prompter=no_prompt, **arguments)


# These are the same in all sessions, and making them takes most of a session's time.
LOADER = botocore.loaders.create_loader()
HANDLERS = botocore.session.Session()._original_handler


def ask_boto3(call, home):
    SSOProvider._SSO_TOKEN_CACHE_DIR = SSOTokenProvider._SSO_TOKEN_CACHE_DIR = f"{home}/.aws/sso/cache"
    core = botocore.session.Session(event_hooks=copy.copy(HANDLERS), include_builtin_handlers=False)
    core.register_component("data_loader", LOADER)
    session = boto3.session.Session(
        botocore_session=core,
        profile_name=call.get("profile"),
        aws_access_key_id=call.get("key"),
        aws_secret_access_key=call.get("secret"),
        aws_session_token=call.get("token"),
    )
    client = session.client("rekognition", region_name=call.get("region"), endpoint_url=call.get("endpoint"))
    client.get_face_liveness_session_results(SessionId=SESSION_ID)


def outcome_of_boto3(call, home):
    away = AWAY.stat().st_size
    try:
        ask_boto3(call, home)
    except botocore.exceptions.ClientError as error:
        if error.operation_name == "GetFaceLivenessSessionResults":
            return {"arrived": error.response["Error"]["Message"]}
        return {"error": str(error)}
    except Exception as error:
        if AWAY.stat().st_size > away:
            return {"away": AWAY.read_text()[away:].strip()}
        return {"error": f"{type(error).__name__}: {error}"}


def file_texts(case):
    texts = {file: case.render(file) for file in ("config", "credentials")}
    return case.files | {file: text for file, text in texts.items() if text is not None}


def write_files(case, folder, fill):
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "home").mkdir(parents=True)
    for name, text in file_texts(case).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(fill(text).encode())


def main():
    AWAY.touch()
    servers = {name: Server(name, AWAY) for name in [*SERVICES, "other"]}
    marks = {f"@{name.upper()}@": server.url for name, server in servers.items()}
    marks["@PORT@"] = str(servers["profile"].server_port)
    botocore.credentials.AssumeRoleProvider = AssumeRoleProvider
    ContainerMetadataFetcher.SLEEP_TIME = 0
    path = os.environ["PATH"]
    results = []
    for i, case in enumerate(all_cases()):
        folder = FOLDER / f"{i:04d}"

        def fill(text):
            for mark, value in {**marks, "@DIR@": str(folder)}.items():
                text = text.replace(mark, value)
            return text

        for file, variable in (("config", "AWS_CONFIG_FILE"), ("credentials", "AWS_SHARED_CREDENTIALS_FILE")):
            if case.render(file) is not None:
                case.env[variable] = f"@DIR@/{file}"
        env = {name: fill(value) for name, value in case.env.items()}
        call = {name: fill(value) for name, value in case.call.items()}
        write_files(case, folder, fill)
        os.environ.clear()
        os.environ.update(env, PATH=path)
        outcome = outcome_of_boto3(call, env["HOME"])
        # boto3 writes to the cache of SSO.
        write_files(case, folder, fill)
        results.append(
            {
                "family": case.family,
                "label": case.label(),
                "choices": case.choices,
                "folder": str(folder),
                "env": env,
                "call": call,
                "boto3": outcome,
            }
        )
    (FOLDER / "cases.json").write_text(json.dumps(results, indent=1))
    print("ready", flush=True)
    sys.stdin.read()


main()
