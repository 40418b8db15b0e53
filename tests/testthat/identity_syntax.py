"""Unusual ways to write the files: see boto3-identity.py."""

import itertools

from identity_case import Case, pair, select

# In `LINES` are functions from the lines of one section, header first, to lines; in `TEXTS` from the text of a file to
# its text.


def indent(lines, which, by="  "):
    return [by + line if i in which else line for i, line in enumerate(lines)]


def after(lines, i, *more):
    return [*lines[: i + 1], *more, *lines[i + 1 :]]


def properties(lines):
    return [line.split(" = ") for line in lines[1:]]


def block(*nested):
    return lambda x: [*x[:2], "s3 =", *nested, *x[2:]]


LINES = {
    "plain": lambda x: x,
    "all indented": lambda x: indent(x, range(1, len(x))),
    "all indented by a tab": lambda x: indent(x, range(1, len(x)), "\t"),
    "first indented": lambda x: indent(x, [1]),
    "second indented": lambda x: indent(x, [2]),
    "last indented": lambda x: indent(x, [len(x) - 1]),
    "staircase": lambda x: [" " * i + line for i, line in enumerate(x)],
    "header indented": lambda x: indent(x, [0]),
    "comment": lambda x: after(x, 1, "# a = b"),
    "semicolon comment": lambda x: after(x, 1, "; a = b"),
    "indented comment": lambda x: after(x, 1, "  # a = b"),
    "indented semicolon comment": lambda x: after(x, 1, "  ; a = b"),
    "all indented, comment not": lambda x: after(indent(x, range(1, len(x))), 1, "# comment"),
    "comment before properties": lambda x: after(x, 0, "  # comment"),
    "blank line": lambda x: after(x, 1, ""),
    "line of blanks": lambda x: after(x, 1, "   "),
    "blank line after header": lambda x: after(x, 0, "", ""),
    "colon": lambda x: [line.replace(" = ", ": ") for line in x],
    "colon without blank": lambda x: [line.replace(" = ", ":") for line in x],
    "no blanks": lambda x: [line.replace(" = ", "=") for line in x],
    "many blanks": lambda x: [line.replace(" = ", "   =   ") for line in x],
    "tabs": lambda x: [line.replace(" = ", "\t=\t") for line in x],
    "upper-case names": lambda x: [x[0], *(name.upper() + " = " + value for name, value in properties(x))],
    "mixed-case names": lambda x: [line.replace("aws_access", "AWS_Access").replace("region", "Region") for line in x],
    "inline comment": lambda x: [x[0], *(line + " # ours" for line in x[1:])],
    "inline semicolon comment": lambda x: [x[0], *(line + " ; ours" for line in x[1:])],
    "inline comment after a tab": lambda x: [x[0], *(line + "\t# ours" for line in x[1:])],
    "hash without blank": lambda x: [x[0], *(line + "#ours" if "region" in line else line for line in x[1:])],
    "blanks at the end": lambda x: [line + "  " for line in x],
    "tab at the end": lambda x: [line + "\t" for line in x],
    "comment after header": lambda x: [x[0] + " # ours", *x[1:]],
    "blanks in header": lambda x: [x[0].replace("[", "[ ").replace("]", " ]"), *x[1:]],
    "two blanks in header": lambda x: [x[0].replace(" ", "  "), *x[1:]],
    "tab in header": lambda x: [x[0].replace(" ", "\t"), *x[1:]],
    "quoted header": lambda x: [x[0].replace(" ", ' "').replace("]", '"]'), *x[1:]],
    "single-quoted header": lambda x: [x[0].replace(" ", " '").replace("]", "']"), *x[1:]],
    "upper-case header": lambda x: [x[0].upper(), *x[1:]],
    "duplicate section": lambda x: [*x[:2], "", x[0], *x[2:]],
    "equal section twice": lambda x: [*x, "", *x],
    "contradicting section": lambda x: [*x, "", x[0], "region = sa-east-1"],
    "duplicate property": lambda x: [*x, x[1]],
    "contradicting property": lambda x: [*x, "region = sa-east-1"],
    "property without value": lambda x: [*x, "output ="],
    "line without equals sign": lambda x: [*x, "just words"],
    "line without name": lambda x: [*x, "= value"],
    "unclosed header after it": lambda x: [*x, "[profile unclosed", "region = sa-east-1"],
    "unclosed header": lambda x: [x[0].replace("]", ""), *x[1:]],
    "junk after header": lambda x: [x[0] + " junk", *x[1:]],
    "empty header after it": lambda x: [*x, "[]", "region = sa-east-1"],
    "continued value": lambda x: [*x, "description = one", "  two"],
    "nested block": block("  max_queue_size = 10", "  addressing_style = path"),
    "nested block with comments": block("  # mine", "  max_queue_size = 10", "  ; mine"),
    "nested block with blank line": block("  max_queue_size = 10", "", "  addressing_style = path"),
    "nested block with a colon": block("  max_queue_size: 10"),
    "nested block without equals sign": block("  max_queue_size"),
    "nested block, all indented": lambda x: [x[0], *indent(block("  max_queue_size = 10")(x)[1:], range(9))],
    "value with equals sign": lambda x: [*x, "note = a=b=c"],
    "value in quotes": lambda x: [line.replace("eu-central-1", '"eu-central-1"') for line in x],
    "percent sign": lambda x: [*x, "note = 100%(x)s"],
}
TEXTS = {
    "CRLF": lambda x: x.replace("\n", "\r\n"),
    "CR": lambda x: x.replace("\n", "\r"),
    "byte order mark": lambda x: "\ufeff" + x,
    "no line break at the end": lambda x: x.rstrip("\n"),
    "property before any section": lambda x: "region = sa-east-1\n" + x,
    "words before any section": lambda x: "words\n" + x,
    "comment before any section": lambda x: "# comment\n  # indented\n\n" + x,
    "unknown section": lambda x: "[preview]\ncloudfront = true\n\n" + x + "\n[plugins]\na = b\n",
    "unknown section with a bad line": lambda x: x + "\n[plugins]\nwords\n",
}


