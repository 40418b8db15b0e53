"""Random responses, and the R values that their shapes demand."""

import base64
import json

from exactness_rds import Doubles, Integers, Logicals, Strings, times
from exactness_values import MODEL, OPERATIONS, random_bytes, random_float, random_integer, random_long, random_string

# The documented list of this operation has five members; these are newer.
LEFT_OUT = {"GetFaceLivenessSessionResultsResponse": ["Challenge", "Feedback", "Metadata"]}
UNKNOWN = ["null", "{}", "[]", "true", "-0.5e-3", '"\\u0000"', '[1,{"a":null}]', '"x"', '{"Name":[{"a":"\\ud800"}]}']
# Names of members, and names with a meaning of their own in an error.
NAMES = {name for shape in map(MODEL.shape_for, MODEL.shape_names) for name in getattr(shape, "members", [])}
NAMES |= {"code", "message", "Code", "Message", "__type"}
SPACES = ["", "", "", "", " ", "\n", "\t\r\n "]


class Number(str):
    """The text of a number."""


class Map(dict):
    """Its names are not members, so that no others are added."""


def random_tree(rng, shape, share):
    """A response as dicts, lists and the texts of numbers. `share` of the members are there, some of them null."""

    def optional(member):
        return None if share < 1 and rng.random() < 0.05 else random_tree(rng, member, share)

    match shape.type_name:
        case "structure":
            members = {name: optional(member) for name, member in shape.members.items() if rng.random() < share}
            names = list(members)
            rng.shuffle(names)
            return {name: members[name] for name in names}
        case "list":
            return [optional(shape.member) for _ in range(rng.choice([1, 2] if share == 1 else [0, 1, 1, 2, 3]))]
        case "map":
            return Map((random_string(rng, shape.key) or "k", optional(shape.value)) for _ in range(rng.randrange(5)))
        case "string":
            return random_string(rng, shape)
        case "blob":
            return base64.b64encode(rng.choice([b"", random_bytes(rng)])).decode()
        case "boolean":
            return rng.random() < 0.5
        case "integer":
            return Number(random_integer(rng))
        case "long":
            return Number(rng.choice([random_long(rng), random_long(rng), 2**53 + 1, 2**63 - 1, -(2**63)]))
        case "float":
            return random_number(rng, random_float(rng))
        case "timestamp":
            seconds = rng.choice([0, 1e9 + 0.5, rng.randrange(2**33), round(rng.uniform(0, 2e9), 3), -rng.random()])
            return random_number(rng, seconds)
    raise NotImplementedError(shape.type_name)


def random_number(rng, value):
    """A way to write a number, which may change it: the double nearest to the text is what counts."""
    text = format(value, rng.choice([".17g", ".15g", ".6g", ".17e", ".3E", ".25g", "", "", ""]))
    if rng.random() < 0.1 and abs(value) < 1e15:
        text = format(value, rng.choice([".2f", ".20f", ".0f"]))
    text = text.replace("e+", rng.choice(["e+", "e", "E+"]))
    # The largest doubles, rounded up, are too large for a double.
    return Number(text if abs(float(text)) != float("inf") else repr(value))


def large_trees(rng, length=10000):
    """A response of lists of this many items for each operation that has lists of small items."""

    def leaves(shape):
        return sum(map(leaves, shape.members.values())) if shape.type_name == "structure" else 1

    for name, operation in OPERATIONS.items():
        shapes = {
            member: shape.member
            for member, shape in operation.output_shape.members.items()
            if shape.type_name == "list" and leaves(shape.member) <= 3
        }
        if shapes:
            yield name, {
                member: [random_tree(rng, shape, 0.8) for _ in range(length)] for member, shape in shapes.items()
            }


def write(rng, tree, plain=False):
    """The tree as JSON, written in every way that JSON allows; `plain` without unknown and repeated members."""
    space = lambda: rng.choice(SPACES)
    if tree is None or isinstance(tree, bool):
        return json.dumps(tree)
    if isinstance(tree, Number):
        return str(tree)
    if isinstance(tree, str):
        return write_string(rng, tree)
    if isinstance(tree, list):
        return "[" + space() + ",".join(space() + write(rng, item, plain) + space() for item in tree) + "]"
    pairs = [(name, write(rng, value, plain)) for name, value in tree.items()]
    if not plain and not isinstance(tree, Map):
        pairs = with_others(rng, pairs)
    elif not plain and pairs and rng.random() < 0.1:
        # Of a repeated name, the last value counts.
        pairs.insert(0, (pairs[0][0], '"first"'))
    texts = (space() + write_string(rng, name) + space() + ":" + space() + value + space() for name, value in pairs)
    return "{" + space() + ",".join(texts) + "}"


