"""Writes what the service's model, as botocore has it, says of the inputs of the two operations.

Each constraint is a line: operation, path, kind (min, max, pattern, enum, required) and value, separated by tabs.
"""

import botocore.session

model = botocore.session.get_session().get_service_model("rekognition")


def constraints(path, shape, required):
    if required:
        yield path, "required", "true"
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from constraints(f"{path}${name}", member, name in shape.required_members)
    elif shape.type_name == "list":
        yield from constraints(f"{path}[]", shape.member, False)
    else:
        for kind in ("min", "max", "pattern"):
            if kind in shape.metadata:
                yield path, kind, str(shape.metadata[kind])
        if shape.type_name == "string" and shape.enum:
            yield path, "enum", ", ".join(shape.enum)


for operation in ("CreateFaceLivenessSession", "GetFaceLivenessSessionResults"):
    for constraint in constraints("", model.operation_model(operation).input_shape, False):
        print(operation, *constraint, sep="\t")