def syntax(case, file, variant, position):
    """A file with two profiles, one of them in an unusual syntax."""
    case.choose(syntax=variant, **{"in": file, "of": position})
    name = "conf" if file == "config" else "cred"
    lines = {
        "work": [f"[{case.header(file, 'work')}]", *pair(name, f"token-of-{name}"), "region = eu-central-1"],
        "other": [f"[{case.header(file, 'other')}]", *pair("other"), "region = ap-south-1"],
    }
    if variant in LINES:
        target = "work" if position == "selected" else "other"
        lines[target] = LINES[variant](lines[target])
    order = ["other", "work"] if position == "other" else ["work", "other"]
    text = "\n".join("\n".join([*lines[profile], ""]) for profile in order)
    case.texts[file] = TEXTS[variant](text) if variant in TEXTS else text


def family_syntax():
    for variant in [*LINES, *TEXTS]:
        for file, position in itertools.product(("config", "credentials"), ("selected", "other")):
            if position == "other" and (file == "credentials" or variant in TEXTS or variant == "plain"):
                continue
            case = Case("syntax")
            select(case, "AWS_PROFILE")
            del case.env["AWS_DEFAULT_REGION"]
            syntax(case, file, variant, position)


BLOCKS = {
    "plain": ["[services dev]", "rekognition =", "  endpoint_url = @SERVICES@"],
    "tab": ["[services dev]", "rekognition =", "\tendpoint_url = @SERVICES@"],
    "no blanks": ["[services dev]", "rekognition=", " endpoint_url=@SERVICES@"],
    "deeper": ["[services dev]", "rekognition =", "        endpoint_url = @SERVICES@"],
    "comment": ["[services dev]", "rekognition =", "  # local", "  endpoint_url = @SERVICES@"],
    "comment in first column": ["[services dev]", "rekognition =", "# local", "  endpoint_url = @SERVICES@"],
    "comment behind": ["[services dev]", "rekognition =", "  endpoint_url = @SERVICES@", "  ; local"],
    "blank line": ["[services dev]", "rekognition =", "", "  endpoint_url = @SERVICES@"],
    "blanks behind": ["[services dev]  ", "rekognition =  ", "  endpoint_url = @SERVICES@  "],
    "inline comment": ["[services dev]", "rekognition =", "  endpoint_url = @SERVICES@ # local"],
    "inline comment on the name": ["[services dev]", "rekognition = # local", "  endpoint_url = @SERVICES@"],
    "all indented": ["[services dev]", "  rekognition =", "    endpoint_url = @SERVICES@"],
    "not indented": ["[services dev]", "rekognition =", "endpoint_url = @SERVICES@"],
    "quoted": ['[services "dev"]', "rekognition =", "  endpoint_url = @SERVICES@"],
    "two blanks": ["[services  dev]", "rekognition =", "  endpoint_url = @SERVICES@"],
    "upper-case name": ["[services dev]", "REKOGNITION =", "  endpoint_url = @SERVICES@"],
    "upper-case property": ["[services dev]", "rekognition =", "  ENDPOINT_URL = @SERVICES@"],
    "other properties": ["[services dev]", "rekognition =", "  a = b", "  endpoint_url = @SERVICES@", "  c = d"],
    "between others": [
        "[services dev]",
        "s3 =",
        "  endpoint_url = @OTHER@",
        "rekognition =",
        "  endpoint_url = @SERVICES@",
        "sts =",
        "  endpoint_url = @OTHER@",
    ],
    "empty section": ["[services dev]"],
    "empty block": ["[services dev]", "rekognition ="],
    "value of its own": ["[services dev]", "rekognition = @SERVICES@"],
    "colon": ["[services dev]", "rekognition:", "  endpoint_url = @SERVICES@"],
    "only the prefix": ["[services]", "rekognition =", "  endpoint_url = @SERVICES@"],
    "without prefix": ["[dev]", "rekognition =", "  endpoint_url = @SERVICES@"],
}


