"""Writes the service's model as data, from botocore's: src/rust/model/src/rekognition.json, and the arguments of the
operations for R, R/operation-arguments.R. Only facts are taken: names, types, bounds; no documentation.

    .build/venv/bin/python dev/model.py            from the version of botocore that the data names
    .build/venv/bin/python dev/model.py 1.44.8     from this version, and says what changed
    .build/venv/bin/python dev/model.py --check    fails if R/operation-arguments.R is not made from the data
"""

import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

TOP = pathlib.Path(__file__).parent.parent
DATA = TOP / "src/rust/model/src/rekognition.json"
ARGUMENTS = TOP / "R/operation-arguments.R"
MODEL = "botocore/data/rekognition/2016-06-27/service-2.json"
FACTS = ("min", "max", "pattern", "enum", "required")

# The documented list of this operation has five members; these are newer.
HIDDEN = {"GetFaceLivenessSessionResultsResponse": ["Challenge", "Feedback", "Metadata"]}
# An idempotency token by its description, which the model does not mark as one.
TOKENS = {"CreateFaceLivenessSessionRequest": ["ClientRequestToken"]}


def download(version):
    """botocore's model of the service."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run([*pip, f"botocore=={version}"], check=True)
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("botocore-*.whl"))) as wheel:
            if MODEL in wheel.namelist():
                return json.loads(wheel.read(MODEL))
            return json.loads(gzip.decompress(wheel.read(MODEL + ".gz")))


def shape_facts(name, shape):
    facts = {"type": shape["type"]}
    for part in ("member", "key", "value"):
        if part in shape:
            facts[part] = shape[part]["shape"]
    if "members" in shape:
        members = shape["members"]
        facts["members"] = {member: value["shape"] for member, value in members.items()}
        tokens = [member for member, value in members.items() if value.get("idempotencyToken")]
        if tokens or name in TOKENS:
            facts["tokens"] = tokens + TOKENS.get(name, [])
        if name in HIDDEN:
            facts["hidden"] = HIDDEN[name]
    facts.update({fact: shape[fact] for fact in FACTS if shape.get(fact) not in (None, [])})
    return facts


def facts_of(model, version):
    operations = {
        name: {
            "input": operation["input"]["shape"],
            "output": operation["output"]["shape"],
            "errors": [error["shape"] for error in operation["errors"]],
        }
        for name, operation in model["operations"].items()
    }
    shapes = {
        name: shape_facts(name, shape) for name, shape in model["shapes"].items() if not shape.get("exception")
    }
    return {"botocore": version, "operations": operations, "shapes": shapes}


def text_of(facts):
    """One line for each operation and shape, so that a difference is easy to read."""

    def lines(members):
        rows = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in members.items())
        return "{\n" + ",\n".join(rows) + "\n}"

    parts = [
        f'"botocore": "{facts["botocore"]}"',
        f'"operations": {lines(facts["operations"])}',
        f'"shapes": {lines(facts["shapes"])}',
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def snake_case(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def arguments_of(facts):
    rows = []
    for name, operation in facts["operations"].items():
        shape = facts["shapes"][operation["input"]]
        required = shape.get("required", [])
        members = [member if member in required else f"{member} = NULL" for member in shape["members"]]
        rows.append(f'  {snake_case(name)} = "{", ".join(members)}"')
    return (
        "# The arguments of each operation. Written by dev/model.py from the service's model: do not edit.\n\n"
        "operation_arguments <- c(\n" + ",\n".join(rows) + "\n)\n"
    )


def say_changes(old, new):
    for kind in ("operations", "shapes"):
        for name in sorted(old[kind].keys() | new[kind].keys()):
            before, after = old[kind].get(name), new[kind].get(name)
            if before is None:
                print(f"new in {kind}: {name}")
            elif after is None:
                print(f"gone from {kind}: {name}")
            elif before != after:
                facts = sorted(fact for fact in before.keys() | after.keys() if before.get(fact) != after.get(fact))
                for fact in facts:
                    print(f"changed: {name}, {fact}: {before.get(fact)} -> {after.get(fact)}")


def main():
    old = json.loads(DATA.read_text()) if DATA.exists() else None
    if sys.argv[1:] == ["--check"]:
        if ARGUMENTS.read_text() != arguments_of(old):
            sys.exit("R/operation-arguments.R is not made from the model: run dev/model.py.")
        return
    version = sys.argv[1] if len(sys.argv) > 1 else old["botocore"]
    new = facts_of(download(version), version)
    if old:
        say_changes(old, new)
    DATA.write_text(text_of(new))
    ARGUMENTS.write_text(arguments_of(new))
    print(f"{len(new['operations'])} operations and {len(new['shapes'])} shapes, from botocore {version}")


main()
