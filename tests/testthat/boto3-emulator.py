"""Uses an emulator as an application with boto3 would, and holds every response to botocore's model.

Usage: boto3-emulator.py URL DIRECTORY, with the keys in the environment. The directory has the sample faces. A flow is
a line: its name, "ok" or what went wrong, and then the operations that were called, separated by tabs.
"""

import json
import pathlib
import struct
import sys

import boto3
import botocore.exceptions
from botocore.config import Config

faces = pathlib.Path(sys.argv[2])
client = boto3.client(
    "rekognition",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    config=Config(retries={"total_max_attempts": 1}, proxies={}),
)
errors = client.exceptions
called = set()


def is_single(number):
    return struct.unpack("f", struct.pack("f", number))[0] == number


def hold(shape, value, path):
    """The value has the types of the shape, and no member that the shape has not."""
    kind = shape.type_name
    if kind == "structure":
        assert isinstance(value, dict), path
        for name, member in value.items():
            assert name in shape.members, f"{path}.{name} is not in the model"
            hold(shape.members[name], member, f"{path}.{name}")
        for name in shape.required_members:
            assert name in value, f"{path}.{name} is required"
    elif kind == "list":
        assert isinstance(value, list), path
        for item in value:
            hold(shape.member, item, f"{path}[]")
    elif kind == "map":
        assert isinstance(value, dict), path
        for name, item in value.items():
            hold(shape.key, name, path)
            hold(shape.value, item, f"{path}.{name}")
    elif kind in ("string", "blob"):
        assert isinstance(value, str), path
        assert not getattr(shape, "enum", None) or value in shape.enum, f"{path} is {value}"
    elif kind == "boolean":
        assert isinstance(value, bool), path
    elif kind in ("integer", "long"):
        assert type(value) is int, path
        assert value >= shape.metadata.get("min", value), f"{path} is {value}"
    elif kind == "timestamp":
        assert isinstance(value, (int, float)), path
    else:
        assert type(value) in (int, float) and is_single(value), path
        assert shape.metadata.get("min", value) <= value <= shape.metadata.get("max", value), f"{path} is {value}"


def hold_response(operation_model, response_dict, **_):
    called.add(operation_model.name)
    body = json.loads(response_dict["body"])
    if response_dict["status_code"] == 200:
        hold(operation_model.output_shape, body, operation_model.name)
    else:
        declared = [shape.name for shape in operation_model.error_shapes]
        general = ["ValidationException", "SerializationException", "EmulatorNotScriptedException"]
        assert body["__type"] in declared + general, f"{operation_model.name}: {body}"
        assert body["__type"] == body["Code"], body
        assert isinstance(body["Message"], str), body


client.meta.events.register("before-parse.rekognition", hold_response)


def image(name):
    return {"Bytes": (faces / name).read_bytes()}


def raises(kind, function, **arguments):
    try:
        function(**arguments)
    except kind as error:
        return str(error)
    raise AssertionError(f"{function.__name__} did not raise {kind.__name__}")


