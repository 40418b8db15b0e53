"""R values, written as a file for readRDS(): every bit of a double and every string arrives as it is.

A dict is a named list, a list a list, bytes a raw vector and None NULL; all other vectors are a `Vector`.
"""

import struct

RAW, LIST, PAIRLIST, NULL = 24, 19, 2, 254
CHARSXP, SYMBOL = 9, 1
LATIN1, UTF8 = 1 << 14, 1 << 15
HAS_CLASS, HAS_ATTRIBUTES, HAS_TAG = 0x100, 0x200, 0x400
NA_INTEGER = -(2**31)
NA_REAL = struct.pack(">Q", 0x7FF00000000007A2)


class Vector:
    """An atomic vector. None in it is NA."""

    def __init__(self, values, attributes=None, latin1=False):
        self.values = list(values)
        self.attributes = attributes or {}
        self.latin1 = latin1

    def __repr__(self):
        return f"{type(self).__name__}({self.values})"

    def body(self):
        return b"".join(map(self.element, self.values))


class Strings(Vector):
    sexp = 16

    def element(self, value):
        return text(value, self.latin1)


class Doubles(Vector):
    sexp = 14

    def element(self, value):
        return NA_REAL if value is None else struct.pack(">d", value)


class Integers(Vector):
    sexp = 13

    def element(self, value):
        return struct.pack(">i", NA_INTEGER if value is None else value)


class Logicals(Integers):
    sexp = 10


def times(values):
    return Doubles(values, {"class": Strings(["POSIXct", "POSIXt"]), "tzone": Strings(["UTC"])})


def text(value, latin1=False):
    if value is None:
        return struct.pack(">ii", CHARSXP, -1)
    encoded = value.encode("latin-1" if latin1 else "utf-8")
    return struct.pack(">ii", CHARSXP | (LATIN1 if latin1 else UTF8), len(encoded)) + encoded


def flags(sexp, attributes):
    return sexp | (HAS_ATTRIBUTES if attributes else 0) | (HAS_CLASS if "class" in attributes else 0)


def tail(attributes):
    if not attributes:
        return b""
    parts = [
        struct.pack(">ii", PAIRLIST | HAS_TAG, SYMBOL) + text(name) + item(value)
        for name, value in attributes.items()
    ]
    return b"".join(parts) + struct.pack(">i", NULL)


def item(value):
    if value is None:
        return struct.pack(">i", NULL)
    if isinstance(value, bytes):
        return struct.pack(">ii", RAW, len(value)) + value
    if isinstance(value, Vector):
        head = struct.pack(">ii", flags(value.sexp, value.attributes), len(value.values))
        return head + value.body() + tail(value.attributes)
    # A dict without members is list(), without names.
    attributes = {"names": Strings(value)} if isinstance(value, dict) and value else {}
    items = value.values() if isinstance(value, dict) else value
    head = struct.pack(">ii", flags(LIST, attributes), len(value))
    return head + b"".join(map(item, items)) + tail(attributes)


def write(path, value):
    path.write_bytes(b"X\n" + struct.pack(">iii", 2, 0x00040200, 0x00020300) + item(value))