def with_others(rng, pairs):
    """With members that a newer service may have, and members that are there twice, of which the last counts."""
    names = [name for name, _ in pairs]
    others = [(f"New{i}", rng.choice(UNKNOWN)) for i in range(rng.choice([0, 0, 0, 1, 2]))]
    if names and rng.random() < 0.05:
        near = rng.choice([str.lower, str.upper, lambda name: name[:-1], lambda name: name + "s"])(rng.choice(names))
        others += [(near, rng.choice(UNKNOWN))] if near not in NAMES else []
    if pairs and rng.random() < 0.05:
        name, value = rng.choice(pairs)
        others.append((name, rng.choice([value, "null"])))
    for other in others:
        pairs.insert(rng.randrange(len(pairs) + 1), other)
    return pairs


def write_string(rng, text):
    if rng.random() < 0.5:
        return json.dumps(text, ensure_ascii=rng.random() < 0.5)
    return '"' + "".join(write_letter(rng, letter) for letter in text) + '"'


def write_letter(rng, letter):
    short = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if letter in short and rng.random() < 0.5:
        return short[letter]
    if letter < " " or letter in '"\\' or rng.random() < 0.2:
        units = letter.encode("utf-16-be")
        form = rng.choice(["{:04x}", "{:04X}"])
        return "".join("\\u" + form.format(int.from_bytes(units[i : i + 2], "big")) for i in range(0, len(units), 2))
    return letter


def expected(shape, value):
    """The R value of the parsed response; None is what is absent or null."""
    given = [] if value is None else [value]
    match shape.type_name:
        case "structure":
            left_out = LEFT_OUT.get(shape.name, [])
            members = {name: member for name, member in shape.members.items() if name not in left_out}
            return {name: expected(member, (value or {}).get(name)) for name, member in members.items()}
        case "list":
            return [expected(shape.member, item) for item in value or []]
        case "map":
            return {name: expected(shape.value, item) for name, item in (value or {}).items()}
        case "string":
            return Strings(given)
        case "boolean":
            return Logicals(given)
        case "integer":
            return Integers(map(int, given))
        case "blob":
            return base64.b64decode(value or "", validate=True)
        case "timestamp":
            return times(map(float, given))
    return Doubles(map(float, given))


def places(shape, tree, path=()):
    """The path to each value of a response with its shape."""
    yield path, shape
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in tree and name not in LEFT_OUT.get(shape.name, []):
                yield from places(member, tree[name], (*path, name))
    elif shape.type_name == "list":
        for i, item in enumerate(tree):
            yield from places(shape.member, item, (*path, i))
    elif shape.type_name == "map":
        for name, item in tree.items():
            yield from places(shape.value, item, (*path, name))


def wrong_values(shape):
    text, number, fraction = "x", Number(1), Number("1.5")
    match shape.type_name:
        case "string":
            return [number, fraction, True, [], {}]
        case "boolean":
            return [text, "true", number, [], {}]
        case "integer":
            return [text, "1", fraction, Number(2**31), Number(-(2**31) - 1), True, [], {}]
        case "long":
            return [text, "1", fraction, True, [], {}]
        case "float":
            return [text, "1", True, [], {}]
        case "timestamp":
            return [text, True, [], {}]
        case "blob":
            return [number, True, [], {}, "=", "A", "/w", "a b=", "_w==", "/w==\n"]
        case "list":
            return [text, number, True, {}, {"a": []}]
        case "structure" | "map":
            return [text, number, True, [], [{}]]


def replace(tree, path, value):
    if not path:
        return value
    head, *rest = path
    tree = type(tree)(tree)
    tree[head] = replace(tree[head], rest, value)
    return tree


def wrong_tree(rng, shape):
    """A response with one value of a wrong type, and where it is."""
    tree = random_tree(rng, shape, 1)
    path, place = rng.choice(list(places(shape, tree)))
    value = rng.choice(wrong_values(place))
    return replace(tree, path, value), f"{'$'.join(map(str, path))} = {value!r}"
