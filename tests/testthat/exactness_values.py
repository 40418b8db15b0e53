"""botocore's model of the service, and random values for its shapes."""

import json
import math
import random
import struct

import botocore.session
from botocore import xform_name

MODEL = botocore.session.get_session().get_service_model("rekognition")
OPERATIONS = {xform_name(name): MODEL.operation_model(name) for name in MODEL.operation_names}
MAX_INTEGER = 2**31 - 1
CHARACTERS = [
    *"abcXYZ019 ~'\"\\/%{}[]:,$`<&",
    *map(chr, [1, 8, 9, 10, 12, 13, 27, 31, 127, 0x85, 0xA0, 0xE9, 0xFF]),
    *map(chr, [0x131, 0x301, 0x4E16, 0x200B, 0x2028, 0x202E, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFF]),
    *map(chr, [0x10000, 0x1F600, 0x1F1E9, 0x10FFFF]),
]


def generator(*case):
    """The random numbers of a case depend on nothing else."""
    return random.Random("/".join(map(str, case)))


def parse(text, **options):
    """The value of a JSON text. -0 is a double with a sign, which Python's int is not."""
    return json.loads(text, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits), **options)


def random_string(rng, shape):
    if shape.enum and rng.random() < 0.7:
        return rng.choice(shape.enum)
    characters = CHARACTERS if rng.random() < 0.7 else CHARACTERS[:20]
    return "".join(rng.choice(characters) for _ in range(rng.choice([0, 1, 3, 8, 20])))


def random_integer(rng):
    return rng.choice(
        [0, 1, -1, 100, MAX_INTEGER, -MAX_INTEGER, rng.randrange(100), rng.randrange(-MAX_INTEGER, MAX_INTEGER)]
    )


def random_long(rng):
    """Integers that are doubles, too."""
    edges = [2**31, -(2**31), 2**31 + 1, 2**32 + 1, 2**53, 2**53 - 1, -(2**53), 10**15, 10**17, 2**60, 1700000000123]
    return rng.choice([random_integer(rng), rng.choice(edges), rng.randrange(2**53)])


def random_float(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return float(rng.randrange(-5, 101))
    if kind == 1:
        edges = [0.0, -0.0, 0.1, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e15, 1e16, 1e21, 1e22]
        return rng.choice(edges)
    if kind == 2:
        return round(rng.uniform(0, 100), rng.randrange(1, 7))
    if kind == 3:
        return struct.unpack(">f", struct.pack(">f", rng.uniform(0, 100)))[0]
    if kind == 4:
        value = struct.unpack(">d", rng.randbytes(8))[0]
        return value if math.isfinite(value) else 0.5
    return rng.random()


def random_bytes(rng):
    return rng.randbytes(rng.choice([1, 2, 3, 4, 57, rng.randrange(1, 200)]))


def random_scalar(rng, shape):
    match shape.type_name:
        case "string":
            return random_string(rng, shape)
        case "integer":
            return random_integer(rng)
        case "long":
            return random_long(rng)
        case "float":
            return random_float(rng)
        case "boolean":
            return rng.random() < 0.5
        case "blob":
            return random_bytes(rng)
    raise NotImplementedError(shape.type_name)
