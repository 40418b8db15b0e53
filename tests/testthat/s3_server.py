"""S3 on loopback, with botocore as the judge of signatures and addresses.

s3_server.py OBJECTS REQUESTS: OBJECTS is a JSON file, a list of `bucket`, `key`, `version` (or null) and `body` in hexadecimal
digits. Prints its URL when boto3 has fetched each object. REQUESTS gets a line for each request: `boto3` or `ours`, and the
request line.

A bucket whose name begins with "301", "307" or "400" is in eu-central-1, and the first request for each object of "busy" is
throttled.
"""

import datetime
import json
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import boto3
import botocore.auth
import botocore.config
import botocore.credentials
from botocore.awsrequest import AWSRequest

KEYS = ("AKIAEXAMPLE", "secret/of+the=example", "token//of+the=example")
ELSEWHERE = "eu-central-1"


def error(code, message, more=""):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'


def expected_authorization(path, host, date, region):
    """What botocore signs at this time for this region."""
    now = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
    request = AWSRequest("GET", f"http://{host}{path}")
    credentials = botocore.credentials.Credentials(*KEYS)
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: now):
        botocore.auth.S3SigV4Auth(credentials, "s3", region).add_auth(request)
    return request.headers["Authorization"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args):
        pass

    def respond(self, status, body, **headers):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("x-amz-request-id", "4442587FB7D0A2F9")
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        agent = "boto3" if "boto" in self.headers["user-agent"].lower() else "ours"
        with self.server.lock:
            with open(self.server.log, "a", encoding="utf-8") as log:
                log.write(f"{agent} {self.path}\n")
        path, _, query = self.path.partition("?")
        _, bucket, key = path.split("/", 2)
        bucket, key = urllib.parse.unquote(bucket), urllib.parse.unquote(key)
        parameters = urllib.parse.parse_qs(query)
        version = parameters.get("versionId", [None])[0]

        region = self.headers["authorization"].split("/")[2]
        is_elsewhere = bucket[:3] in ("301", "307", "400")
        if is_elsewhere and agent == "ours" and region != ELSEWHERE:
            self.refuse_region(bucket, region)
            return
        if agent == "ours":
            date, token = self.headers["x-amz-date"], self.headers["x-amz-security-token"]
            expected = expected_authorization(self.path, self.headers["host"], date, region)
            if self.headers["authorization"] != expected or token != KEYS[2]:
                self.respond(403, error("SignatureDoesNotMatch", "The signature is wrong"))
                return
        address = (bucket, key, version)
        with self.server.lock:
            is_first = address not in self.server.seen
            self.server.seen.add(address)
        if bucket == "busy" and agent == "boto3":
            self.server.seen.discard(address)
        elif bucket == "busy" and is_first:
            self.respond(503, error("SlowDown", "Please reduce your request rate."))
            return
        body = self.server.objects.get(address)
        if body is not None:
            self.respond(200, body, x_amz_server_side_encryption="aws:kms", content_type="image/jpeg")
        elif not any(bucket == known for known, _, _ in self.server.objects):
            self.respond(404, error("NoSuchBucket", "The specified bucket does not exist"))
        elif key == "private.jpg":
            self.respond(403, error("AccessDenied", "Access Denied"))
        elif key == "nothing.jpg":
            self.respond(404, "")
        else:
            self.respond(404, error("NoSuchKey", "The specified key does not exist."))

    def refuse_region(self, bucket, region):
        if bucket.startswith("301"):
            body = error("PermanentRedirect", "The bucket is elsewhere")
            self.respond(301, body, x_amz_bucket_region=ELSEWHERE, location="http://127.0.0.9:1/")
        elif bucket.startswith("307"):
            body = error("TemporaryRedirect", "The bucket is elsewhere")
            self.respond(307, body, x_amz_bucket_region=ELSEWHERE, location="http://127.0.0.9:1/")
        else:
            message = f"The region '{region}' is wrong; expecting '{ELSEWHERE}'"
            body = error("AuthorizationHeaderMalformed", message, f"<Region>{ELSEWHERE}</Region>")
            self.respond(400, body)


def main(objects_file, log):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.log, server.lock, server.seen = log, threading.Lock(), set()
    with open(objects_file, encoding="utf-8") as file:
        objects = json.load(file)
    server.objects = {
        (o["bucket"], o["key"], o.get("version")): bytes.fromhex(o["body"]) for o in objects
    }
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    style = botocore.config.Config(s3={"addressing_style": "path"}, proxies={})
    client = boto3.client("s3", "us-east-1", None, True, None, url, *KEYS, config=style)
    for bucket, key, version in server.objects:
        version = {} if version is None else {"VersionId": version}
        client.get_object(Bucket=bucket, Key=key, **version)["Body"].read()
    print(url, flush=True)
    sys.stdin.read()


main(*sys.argv[1:])
