"""Sends an emulator inputs that break one constraint of botocore's model, for all operations.

Usage: boto3-bounds.py URL, with the keys in the environment. Each input that the emulator does not judge as the model
does is a line; the last line has the numbers of operations and of inputs, separated by a tab.
"""

import base64
import copy
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

try:
    from re import _parser as sre
except ImportError:
    import sre_parse as sre

client = boto3.client(
    "rekognition",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    config=Config(parameter_validation=False, retries={"total_max_attempts": 1}, proxies={}),
)
model = client.meta.service_model


def shortest(parsed):
    """A short text that matches a pattern."""
    text = ""
    for op, argument in parsed:
        name = str(op)
        if name == "LITERAL":
            text += chr(argument)
        elif name == "ANY":
            text += "a"
        elif name == "IN":
            kind, value = argument[0]
            if str(kind) == "CATEGORY":
                text += "0" if "DIGIT" in str(value) else "a"
            else:
                text += chr(value if str(kind) == "LITERAL" else value[0])
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            text += shortest(argument[2]) * argument[0]
        elif name == "SUBPATTERN":
            text += shortest(argument[-1])
        elif name == "BRANCH":
            text += shortest(argument[1][0])
        elif name != "AT":
            raise NotImplementedError(name)
    return text


def text_of(shape):
    if shape.enum:
        return shape.enum[0]
    pattern = shape.metadata.get("pattern", "")
    # Python's re has no classes such as \p{L}.
    text = "" if "\\p{" in pattern else shortest(sre.parse(pattern))
    # A pattern with a variable length allows more of the last character.
    while len(text) < shape.metadata.get("min", 0):
        text += text[-1:] or "a"
    return text


def valid(shape, path=()):
    """A valid value with the required members, and those on the path."""
    kind = shape.type_name
    if kind == "structure":
        names = list(shape.required_members) + list(path[:1])
        return {name: valid(shape.members[name], path[1:] if [name] == list(path[:1]) else ()) for name in names}
    if kind == "list":
        return [valid(shape.member, path[1:])] * max(1, shape.metadata.get("min", 0))
    if kind == "map":
        return {text_of(shape.key) or "a": text_of(shape.value)}
    if kind == "string":
        return text_of(shape)
    if kind == "blob":
        return b"x"
    return {"boolean": True, "timestamp": 0}.get(kind, shape.metadata.get("min", 0))


def paths(shape, path=()):
    yield path, shape
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from paths(member, path + (name,))
    elif shape.type_name == "list":
        yield from paths(shape.member, path + (0,))


def breaches(shape):
    """Values that break a constraint, and the words about it."""
    low, high = (shape.metadata.get(bound) for bound in ("min", "max"))
    if shape.type_name in ("integer", "long", "float"):
        if low is not None:
            yield low - 1, f"value greater than or equal to {low}"
        if high is not None and high < 2**31 - 1:
            yield high + 1, f"value less than or equal to {high}"
        yield "x", None
    elif shape.type_name in ("string", "blob"):
        make = (lambda n: "a" * n) if shape.type_name == "string" else (lambda n: b"x" * n)
        if low:
            yield make(low - 1), f"length greater than or equal to {low}"
        if high is not None:
            yield make(high + 1), f"length less than or equal to {high}"
        if "pattern" in shape.metadata:
            yield "\u2603\n ", f"pattern: {shape.metadata['pattern']}"
        if getattr(shape, "enum", None):
            yield "x", f"enum value set: [{', '.join(shape.enum)}]"
        if shape.type_name == "string":
            yield 5, None
    elif shape.type_name == "list":
        item = valid(shape.member)
        if low:
            yield [item] * (low - 1), f"length greater than or equal to {low}"
        if high is not None:
            yield [item] * (high + 1), f"length less than or equal to {high}"
        yield "x", None
    elif shape.type_name == "map":
        yield {f"k{n}": "v" for n in range(high + 1)}, f"length less than or equal to {high}"
        yield {"\u2603": "v"}, "Map keys must satisfy constraint: [Member must have"
        yield {"k": "v" * 257}, "Map value must satisfy constraint: [Member must have"
        yield "x", None
    elif shape.type_name == "boolean":
        yield "x", None


def put(value, path, new):
    """The value with another one in a place; NotImplemented removes it."""
    value = copy.deepcopy(value)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    if new is NotImplemented:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return value


def service_path(path, is_scalar):
    steps = []
    for n, step in enumerate(path):
        if step == 0:
            # The service names the list of a scalar.
            if not (is_scalar and n == len(path) - 1):
                steps += ["1", "member"]
        else:
            steps.append(step[0].lower() + step[1:])
    return ".".join(steps)


def put_body(params, **_):
    params["body"] = json.dumps(body, default=lambda blob: base64.b64encode(blob).decode()).encode()


# boto3 signs and sends what its own serializer would refuse.
client.meta.events.register("before-call.rekognition", put_body)


def send(operation):
    try:
        getattr(client, client_names[operation])()
        return None, ""
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]


client_names = {operation: name for name, operation in client.meta.method_to_api_mapping.items()}
inputs = 0


def judge(operation, arguments, expected, path, words):
    global inputs, body
    inputs += 1
    body = arguments
    code, message = send(operation)
    is_refused = code in ("ValidationException", "SerializationException")
    if expected is None:
        ok = not is_refused
    else:
        ok = code == expected and (words is None or (f"at '{path}'" in message and words in message))
    if not ok:
        print(operation, path, words, code, message[:300], sep=" | ")


for operation in model.operation_names:
    shape = model.operation_model(operation).input_shape
    for path, member in paths(shape):
        arguments = valid(shape, path)
        is_item = path[-1:] == (0,)
        name = service_path(path, member.type_name != "structure")
        judge(operation, arguments, None, name, None)
        if member.type_name == "structure":
            for required in member.required_members:
                broken = put(arguments, path + (required,), NotImplemented)
                inner = service_path(path + (required,), False)
                judge(operation, broken, "ValidationException", inner, "Member must not be null")
        if not path:
            continue
        for value, words in breaches(member):
            expected = "SerializationException" if words is None else "ValidationException"
            judge(operation, put(arguments, path, value), expected, name, words)

print(len(model.operation_names), inputs, sep="\t")
