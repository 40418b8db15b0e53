"""Uses the buckets of an emulator as an application with boto3 would.

Usage: boto3-s3.py URL, with the keys in the environment. The bucket "here" is in us-east-1, the emulator's region,
"versions" is there too and keeps versions, and "elsewhere" is in eu-west-1. A flow is a line: its name and "ok" or what
went wrong, separated by a tab.
"""

import base64
import datetime
import hashlib
import json
import sys
import urllib.error
import urllib.request
from unittest import mock

import boto3
import botocore.exceptions
from botocore.config import Config

ROLE = "arn:aws:iam::111122223333:role/Reviewer"
KEY = "a+b/(1) é~%20&=?.txt"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def client(service="s3", credentials=None, region="us-east-1"):
    keys = credentials and {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    version = "s3v4" if service == "s3" else None
    config = Config(retries={"total_max_attempts": 1}, proxies={}, signature_version=version)
    return boto3.client(service, endpoint_url=sys.argv[1], region_name=region, config=config, **(keys or {}))


def role(*statements):
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    sts = client("sts")
    return sts.assume_role(RoleArn=ROLE, RoleSessionName="me", **({"Policy": policy} if statements else {}))["Credentials"]


def allow(actions, resource):
    return {"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::{resource}"}


def error(function, *arguments, **named):
    try:
        function(*arguments, **named)
    except botocore.exceptions.ClientError as error:
        metadata = error.response["ResponseMetadata"]
        assert metadata["RequestId"] and metadata["HostId"], metadata
        return error.response["Error"]["Code"], metadata["HTTPStatusCode"]
    raise AssertionError("no error")


def read(response):
    return response["Body"].read()


def objects():
    s3 = client()
    body = bytes(range(256)) * 300
    sent = s3.put_object(
        Bucket="here",
        Key=KEY,
        Body=body,
        ContentType="text/plain",
        CacheControl="no-store",
        Metadata={"session": "x y"},
    )
    assert "VersionId" not in sent and sent["ServerSideEncryption"] == "AES256", sent
    got = s3.get_object(Bucket="here", Key=KEY)
    head = s3.head_object(Bucket="here", Key=KEY)
    assert read(got) == body
    for response in (got, head):
        assert response["ContentLength"] == len(body), response
        assert response["ContentType"] == "text/plain", response
        assert response["CacheControl"] == "no-store", response
        assert response["Metadata"] == {"session": "x y"}, response
        assert response["ETag"] == sent["ETag"], response
        age = datetime.datetime.now(datetime.timezone.utc) - response["LastModified"]
        assert abs(age.total_seconds()) < 600, age
    assert got["ChecksumCRC32"] == sent["ChecksumCRC32"], got
    s3.put_object(Bucket="here", Key=KEY)
    assert read(s3.get_object(Bucket="here", Key=KEY)) == b""
    for _ in range(2):
        assert s3.delete_object(Bucket="here", Key=KEY)["ResponseMetadata"]["HTTPStatusCode"] == 204
    try:
        s3.get_object(Bucket="here", Key=KEY)
        raise AssertionError("deleted")
    except s3.exceptions.NoSuchKey as missing:
        assert missing.response["Error"]["Key"] == KEY, missing.response
    assert error(s3.head_object, Bucket="here", Key=KEY) == ("404", 404)
    try:
        s3.get_object(Bucket="nowhere", Key=KEY)
        raise AssertionError("no bucket")
    except s3.exceptions.NoSuchBucket as missing:
        assert missing.response["Error"]["BucketName"] == "nowhere", missing.response
    assert error(s3.put_object, Bucket="nowhere", Key=KEY, Body=b"x") == ("NoSuchBucket", 404)
    assert error(s3.get_object, Bucket="here", Key=KEY, VersionId="x") == ("NoSuchVersion", 404)
    assert error(s3.get_object, Bucket="here", Key="x" * 1025) == ("KeyTooLongError", 400)


def versions():
    s3 = client()
    at = {"Bucket": "versions", "Key": KEY}
    first = s3.put_object(**at, Body=b"1")["VersionId"]
    second = s3.put_object(**at, Body=b"2")["VersionId"]
    assert first != second
    newest = s3.get_object(**at)
    assert (read(newest), newest["VersionId"]) == (b"2", second)
    assert read(s3.get_object(**at, VersionId=first)) == b"1"
    marker = s3.delete_object(**at)
    assert marker["DeleteMarker"] is True, marker
    try:
        s3.get_object(**at)
        raise AssertionError("deleted")
    except s3.exceptions.NoSuchKey as missing:
        headers = missing.response["ResponseMetadata"]["HTTPHeaders"]
        assert headers["x-amz-delete-marker"] == "true", headers
        assert headers["x-amz-version-id"] == marker["VersionId"], headers
    assert error(s3.get_object, **at, VersionId=marker["VersionId"]) == ("MethodNotAllowed", 405)
    assert error(s3.head_object, **at, VersionId=marker["VersionId"]) == ("405", 405)
    assert s3.head_object(**at, VersionId=second)["VersionId"] == second
    removed = s3.delete_object(**at, VersionId=marker["VersionId"])
    assert removed["DeleteMarker"] is True and removed["VersionId"] == marker["VersionId"], removed
    assert "DeleteMarker" not in s3.delete_object(**at, VersionId=second)
    assert read(s3.get_object(**at)) == b"1"
    assert error(s3.get_object, **at, VersionId=second) == ("NoSuchVersion", 404)


def regions():
    client(region="eu-west-1").put_object(Bucket="elsewhere", Key=KEY, Body=b"x")
    # boto3 finds the region itself: from the emulator's own, it is redirected; from a third one, the signature is refused.
    for region in ("us-east-1", "ap-south-1"):
        for operation in ("get_object", "head_object"):
            s3 = client(region=region)
            statuses = []
            s3.meta.events.register("needs-retry.s3", lambda response, **_: statuses.append(response[0].status_code))
            for _ in range(2):
                assert getattr(s3, operation)(Bucket="elsewhere", Key=KEY)["ContentLength"] == 1
            # The second request goes to the right region at once.
            assert statuses == [{"us-east-1": 301, "ap-south-1": 400}[region], 200, 200], statuses
        assert error(client(region=region).get_object, Bucket="elsewhere", Key="x") == ("NoSuchKey", 404)
    assert client(region="ap-south-1").head_bucket(Bucket="here")["BucketRegion"] == "us-east-1"
    assert error(client().head_bucket, Bucket="nowhere") == ("404", 404)


def uploads():
    s3 = client()
    put = {"Bucket": "here", "Key": KEY, "Body": b"x"}
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        s3.put_object(**put, ChecksumAlgorithm=algorithm)
        assert read(s3.get_object(Bucket="here", Key=KEY)) == b"x"
    for name in ("CRC32", "SHA1", "SHA256"):
        assert error(s3.put_object, **put, **{f"Checksum{name}": "AAAA"}) == ("BadDigest", 400), name
    # What is not verified is refused.
    md5 = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    crc64 = {"ChecksumCRC64NVME": "AAAAAAAAAAA="}
    for unverified in ({"ContentMD5": md5}, {"ChecksumCRC32C": "AAAAAA=="}, crc64):
        assert error(s3.put_object, **put, **unverified) == ("NotImplemented", 501), unverified
    s3.put_object(**{**put, "Body": bytes(16 << 20)})
    big = {**put, "Body": bytes((16 << 20) + 1)}
    assert error(s3.put_object, **big) == ("EntityTooLarge", 400)
    # A client that does not wait for the response to the head.
    impatient = client()
    impatient.meta.events.register("before-send.s3.PutObject", without_expect)
    assert error(impatient.put_object, **{**big, "Body": bytes(64 << 20)}) == ("EntityTooLarge", 400)
    assert len(read(s3.get_object(Bucket="here", Key=KEY))) == 16 << 20


def without_expect(request, **_):
    del request.headers["Expect"]


def fetch(url, method="GET", body=None, headers=None):
    try:
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        with OPENER.open(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def presigned():
    s3 = client(credentials=role())
    at = {"Bucket": "versions", "Key": KEY}
    put = s3.generate_presigned_url("put_object", Params={**at, "ContentType": "text/x"})
    assert fetch(put, "PUT", b"1", {"Content-Type": "text/x"})[0] == 200
    assert "SignatureDoesNotMatch" in fetch(put, "PUT", b"1", {"Content-Type": "text/y"})[1]
    first = s3.head_object(**at)
    assert first["ContentType"] == "text/x", first
    s3.put_object(**at, Body=b"2")
    url = s3.generate_presigned_url("get_object", Params=at, ExpiresIn=60)
    assert fetch(url) == (200, b"2")
    old = s3.generate_presigned_url("get_object", Params={**at, "VersionId": first["VersionId"]})
    assert fetch(old) == (200, b"1")
    assert fetch(s3.generate_presigned_url("head_object", Params=at), "HEAD") == (200, b"")
    for wrong, code in (
        (url.replace("txt", "jpg"), "SignatureDoesNotMatch"),
        (url.replace("Expires=60", "Expires=61"), "SignatureDoesNotMatch"),
        (url.replace("Expires=60", "Expires=604801"), "AuthorizationQueryParametersError"),
        (url.replace("X-Amz-Security-Token=", "X-Amz-Security-Token=x"), "InvalidToken"),
        (url.split("?")[0], "AccessDenied"),
        (url + "&versionId=" + first["VersionId"], "SignatureDoesNotMatch"),
    ):
        assert f"<Code>{code}</Code>" in fetch(wrong)[1], (code, fetch(wrong))
    repeated = fetch(url + "&X-Amz-Expires=600")[1]
    assert "AuthorizationQueryParametersError" in repeated and "more than once" in repeated, repeated
    assert fetch(url, "DELETE")[0] == 403
    assert "<HeadersNotSigned>" in fetch(url, headers={"x-amz-meta-a": "b"})[1]
    with mock.patch("botocore.auth.get_current_datetime", earlier):
        late = s3.generate_presigned_url("get_object", Params=at, ExpiresIn=3599)
        valid = s3.generate_presigned_url("get_object", Params=at, ExpiresIn=7200)
    assert fetch(late)[0] == 403 and "Request has expired" in fetch(late)[1]
    assert fetch(valid) == (200, b"2")
    # Without this setting, boto3 presigns with version 2.
    url = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1").generate_presigned_url("get_object", at)
    assert "AWS4-HMAC-SHA256" in fetch(url)[1], fetch(url)
    elsewhere = s3.generate_presigned_url("get_object", Params={"Bucket": "elsewhere", "Key": KEY})
    assert "<Code>PermanentRedirect</Code>" in fetch(elsewhere)[1], fetch(elsewhere)


def earlier(**_):
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(hours=1)


def encryption():
    s3 = client()
    key = "arn:aws:kms:us-east-1:111122223333:key/abc"
    for given in (key, "abc"):
        s3.put_object(Bucket="here", Key=KEY, Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=given)
        for response in (s3.get_object(Bucket="here", Key=KEY), s3.head_object(Bucket="here", Key=KEY)):
            assert response["ServerSideEncryption"] == "aws:kms", response
            assert response["SSEKMSKeyId"] == key, response
    sent = s3.put_object(Bucket="here", Key=KEY, Body=b"x", ServerSideEncryption="aws:kms:dsse")
    assert sent["SSEKMSKeyId"].endswith(":alias/aws/s3"), sent
    put = {"Bucket": "here", "Key": KEY, "Body": b"x"}
    assert error(s3.put_object, **put, ServerSideEncryption="none") == ("InvalidEncryptionAlgorithmError", 400)
    assert error(s3.put_object, **put, SSEKMSKeyId=key) == ("InvalidArgument", 400)


def refusals():
    s3 = client()
    at = {"Bucket": "here", "Key": KEY}
    s3.put_object(**at, Body=b"x")
    keys = role()
    for change, expected in (
        ({"SecretAccessKey": "x"}, ("SignatureDoesNotMatch", 403)),
        ({"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}, ("InvalidAccessKeyId", 403)),
        ({"SessionToken": "x"}, ("InvalidToken", 400)),
    ):
        assert error(client(credentials={**keys, **change}).get_object, **at) == expected, expected
    anonymous = client()
    anonymous.meta.events.register("choose-signer.s3.*", lambda **_: botocore.UNSIGNED)
    assert error(anonymous.get_object, **at) == ("AccessDenied", 403)
    with mock.patch("botocore.auth.get_current_datetime", earlier):
        assert error(s3.get_object, **at) == ("RequestTimeTooSkewed", 403)
    changed = client()
    changed.meta.events.register("before-send.s3.PutObject", change_body)
    assert error(changed.put_object, **at, Body=b"x") == ("XAmzContentSHA256Mismatch", 400)
    for operation, arguments in (
        ("get_object", {**at, "Range": "bytes=0-1"}),
        ("get_object", {**at, "IfNoneMatch": "*"}),
        ("get_object", {**at, "ResponseContentType": "text/x"}),
        ("get_object_acl", at),
        ("list_objects_v2", {"Bucket": "here"}),
        ("list_buckets", {}),
        ("create_bucket", {"Bucket": "other"}),
        ("copy_object", {**at, "CopySource": at}),
        ("create_multipart_upload", at),
        ("delete_objects", {"Bucket": "here", "Delete": {"Objects": [{"Key": KEY}]}}),
    ):
        assert error(getattr(s3, operation), **arguments) == ("NotImplemented", 501), operation
    assert read(s3.get_object(**at)) == b"x"


def change_body(request, **_):
    request.body = b"y"


def policies():
    owner = client()
    version = owner.put_object(Bucket="versions", Key="a/1", Body=b"x")["VersionId"]
    owner.put_object(Bucket="versions", Key="b/1", Body=b"x")
    s3 = client(credentials=role(allow("s3:GetObject", "versions/a/*")))
    assert read(s3.get_object(Bucket="versions", Key="a/1")) == b"x"
    assert s3.head_object(Bucket="versions", Key="a/1")["ContentLength"] == 1
    denied = ("AccessDenied", 403)
    assert error(s3.get_object, Bucket="versions", Key="b/1") == denied
    assert error(s3.get_object, Bucket="versions", Key="a/1", VersionId=version) == denied
    assert error(s3.put_object, Bucket="versions", Key="a/1", Body=b"x") == denied
    assert error(s3.delete_object, Bucket="versions", Key="a/1") == denied
    assert error(s3.head_bucket, Bucket="versions") == ("403", 403)
    # Without the permission to list the bucket, a missing object is not different from others.
    assert error(s3.get_object, Bucket="versions", Key="a/2") == denied
    lists = client(credentials=role(allow("s3:GetObject*", "versions/a/*"), allow("s3:ListBucket", "versions")))
    assert error(lists.get_object, Bucket="versions", Key="a/2") == ("NoSuchKey", 404)
    assert read(lists.get_object(Bucket="versions", Key="a/1", VersionId=version)) == b"x"


for flow in (objects, versions, regions, uploads, presigned, encryption, refusals, policies):
    try:
        flow()
        outcome = "ok"
    except Exception as problem:
        outcome = repr(problem).replace("\t", " ").replace("\n", " ")
    print(flow.__name__, outcome, sep="\t")
