"""The page's side of a check through a relay, without a browser. It shares no code with the package and with AWS's component:
the address is signed by botocore, messages by hand, and botocore reads what comes back."""

import base64
import binascii
import datetime
import hashlib
import hmac
import http.client
import json
import os
import socket
import struct
import time
import urllib.parse

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer

PATH = "/start-face-liveness-session-websocket"
SERVICE = "rekognition"
INFORMATION = "ClientSessionInformationEvent"
COLORS = [(0, 0, 0), (0, 255, 0), (255, 0, 0), (255, 255, 0), (0, 0, 255), (0, 255, 255), (255, 0, 255), (255, 255, 255)]


class Signer:
    """Signs with the one-time key of a ticket. `changes` replaces parameters of the address."""

    def __init__(self, ticket, **changes):
        self.id = ticket["credentials"]["accessKeyId"]
        self.secret = ticket["credentials"]["secretAccessKey"]
        self.region = ticket["region"]
        parameters = {
            "challenge-versions": "FaceMovementAndLightChallenge_2.0.0,FaceMovementChallenge_1.0.0",
            "session-id": ticket["sessionId"],
            "video-height": "480",
            "video-width": "640",
            "x-amz-user-agent": "scripted-liveness/1.0",
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }
        url = "https://relay.invalid" + PATH + "?" + urllib.parse.urlencode(parameters)
        request = AWSRequest("GET", url)
        SigV4QueryAuth(Credentials(self.id, self.secret), SERVICE, self.region, expires=299).add_auth(request)
        self.query = "?" + request.url.split("?", 1)[1]
        self.prior = urllib.parse.parse_qs(self.query[1:])["X-Amz-Signature"][0]

    def frame(self, kind, body):
        """The signed message of an event: the next one."""
        headers = {":event-type": kind, ":message-type": "event", ":content-type": "application/json"}
        return self.signed(encode([text(*header) for header in headers.items()], json.dumps(body).encode()))

    def signed(self, message):
        now = datetime.datetime.now(datetime.timezone.utc)
        date = b"\x05:date\x08" + struct.pack(">q", int(now.timestamp() * 1000))
        scope = f"{now:%Y%m%d}/{self.region}/{SERVICE}/aws4_request"
        lines = ["AWS4-HMAC-SHA256-PAYLOAD", f"{now:%Y%m%dT%H%M%SZ}", scope, self.prior]
        lines += [hashlib.sha256(part).hexdigest() for part in (date, message)]
        key = ("AWS4" + self.secret).encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).digest()
        self.prior = signature.hex()
        name = b":chunk-signature"
        return encode([date, bytes([len(name)]) + name + b"\x06" + struct.pack(">H", 32) + signature], message)


def text(name, value):
    """A header of an event stream."""
    return bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()


def encode(headers, payload):
    """A message of an event stream."""
    headers = b"".join(headers)
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", binascii.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", binascii.crc32(message))


def decode(message):
    """The type and the body of a message from the service."""
    buffer = EventStreamBuffer()
    buffer.add_data(message)
    (event,) = list(buffer)
    kind = event.headers.get(":event-type") or event.headers.get(":exception-type")
    return kind, json.loads(event.payload)


class User:
    """A user of the example back end, with a cookie."""

    def __init__(self, url):
        self.address = urllib.parse.urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=120)
        self.cookie = None

    def connect(self):
        """A connection of its own."""
        host, port = self.address.split(":")
        return socket.create_connection((host, int(port)), timeout=60)

    def request(self, method, path, body=None, headers=()):
        """The status and the parsed JSON, or the text, of a response."""
        fields = {"X-Requested-With": "fetch", **({"Cookie": self.cookie} if self.cookie else {}), **dict(headers)}
        if body is not None:
            fields["Content-Type"] = "application/octet-stream"
        self.connection.request(method, path, body, fields)
        response = self.connection.getresponse()
        content = response.read()
        self.cookie = (response.getheader("Set-Cookie") or self.cookie or "").split(";")[0] or None
        try:
            return response.status, json.loads(content)
        except ValueError:
            return response.status, content.decode(errors="replace")

    def new_page(self, **changes):
        """A page with a new session."""
        status, body = self.request("POST", "/sessions")
        assert status == 201, (status, body)
        return Page(self, body["SessionId"], body["ticket"], **changes)

    def verdict(self, session_id):
        deadline = time.time() + 120
        while time.time() < deadline:
            status, body = self.request("GET", f"/sessions/{session_id}")
            if status == 200 and body["verdict"] != "pending":
                return body["verdict"]
            time.sleep(0.2)
        return "pending"


