"""Random inputs, for botocore and for R, and the comparison of the requests that were made of them."""

import base64
import struct

from exactness_rds import Doubles, Integers, Logicals, Strings
from exactness_values import MAX_INTEGER, random_scalar

# The only token that botocore's model does not mark as one.
TOKENS = {"CreateFaceLivenessSessionRequest": ["ClientRequestToken"]}


def tokens(shape):
    marked = [name for name, member in shape.members.items() if member.metadata.get("idempotencyToken")]
    return marked + TOKENS.get(shape.name, [])


def random_input(rng, shape, share):
    """A value as botocore takes it. `share` of the optional members are there."""
    if shape.type_name == "structure":
        return {
            name: random_input(rng, member, share)
            for name, member in shape.members.items()
            if name in shape.required_members or rng.random() < share
        }
    if shape.type_name == "map":
        return {random_scalar(rng, shape.key) or "k": random_scalar(rng, shape.value) for _ in range(rng.randrange(4))}
    if shape.type_name == "list":
        return [random_input(rng, shape.member, share) for _ in range(rng.choice([1, 1, 2, 3]))]
    return random_scalar(rng, shape)


def as_r(rng, shape, value):
    """The value as an R user may write it."""
    match shape.type_name:
        case "structure":
            return structure_as_r(rng, shape, value)
        case "map":
            return {key: as_r(rng, shape.value, item) for key, item in value.items()}
        case "list":
            return list_as_r(rng, shape.member, value)
        case "string":
            is_latin1 = all(ord(letter) < 0x80 or 0xA0 <= ord(letter) < 0x100 for letter in value)
            return Strings([value], latin1=is_latin1 and rng.random() < 0.5)
        case "boolean":
            return Logicals([value])
        case "blob":
            return value
    has_sign = value == 0 and str(value).startswith("-")
    if value == int(value) and abs(value) <= MAX_INTEGER and not has_sign and rng.random() < 0.5:
        return Integers([int(value)])
    return Doubles([value])


def structure_as_r(rng, shape, value):
    # A literal list() is the empty structure, one with empty members is not given.
    if not value:
        return {}
    members = {name: as_r(rng, shape.members[name], member) for name, member in value.items()}
    for name, member in shape.members.items():
        if name not in value and rng.random() < 0.4:
            members[name] = not_given(rng, member)
    names = sorted(members)
    rng.shuffle(names)
    return {name: members[name] for name in names}


def list_as_r(rng, member, value):
    if member.type_name == "string" and rng.random() < 0.5:
        return Strings(value)
    return [as_r(rng, member, item) for item in value]


def not_given(rng, shape):
    """One of the forms of what is not given."""
    match shape.type_name:
        case _ if rng.random() < 0.25:
            return None
        # list() would be given.
        case "map":
            return None
        case "list":
            return Strings([]) if shape.member.type_name == "string" and rng.random() < 0.5 else []
        case "structure":
            names = [name for name in sorted(shape.members) if rng.random() < 0.7] or [min(shape.members)]
            return {name: not_given(rng, shape.members[name]) for name in names}
        case "string":
            return Strings([])
        case "boolean":
            return Logicals([])
        case "blob":
            return b""
        case "integer":
            return rng.choice([Integers, Doubles])([])
    return Doubles([])


def random_arguments(rng, operation, number):
    """The input for botocore and the arguments for R."""
    shape = operation.input_shape
    share = {0: 1, 1: 0}.get(number, 0.5)
    value = random_input(rng, shape, share)
    for name in shape.required_members:
        # An optional list that is empty is not given.
        if shape.members[name].type_name == "list" and rng.random() < 0.2:
            value[name] = []
    return value, structure_as_r(rng, shape, value)


def unique(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError(f"a member is repeated: {pairs}")
    return dict(pairs)


def differences(shape, ours, theirs, path):
    """What is not the same in the body of R's request as in that of botocore's."""
    if shape.type_name in ("structure", "map") and isinstance(ours, dict) and isinstance(theirs, dict):
        free = tokens(shape) if shape.type_name == "structure" else []
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in ours:
                yield f"{path}${name}: missing"
            elif name not in theirs:
                if name not in free or not is_token(ours[name]):
                    yield f"{path}${name}: {ours[name]!a} was not given"
            elif name in free and ours[name] != theirs[name] and is_token(ours[name]) and is_token(theirs[name]):
                continue
            else:
                member = shape.members.get(name) if shape.type_name == "structure" else shape.value
                yield from differences(member, ours[name], theirs[name], f"{path}${name}")
    elif shape.type_name == "list" and isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} items, not {len(theirs)}"
        for i, (our, their) in enumerate(zip(ours, theirs)):
            yield from differences(shape.member, our, their, f"{path}[[{i + 1}]]")
    elif leaf(shape, ours) != leaf(shape, theirs):
        yield f"{path}: {ours!a}, not {theirs!a}"


def is_token(value):
    return isinstance(value, str) and len(value) == 36


def leaf(shape, value):
    """A form in which equal values of this shape are equal, and no others."""
    if shape.type_name == "float" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return struct.pack(">d", value)
    if shape.type_name == "blob" and isinstance(value, str):
        return base64.b64encode(base64.b64decode(value)).decode() == value, value
    return type(value).__name__, value