def family_blocks():
    for variant, lines in BLOCKS.items():
        case = Case("blocks")
        case.choose(block=variant)
        del case.env["AWS_ENDPOINT_URL_REKOGNITION"]
        profile = ["[default]", "services = dev", "endpoint_url = @PROFILE@", *pair("conf"), ""]
        case.texts["config"] = "\n".join([*profile, *lines, ""])


NAMES = {
    "two words": ('profile "my work"', "my work", "my work"),
    "two words in single quotes": ("profile 'my work'", "my work", "my work"),
    "two words without quotes": ("profile my work", "my work", "my work"),
    "umlaut": ("profile b\u00fcro", "b\u00fcro", "b\u00fcro"),
    "at sign": ("profile me@work.example", "me@work.example", "me@work.example"),
    "slash and dot": ("profile a/b.c", "a/b.c", "a/b.c"),
    "colon": ("profile a:b", "a:b", "a:b"),
    "plus and percent": ("profile a+b%", "a+b%", "a+b%"),
    "digits": ("profile 123", "123", "123"),
    "other case": ("profile Work", "work", "Work"),
    "quoted default": ('profile "default"', "default", "default"),
    "profile default": ("profile default", "default", "default"),
    "without profile": ("work", "work", "work"),
    "with profile in credentials": ("profile work", "work", "profile work"),
}


def family_names():
    for (variant, names), file in itertools.product(NAMES.items(), ("config", "credentials")):
        in_config, name, in_credentials = names
        for place in ("variable", "call"):
            if file == "credentials" and place == "call":
                continue
            case = Case("names")
            case.choose(name=variant, **{"in": file, "named in": place})
            if place == "variable":
                case.env["AWS_PROFILE"] = name
            else:
                case.call["profile"] = name
            case.put(file, in_config if file == "config" else in_credentials, *pair("named"), "region = eu-central-1")
    for order in ("first", "last"):
        for named in (False, True):
            case = Case("names")
            case.choose(name=f"profile default {order}, beside default", named="yes" if named else "no")
            sections = [("profile default", pair("prefixed")), ("default", pair("default"))]
            case.config = sections if order == "first" else sections[::-1]
            if named:
                case.env["AWS_PROFILE"] = "default"
    for order in ("first", "last"):
        case = Case("names")
        case.choose(name=f"prefix {order}, beside without")
        sections = [("profile work", pair("prefixed")), ("work", pair("bare"))]
        case.config = sections if order == "first" else sections[::-1]
        case.env["AWS_PROFILE"] = "work"