class Page:
    """A page that speaks to the relay of its session."""

    def __init__(self, user, session_id, ticket, **changes):
        self.user, self.session_id, self.ticket = user, session_id, ticket
        self.relay = f"/sessions/{session_id}/relay/1"
        self.signer = Signer(ticket, **changes)
        self.sequence = 0
        self.received = []
        self.last = {}

    def body(self, frames=(), **fields):
        """The next request."""
        self.sequence += 1
        head = {"ticket": self.signer.id, "sequence": self.sequence, **fields}
        return json.dumps(head).encode() + b"\n" + b"".join(frames)

    def send_body(self, body):
        """Sends a request; returns the response, with its events in `received`."""
        status, response = self.user.request("POST", self.relay, body)
        if status != 200:
            return {"state": "refused", "status": status}
        self.received += [decode(base64.b64decode(frame)) for frame in response["frames"]]
        self.last = response
        return response

    def send(self, *frames, **fields):
        return self.send_body(self.body(frames, **fields))

    def open(self):
        """Opens the relay, and waits for the challenge."""
        self.send(open=self.signer.query)
        return self.wait("ServerSessionInformationEvent")

    def wait(self, kind, seconds=120):
        """Polls until the service has sent this event: its body; or until the relay is closed: None."""
        deadline = time.time() + seconds
        while time.time() < deadline:
            found = [body for received, body in self.received if received == kind]
            if found:
                return found[0]
            if self.last["state"] == "closed":
                return None
            time.sleep(0.05)
            self.send()
        raise TimeoutError(kind)

    def wait_for_close(self):
        """Polls until the relay is closed, and returns its last response."""
        self.wait("no such event")
        return self.last

    def challenge(self):
        """The name of the challenge, once the relay is open."""
        return next(iter(self.open()["SessionInformation"]["Challenge"]))

    def video(self, chunk):
        chunk = base64.b64encode(chunk).decode()
        return self.signer.frame("VideoEvent", {"VideoChunk": chunk, "TimestampMillis": int(time.time() * 1000)})

    def information(self, challenge, **members):
        body = {"Challenge": {challenge: {"ChallengeId": "c-1", **members}}}
        return self.signer.frame(INFORMATION, body)

    def check(self, video=()):
        """A whole check. Returns the last response."""
        self.stream(self.challenge(), video)
        return self.wait_for_close()

    def stream(self, challenge, video=()):
        """Sends the events of a check, as AWS's component does."""
        video = video or [os.urandom(1000)] * 2
        box = {"BoundingBox": {"Width": 0.2, "Height": 0.3, "Left": 0.4, "Top": 0.3}}
        first = {**box, "InitialFaceDetectedTimestamp": 1}
        self.send(self.video(video[0]), self.information(challenge, VideoStartTimestamp=1, InitialFace=first))
        if challenge == "FaceMovementAndLightChallenge":
            for number, color in enumerate(COLORS):
                shown = {"CurrentColor": {"RGB": color}, "SequenceNumber": number, "CurrentColorStartTimestamp": 1}
                self.send(self.information(challenge, ColorDisplayed=shown))
        for chunk in video[1:]:
            self.send(self.video(chunk))
        target = {**box, "FaceDetectedInTargetPositionStartTimestamp": 2, "FaceDetectedInTargetPositionEndTimestamp": 3}
        self.send(self.information(challenge, VideoEndTimestamp=4, TargetFace=target), self.video(b""))
