"""Assumes roles at an emulator as an application with boto3 would.

Usage: boto3-sts.py URL, with the keys in the environment. A flow is a line: its name and "ok" or what went wrong, separated
by a tab.
"""

import datetime
import json
import sys

import boto3
import botocore.exceptions
from botocore.config import Config

ROLE = "arn:aws:iam::111122223333:role/team/Reviewer"


def client(service, credentials=None, region="us-east-1"):
    keys = credentials and {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    # The service checks the input, not boto3.
    config = Config(retries={"total_max_attempts": 1}, proxies={}, parameter_validation=False)
    return boto3.client(service, endpoint_url=sys.argv[1], region_name=region, config=config, **(keys or {}))


def assume(sts, actions=None, resource="*", **arguments):
    if actions:
        statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
        arguments["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return sts.assume_role(**{"RoleArn": ROLE, "RoleSessionName": "me@example.org", **arguments})


def error(function, *arguments, **named):
    try:
        function(*arguments, **named)
    except botocore.exceptions.ClientError as error:
        response = error.response
        metadata = response["ResponseMetadata"]
        assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"], metadata
        return response["Error"]["Code"], metadata["HTTPStatusCode"], response["Error"]["Message"]
    raise AssertionError("no error")


def roles():
    before = datetime.datetime.now(datetime.timezone.utc)
    response = assume(
        client("sts"),
        DurationSeconds=900,
        Tags=[{"Key": "team", "Value": "a b&c=<d>é"}],
        TransitiveTagKeys=["team"],
        ExternalId="customer:1/2",
        SourceIdentity="me",
    )
    metadata = response["ResponseMetadata"]
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"], metadata
    credentials = response["Credentials"]
    lifetime = (credentials["Expiration"] - before).total_seconds()
    assert 899 <= lifetime <= 960, lifetime
    user = response["AssumedRoleUser"]
    assert user["Arn"] == "arn:aws:sts::111122223333:assumed-role/Reviewer/me@example.org", user
    assert user["AssumedRoleId"].endswith(":me@example.org"), user
    assert response["SourceIdentity"] == "me", response
    assert client("rekognition", credentials).list_collections()["CollectionIds"] == []
    model = client("sts").meta.service_model.operation_model("AssumeRole").output_shape
    assert set(response) - {"ResponseMetadata"} <= set(model.members), response


def policies():
    sts = client("sts")
    limited = assume(sts, "rekognition:StartFaceLivenessSession")["Credentials"]
    rekognition = client("rekognition", limited)
    operations = rekognition.meta.service_model.operation_names
    assert len(operations) > 50, operations
    for name in operations:
        code, status, message = error(rekognition._make_api_call, name, {})
        assert (code, status) == ("AccessDeniedException", 400), f"{name}: {code}"
        assert f"no session policy allows the rekognition:{name} action" in message, message

    owner = client("rekognition")
    for name in ("people", "dogs"):
        owner.create_collection(CollectionId=name)
    arn = owner.describe_collection(CollectionId="people")["CollectionARN"]
    rekognition = client("rekognition", assume(sts, ["rekognition:*"], arn)["Credentials"])
    assert rekognition.list_faces(CollectionId="people")["Faces"] == []
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}
    for arguments in (("ListFaces", {"CollectionId": "dogs"}), ("ListCollections", {})):
        assert error(rekognition._make_api_call, *arguments)[0] == "AccessDeniedException"

    errors = sts.exceptions
    for policy in ("{", '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}]}'):
        try:
            assume(sts, Policy=policy)
            raise AssertionError(policy)
        except errors.MalformedPolicyDocumentException:
            pass
    try:
        assume(sts, "rekognition:" + "x" * 2048)
        raise AssertionError("long")
    except errors.PackedPolicyTooLargeException:
        pass


def chains():
    credentials = assume(client("sts"), "sts:AssumeRole")["Credentials"]
    second = assume(client("sts", credentials))["Credentials"]
    assert client("rekognition", second).list_collections()["CollectionIds"] is not None
    code, _, message = error(assume, client("sts", second), DurationSeconds=3601)
    assert code == "ValidationError" and "role chaining" in message, message
    credentials = assume(client("sts"), "rekognition:*")["Credentials"]
    code, status, message = error(assume, client("sts", credentials))
    assert (code, status) == ("AccessDenied", 403), message
    assert f"is not authorized to perform: sts:AssumeRole on resource: {ROLE}" in message, message


def refusals():
    sts = client("sts")
    for arguments, word in (
        ({"RoleArn": "x"}, "'roleArn'"),
        ({"RoleArn": ROLE.replace("role/", "user/")}, "Request ARN is invalid"),
        ({"RoleSessionName": "a b"}, "'roleSessionName'"),
        ({"DurationSeconds": 899}, "'durationSeconds'"),
        ({"DurationSeconds": 43201}, "'durationSeconds'"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}, "PolicyArns"),
        ({"SerialNumber": "123456789", "TokenCode": "123456"}, "SerialNumber"),
    ):
        code, status, message = error(assume, sts, **arguments)
        assert (code, status) == ("ValidationError", 400), f"{arguments}: {code}"
        assert word in message, message
    assert error(sts.get_session_token)[:2] == ("InvalidAction", 400)
    assert error(assume, client("sts", region="eu-west-1"))[:2] == ("SignatureDoesNotMatch", 403)
    keys = assume(sts)["Credentials"]
    wrong = {**keys, "SecretAccessKey": "x"}
    assert error(assume, client("sts", wrong))[:2] == ("SignatureDoesNotMatch", 403)
    unknown = {**keys, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}
    assert error(assume, client("sts", unknown))[:2] == ("InvalidClientTokenId", 403)


for flow in (roles, policies, chains, refusals):
    try:
        flow()
        outcome = "ok"
    except Exception as problem:
        outcome = repr(problem).replace("\t", " ").replace("\n", " ")
    print(flow.__name__, outcome, sep="\t")
