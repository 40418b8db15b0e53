"""Inputs with one mistake: a value of a wrong type, an unknown member, or a required one that is missing.

Each is the arguments for R, the paths that may name the mistake, and what the message must contain.
"""

from exactness_inputs import as_r, random_input, structure_as_r
from exactness_rds import Doubles, Integers, Logicals, Strings

WRONG = {
    "string": [
        Doubles([1.5]),
        Integers([1]),
        Logicals([True]),
        Logicals([None]),
        Strings([None]),
        Strings(["a", "b"]),
        [Strings(["a"])],
        {"a": Strings(["a"])},
        b"a",
    ],
    "integer": [
        Strings(["1"]),
        Doubles([1.5]),
        Doubles([None]),
        Doubles([float("inf")]),
        Doubles([float("nan")]),
        Integers([None]),
        Integers([1, 2]),
        Logicals([True]),
        [Integers([1])],
        b"\x01",
    ],
    "float": [
        Strings(["1"]),
        Doubles([None]),
        Doubles([float("-inf")]),
        Doubles([float("nan")]),
        Integers([None]),
        Doubles([1, 2]),
        Logicals([True]),
        [Doubles([1])],
        b"\x01",
    ],
    "boolean": [
        Strings(["TRUE"]),
        Doubles([1]),
        Integers([0]),
        Logicals([None]),
        Logicals([True, False]),
        [Logicals([True])],
        b"\x01",
    ],
    "blob": [Strings(["bytes"]), Integers([1, 2, 3]), Doubles([1]), Logicals([True]), [b"a"]],
    "structure": [Strings(["a"]), Doubles([1]), Logicals([True]), [Strings(["a"])], b"a"],
    "map": [Strings(["a"]), Doubles([1]), Logicals([True]), [Strings(["a"])], b"a"],
    "list": [Doubles([1]), Integers([1]), Logicals([True]), b"a", {"a": Doubles([1])}],
}
WRONG["long"] = WRONG["integer"]


def full_input(rng, shape):
    """An input with all members; the names in a map can follow a $."""
    value = random_input(rng, shape, 1)

    def plain(shape, value):
        if shape.type_name == "structure":
            return {name: plain(shape.members[name], member) for name, member in value.items()}
        if shape.type_name == "list":
            return [plain(shape.member, item) for item in value]
        if shape.type_name == "map":
            return {"Team": "a", "Stage": "b"}
        return value

    return plain(shape, value)


def full_arguments(rng, shape, value):
    """The R value without atomic vectors for lists and without members that are not given."""
    if shape.type_name == "structure":
        return {name: full_arguments(rng, shape.members[name], member) for name, member in value.items()}
    if shape.type_name == "list":
        return [full_arguments(rng, shape.member, item) for item in value]
    return as_r(rng, shape, value)


def places(shape, value, steps=(), path=""):
    """Each value with its steps, its path in R and its shape."""
    if steps:
        yield steps, path, shape
    if shape.type_name in ("structure", "map"):
        for name, member in value.items():
            inner = shape.members[name] if shape.type_name == "structure" else shape.value
            yield from places(inner, member, (*steps, name), f"{path}${name}" if path else name)
    elif shape.type_name == "list":
        for i, item in enumerate(value):
            yield from places(shape.member, item, (*steps, i), f"{path}[[{i + 1}]]")


def changed(tree, steps, change):
    """A copy in which `change` has been applied to the container of the last step."""
    tree = type(tree)(tree)
    if len(steps) == 1:
        change(tree, steps[0])
    else:
        tree[steps[0]] = changed(tree[steps[0]], steps[1:], change)
    return tree


def wrong_type(rng, shape, value, arguments):
    steps, path, place = rng.choice(list(places(shape, value)))
    wrong = rng.choice(WRONG[place.type_name])
    if place.type_name == "list" and place.member.type_name != "string":
        wrong = rng.choice([wrong, Strings(["a"])])

    def change(container, key):
        container[key] = wrong

    # An item of a wrong type can be named, too.
    paths = [path, f"{path}[[1]]", f"{path}$a"] if place.type_name in ("list", "map", "structure") else [path]
    return changed(arguments, steps, change), paths, [], f"{path} = {wrong!r}"


def near_miss(rng, shape, value, arguments):
    """An unknown member that differs in one letter from one that is there; None if there is no nested structure."""
    inner = [(steps, path) for steps, path, _ in structure_members(shape, value)]
    if not inner:
        return None
    steps, path = rng.choice(inner)
    name = steps[-1]
    at = rng.randrange(len(name) - 1)
    typo = rng.choice([name[:at] + name[at + 1 :], name[: at + 1] + name[at:], name[0].lower() + name[1:]])

    def change(container, key):
        container[typo] = container.pop(key) if rng.random() < 0.5 else container[key]

    if typo in siblings(shape, steps):
        return None
    structure = path[: -len(name) - 1]
    paths = [structure, f"{structure}${typo}"]
    return changed(arguments, steps, change), paths, [structure, typo, name], f"{structure}${typo} for {name}"


def structure_members(shape, value):
    """The members of nested structures with names that are long enough for a typo, as places() has them."""
    for steps, path, place in places(shape, value):
        is_member = len(steps) > 1 and container(shape, steps).type_name == "structure"
        if is_member and len(steps[-1]) > 2:
            yield steps, path, place


def container(shape, steps):
    for step in steps[:-1]:
        match shape.type_name:
            case "structure":
                shape = shape.members[step]
            case "list":
                shape = shape.member
            case "map":
                shape = shape.value
    return shape


def siblings(shape, steps):
    return container(shape, steps).members


def missing(rng, shape, value, arguments):
    """Without a required member, at the top or in a structure that has others."""
    required = [
        (steps, path)
        for steps, path, _ in places(shape, value)
        if container(shape, steps).type_name == "structure"
        and steps[-1] in container(shape, steps).required_members
        and (len(steps) == 1 or len(siblings(shape, steps)) > 1)
    ]
    if not required:
        return None
    steps, path = rng.choice(required)

    def change(container, key):
        if rng.random() < 0.5:
            del container[key]
        else:
            container[key] = None

    return changed(arguments, steps, change), [path], [steps[-1]], f"without {path}"


def random_mistake(rng, operation, number):
    shape = operation.input_shape
    value = full_input(rng, shape)
    arguments = full_arguments(rng, shape, value)
    kind = [wrong_type, wrong_type, near_miss, missing][number % 4]
    return kind(rng, shape, value, arguments) or wrong_type(rng, shape, value, arguments)
