"""What boto3 returns for the calls that the lines of standard input describe: each an operation, a tab, and its arguments as
JSON, in which {"File": path} stands for an image. Prints one line of JSON for each.

Usage: boto3-agrees.py URL, with the keys in the environment.
"""

import datetime
import json
import pathlib
import sys

import boto3
from botocore.config import Config

config = Config(proxies={}, retries={"total_max_attempts": 1})
client = boto3.client("rekognition", endpoint_url=sys.argv[1], region_name="us-east-1", config=config)


def with_images(value):
    if isinstance(value, dict):
        if "File" in value:
            return {"Bytes": pathlib.Path(value["File"]).read_bytes()}
        return {name: with_images(member) for name, member in value.items()}
    return value


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    raise TypeError(value)


for line in sys.stdin:
    operation, arguments = line.rstrip("\n").split("\t")
    response = getattr(client, operation)(**with_images(json.loads(arguments)))
    del response["ResponseMetadata"]
    print(json.dumps(response, default=plain))
