"""Asks an emulator with boto3, the reference client, and writes its results.

Usage: boto3-results.py URL, with the keys in the environment and a session ID per line on standard input.
Each leaf of a result is a line: session ID, path, type and value, separated by tabs. Numbers are the 8 bytes
of the double and strings their UTF-8, in hex, so that nothing is lost on the way.
"""

import struct
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

client = boto3.client(
    "rekognition",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
)


def leaves(path, value):
    if value is None:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(f"{path}${name}", member)
    elif isinstance(value, list):
        if value:
            yield path, "length", str(len(value))
        for i, item in enumerate(value):
            yield from leaves(f"{path}[{i + 1}]", item)
    elif isinstance(value, (int, float)):
        yield path, "number", struct.pack(">d", float(value)).hex()
    elif isinstance(value, bytes):
        if value:
            yield path, "bytes", value.hex()
    else:
        yield path, "string", value.encode().hex()


for line in sys.stdin:
    session_id = line.strip()
    try:
        response = client.get_face_liveness_session_results(SessionId=session_id)
        response.pop("ResponseMetadata", None)
        documented = ["SessionId", "Status", "Confidence", "ReferenceImage", "AuditImages"]
        for name in documented:
            for leaf in leaves(name, response.get(name)):
                print(session_id, *leaf, sep="\t")
    except ClientError as error:
        response = error.response
        for name in ("Code", "Message"):
            print(session_id, f"error${name}", "string", str(response["Error"][name]).encode().hex(), sep="\t")
        metadata = response["ResponseMetadata"]
        print(session_id, "error$status", "string", str(metadata["HTTPStatusCode"]).encode().hex(), sep="\t")
        print(session_id, "error$request", "string", metadata["RequestId"].encode().hex(), sep="\t")
