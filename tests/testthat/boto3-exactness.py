"""Judges requests and values of this package by botocore and its model of the service.

Usage: boto3-exactness.py KIND FOLDER SEED NUMBER. For each operation it makes NUMBER cases of a KIND:

    inputs     sent by botocore, too, and the requests compared
    responses  with the R value of each
    wrong      responses with a value of a wrong type
    mistakes   arguments with a mistake, of which no request is to arrive
    arguments  the names of the arguments

It writes them to cases.rds in FOLDER, prints the URL of a server, and after a line on standard input writes what
went wrong to problems.rds. The path of a request is /ours/ and the number of its case. At /echo, the response is an
error with the request's body in its message; at /again, it is an error that clients retry, and after that one with
both bodies.
"""

import json
import pathlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from botocore.config import Config

import exactness_inputs as inputs
import exactness_outputs as outputs
from exactness_arguments import random_mistake
from exactness_rds import Integers, Strings, write
from exactness_values import OPERATIONS, generator, parse

KIND, FOLDER, SEED, NUMBER = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
TARGETS = {f"RekognitionService.{operation.name}": name for name, operation in OPERATIONS.items()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        place, _, number = self.path.strip("/").partition("/")
        case = TARGETS[self.headers["x-amz-target"]], int(number or 0)
        received = self.server.received.setdefault((place, *case), [])
        received.append((self.headers["content-type"], body))
        if place == "echo":
            self.refuse(400, body.decode())
        elif place == "again" and len(received) == 1:
            self.refuse(500, "once more")
        elif place == "again":
            self.refuse(400, "[" + ",".join(body.decode() for _, body in received) + "]")
        else:
            self.respond(200, self.server.responses.get(case, b"{}"))

    def refuse(self, status, message):
        self.respond(status, json.dumps({"__type": "Refused", "Message": message}).encode())

    def respond(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("x-amzn-requestid", "some-id")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.received = {}
        self.responses = {}
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


def all_cases():
    for name, operation in OPERATIONS.items():
        for number in range(NUMBER):
            yield name, operation, number, generator(SEED, KIND, name, number)


def make_inputs(server):
    session = botocore.session.Session()
    session.set_credentials("AKIAEXAMPLE", "secret")
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, proxies={})
    clients = [
        session.create_client("rekognition", "us-east-1", endpoint_url=f"{server.url}/botocore/{i}", config=config)
        for i in range(NUMBER)
    ]
    for name, operation, number, rng in all_cases():
        value, arguments = inputs.random_arguments(rng, operation, number)
        getattr(clients[number], name)(**value)
        yield {"operation": Strings([name]), "number": Integers([number]), "arguments": arguments}


def input_problems(server):
    for name, operation, number, _ in all_cases():
        case = f"{name}, case {number} of seed {SEED}"
        ours, theirs = (server.received.get((place, name, number), []) for place in ("ours", "botocore"))
        if len(ours) != 1 or len(theirs) != 1:
            yield f"{case}: {len(ours)} requests, botocore {len(theirs)}"
            continue
        if ours[0][0] != theirs[0][0]:
            yield f"{case}: content type {ours[0][0]}"
        try:
            bodies = [parse(body.decode(), object_pairs_hook=inputs.unique) for _, body in (ours[0], theirs[0])]
            found = list(inputs.differences(operation.input_shape, *bodies, ""))
        except ValueError as error:
            found = [str(error)]
        for problem in found:
            yield f"{case}: {problem}"


def required_arguments(rng, operation):
    shape = operation.input_shape
    return inputs.as_r(rng, shape, inputs.random_input(rng, shape, 0))


def make_responses(server):
    def case(rng, name, number, body):
        server.responses[name, number] = body.encode()
        operation = OPERATIONS[name]
        return {
            "operation": Strings([name]),
            "number": Integers([number]),
            "arguments": required_arguments(rng, operation),
            "value": outputs.expected(operation.output_shape, parse(body)),
        }

    for name, operation, number, rng in all_cases():
        share = {0: 1, 1: 0}.get(number, 0.8)
        tree = outputs.random_tree(rng, operation.output_shape, share)
        yield case(rng, name, number, outputs.write(rng, tree))
    rng = generator(SEED, KIND)
    for name, tree in outputs.large_trees(rng):
        yield case(rng, name, NUMBER, outputs.write(rng, tree))


def make_wrong(server):
    bodies = ["[]", '"x"', "1", "{", '{"New":1', "{} {}", "<html></html>", '{"__type":"Odd","message":"m"}', ""]
    for name, operation, number, rng in all_cases():
        if number < len(bodies):
            body, what = bodies[number], "body"
        else:
            tree, what = outputs.wrong_tree(rng, operation.output_shape)
            body = outputs.write(rng, tree, plain=True)
        server.responses[name, number] = body.encode()
        if body or operation.output_shape.members:
            yield {
                "operation": Strings([name]),
                "number": Integers([number]),
                "arguments": required_arguments(rng, operation),
                "what": Strings([what]),
                "body": Strings([ascii(body)[:300]]),
            }


def make_mistakes(server):
    for name, operation, number, rng in all_cases():
        arguments, paths, words, what = random_mistake(rng, operation, number)
        yield {
            "operation": Strings([name]),
            "number": Integers([number]),
            "arguments": arguments,
            "paths": Strings(paths),
            "words": Strings(words),
            "what": Strings([what]),
        }


def mistake_problems(server):
    for _, name, number in server.received:
        yield f"{name}, case {number} of seed {SEED}: a request was sent"


def make_arguments(server):
    for name, operation in OPERATIONS.items():
        shape = operation.input_shape
        yield {
            "operation": Strings([name]),
            "names": Strings(shape.members),
            "required": Strings(name for name in shape.members if name in shape.required_members),
        }


def no_problems(server):
    return []


KINDS = {
    "inputs": (make_inputs, input_problems),
    "responses": (make_responses, no_problems),
    "wrong": (make_wrong, no_problems),
    "mistakes": (make_mistakes, mistake_problems),
    "arguments": (make_arguments, no_problems),
}


def main():
    server = Server()
    make, find_problems = KINDS[KIND]
    write(FOLDER / "cases.rds", list(make(server)))
    print(server.url, flush=True)
    sys.stdin.readline()
    write(FOLDER / "problems.rds", Strings(find_problems(server)))
    print("done", flush=True)


main()