def collections():
    for name in ("a", "b", "c"):
        created = client.create_collection(CollectionId=name, Tags={"name": name})
        assert created["StatusCode"] == 200
    assert "a already exists" in raises(
        errors.ResourceAlreadyExistsException, client.create_collection, CollectionId="a"
    )
    pages = list(client.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 2}))
    assert [page["CollectionIds"] for page in pages] == [["a", "b"], ["c"]]
    described = client.describe_collection(CollectionId="b")
    assert (described["FaceCount"], described["UserCount"]) == (0, 0)
    arn = described["CollectionARN"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"name": "b"}
    client.tag_resource(ResourceArn=arn, Tags={"x": "y"})
    client.untag_resource(ResourceArn=arn, TagKeys=["name"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"x": "y"}
    raises(errors.ResourceNotFoundException, client.tag_resource, ResourceArn=arn + "x", Tags={})
    for name in ("a", "b", "c"):
        client.delete_collection(CollectionId=name)
    raises(errors.ResourceNotFoundException, client.delete_collection, CollectionId="a")
    raises(errors.ResourceNotFoundException, client.list_faces, CollectionId="a")
    raises(errors.InvalidPaginationTokenException, client.list_collections, NextToken="x")


def enrolment():
    client.create_collection(CollectionId="people")
    none = client.search_faces_by_image(CollectionId="people", Image=image("face-0.jpg"))
    assert none["FaceMatches"] == []
    indexed = client.index_faces(
        CollectionId="people", Image=image("face-0.jpg"), ExternalImageId="one", DetectionAttributes=["ALL"]
    )
    (record,) = indexed["FaceRecords"]
    again = client.index_faces(CollectionId="people", Image=image("face-0.jpg"), ExternalImageId="one")
    assert again["FaceRecords"][0]["Face"] == record["Face"]
    for n in range(1, 5):
        client.index_faces(CollectionId="people", Image=image(f"face-{n}.jpg"))
    pages = list(client.get_paginator("list_faces").paginate(CollectionId="people", PaginationConfig={"PageSize": 2}))
    listed = [face["FaceId"] for page in pages for face in page["Faces"]]
    assert len(pages) == 3 and len(set(listed)) == 5
    found = client.search_faces_by_image(
        CollectionId="people", Image=image("face-0.jpg"), FaceMatchThreshold=99.99, QualityFilter="AUTO"
    )
    assert found["FaceMatches"][0]["Face"]["ExternalImageId"] == "one"
    assert found["FaceMatches"][0]["Similarity"] == 100
    matches = client.search_faces(CollectionId="people", FaceId=listed[0], MaxFaces=3)["FaceMatches"]
    similarities = [match["Similarity"] for match in matches]
    assert len(matches) == 3 and similarities == sorted(similarities, reverse=True)
    assert listed[0] not in [match["Face"]["FaceId"] for match in matches]
    unknown = "00000000-0000-0000-0000-000000000000"
    raises(errors.InvalidParameterException, client.search_faces, CollectionId="people", FaceId=unknown)
    group = client.index_faces(CollectionId="people", Image=image("group.jpg"), MaxFaces=2)
    assert len(group["FaceRecords"]) == 2 and group["UnindexedFaces"][0]["Reasons"] == ["EXCEEDS_MAX_FACES"]
    client.delete_faces(CollectionId="people", FaceIds=[record["Face"]["FaceId"] for record in group["FaceRecords"]])
    deleted = client.delete_faces(CollectionId="people", FaceIds=listed[:2])
    assert deleted["DeletedFaces"] == listed[:2]
    assert client.describe_collection(CollectionId="people")["FaceCount"] == 3
    client.delete_collection(CollectionId="people")


def users():
    client.create_collection(CollectionId="users")
    indexed = [client.index_faces(CollectionId="users", Image=image(f"face-{n}.jpg")) for n in range(3)]
    ids = [response["FaceRecords"][0]["Face"]["FaceId"] for response in indexed]
    for name in ("u1", "u2", "u3"):
        client.create_user(CollectionId="users", UserId=name, ClientRequestToken=f"token-{name}")
    client.create_user(CollectionId="users", UserId="u1", ClientRequestToken="token-u1")
    raises(errors.ConflictException, client.create_user, CollectionId="users", UserId="u1")
    raises(
        errors.IdempotentParameterMismatchException,
        client.create_user,
        CollectionId="users",
        UserId="u4",
        ClientRequestToken="token-u1",
    )
    associated = client.associate_faces(CollectionId="users", UserId="u1", FaceIds=ids[:2])
    assert [face["FaceId"] for face in associated["AssociatedFaces"]] == ids[:2]
    other = client.associate_faces(CollectionId="users", UserId="u2", FaceIds=ids)
    assert [face["FaceId"] for face in other["AssociatedFaces"]] == ids[2:]
    assert other["UnsuccessfulFaceAssociations"][0]["Reasons"] == ["ASSOCIATED_TO_A_DIFFERENT_USER"]
    pages = client.get_paginator("list_users").paginate(CollectionId="users", PaginationConfig={"PageSize": 2})
    listed = [(user["UserId"], user["UserStatus"]) for page in pages for user in page["Users"]]
    assert listed == [("u1", "ACTIVE"), ("u2", "ACTIVE"), ("u3", "CREATED")]
    found = client.search_users(CollectionId="users", FaceId=ids[0])
    assert found["SearchedFace"]["FaceId"] == ids[0]
    assert [match["User"]["UserId"] for match in found["UserMatches"]] == ["u1", "u2"]
    found = client.search_users(CollectionId="users", UserId="u1", MaxUsers=5)
    assert [match["User"]["UserId"] for match in found["UserMatches"]] == ["u2"]
    raises(errors.InvalidParameterException, client.search_users, CollectionId="users")
    found = client.search_users_by_image(CollectionId="users", Image=image("face-4.jpg"), MaxUsers=1)
    assert len(found["UserMatches"]) == 1 and "FaceDetail" in found["SearchedFace"]
    removed = client.disassociate_faces(CollectionId="users", UserId="u1", FaceIds=ids)
    assert len(removed["DisassociatedFaces"]) == 2 and len(removed["UnsuccessfulFaceDisassociations"]) == 1
    client.delete_user(CollectionId="users", UserId="u2")
    raises(errors.ResourceNotFoundException, client.delete_user, CollectionId="users", UserId="u2")
    client.delete_collection(CollectionId="users")


def comparison():
    same = client.compare_faces(SourceImage=image("face-0.jpg"), TargetImage=image("face-1.jpg"))
    assert len(same["FaceMatches"]) == 1 and same["UnmatchedFaces"] == []
    strict = client.compare_faces(
        SourceImage=image("face-0.jpg"), TargetImage=image("face-1.jpg"), SimilarityThreshold=100
    )
    assert strict["FaceMatches"] == [] and len(strict["UnmatchedFaces"]) == 1
    known = client.compare_faces(SourceImage=image("face-0.jpg"), TargetImage=image("person-1-id.jpg"))
    assert 97 <= known["FaceMatches"][0]["Similarity"] < 100
    unknown = client.compare_faces(SourceImage=image("face-0.jpg"), TargetImage=image("person-2-id.jpg"))
    assert unknown["FaceMatches"] == [] and len(unknown["UnmatchedFaces"]) == 1
    group = client.compare_faces(SourceImage=image("person-3-id.jpg"), TargetImage=image("group.jpg"))
    assert (len(group["FaceMatches"]), len(group["UnmatchedFaces"])) == (1, 2)
    few = client.detect_faces(Image=image("face-0.jpg"))["FaceDetails"][0]
    assert set(few) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    one = client.detect_faces(Image=image("face-0.jpg"), Attributes=["SMILE"])["FaceDetails"][0]
    assert set(one) == set(few) | {"Smile"}
    everything = client.detect_faces(Image=image("face-0.jpg"), Attributes=["ALL"])["FaceDetails"][0]
    detail = client.meta.service_model.shape_for("FaceDetail")
    assert set(everything) == set(detail.members)


def refusals():
    in_s3 = {"S3Object": {"Bucket": "bucket", "Name": "name"}}
    raises(errors.InvalidS3ObjectException, client.detect_faces, Image=in_s3)
    raises(errors.InvalidParameterException, client.detect_faces, Image={})
    for broken in (b"text", image("face-0.jpg")["Bytes"][:-2]):
        raises(errors.InvalidImageFormatException, client.detect_faces, Image={"Bytes": broken})
    large = {"Bytes": b"x" * 5242881}
    message = raises(botocore.exceptions.ClientError, client.compare_faces, SourceImage=large, TargetImage=large)
    assert "2 validation errors detected" in message and "less than or equal to 5242880" in message
    assert len(message) < 1000
    message = raises(botocore.exceptions.ClientError, client.detect_labels, Image=image("face-0.jpg"))
    assert "EmulatorNotScriptedException" in message and "put_response" in message


for flow in (collections, enrolment, users, comparison, refusals):
    try:
        flow()
        outcome = "ok"
    except Exception as error:
        outcome = repr(error).replace("\t", " ").replace("\n", " ")
    print(flow.__name__, outcome, sep="\t")
print("called", *sorted(called), sep="\t")
