"""Pages that do not keep to the rules, at the relays of the example back end.

Usage: relay_attacks.py URL. Each attack is a line: its name and "ok" or what went wrong, separated by a tab.
"""

import json
import os
import struct
import sys
import traceback

from scripted_page import Page, Signer, User, encode

URL = sys.argv[1]


def new_page(**changes):
    return User(URL).new_page(**changes)


def is_refused(response):
    """Whether a response closes the check, and says no more than it must."""
    if response["state"] != "closed" or response["code"] != 1008:
        raise AssertionError(response)
    assert set(response) == {"state", "code", "error", "frames"}, response
    assert response["error"]["code"] == "REFUSED", response
    assert response["frames"] == [], response
    return True


def ends(page, response):
    """The check has ended, and did not pass."""
    assert is_refused(response)
    assert is_refused(page.send())
    assert page.user.verdict(page.session_id) == "fail"


def goes_on(page, challenge):
    """The check is unharmed: the page completes it."""
    page.stream(challenge)
    last = page.wait_for_close()
    assert last["code"] == 1000 and "error" not in last, last
    assert page.user.verdict(page.session_id) == "pass"


def with_checksums(frame, change):
    """A frame whose content is changed, with valid checksums."""
    _, length = struct.unpack(">II", frame[:8])
    headers, message = bytearray(frame[12 : 12 + length]), bytearray(frame[12 + length : -4])
    change(headers, message)
    return encode([bytes(headers)], bytes(message))


def changed_frames():
    def video(headers, message):
        message[-20] ^= 1

    def date(headers, message):
        headers[13] ^= 1

    def signature(headers, message):
        headers[-1] ^= 1

    for change in (video, date, signature):
        page = new_page()
        page.challenge()
        ends(page, page.send(with_checksums(page.video(os.urandom(1000)), change)))
    page = new_page()
    page.challenge()
    frame = bytearray(page.video(os.urandom(1000)))
    frame[200] ^= 1
    ends(page, page.send(bytes(frame)))


def frames_in_another_order():
    for order in ([1, 0], [0, 0], [1], [0, 2, 1]):
        page = new_page()
        page.challenge()
        frames = [page.video(os.urandom(1000)) for _ in range(3)]
        ends(page, page.send(*[frames[place] for place in order]))


def frames_that_are_none():
    huge = struct.pack(">II", 0xFFFFFFFF, 0)
    for odd in (b"x", b"\0" * 16, os.urandom(5000), huge, huge * 100):
        page = new_page()
        page.challenge()
        ends(page, page.send(odd))
        page = new_page()
        page.challenge()
        ends(page, page.send(page.video(b"chunk") + odd))
    page = new_page()
    page.challenge()
    ends(page, page.send(page.video(b"chunk")[:-1]))


def signed_messages_that_are_no_events():
    odd = [
        lambda signer: signer.signed(b""),
        lambda signer: signer.signed(b"junk"),
        lambda signer: signer.signed(signer.signed(b"")),
        lambda signer: signer.frame("ServerSessionInformationEvent", {}),
        lambda signer: signer.frame("", {}),
    ]
    for make in odd:
        page = new_page()
        page.challenge()
        ends(page, page.send(make(page.signer)))


def other_sessions():
    # The address is signed with the ticket, but for the session of another ticket.
    user = User(URL)
    mine, other = user.new_page(), user.new_page()
    mine.signer = Signer(mine.ticket, session_id=other.session_id)
    assert is_refused(mine.send(open=mine.signer.query))
    # The ticket is sent to the relay of the other session, which goes on.
    challenge = other.challenge()
    lost = Page(user, other.session_id, user.new_page().ticket)
    assert is_refused(lost.send(open=lost.signer.query))
    goes_on(other, challenge)


def changed_addresses():
    for change in (
        lambda query: query.replace("640", "641"),
        lambda query: query + "&session-id=0f959dbb-37cc-45d8-a08d-dc42cce85fa8",
        lambda query: query + "&x=y",
        lambda query: query.replace("X-Amz-Expires=299", "X-Amz-Expires=9999"),
        lambda query: query.split("&X-Amz-Signature")[0],
        lambda query: "",
        lambda query: "?" + "x" * 100_000,
        lambda query: query + "\r\nHost: other.example",
    ):
        page = new_page()
        assert is_refused(page.send(open=change(page.signer.query)))
        assert is_refused(page.send(open=page.signer.query))


def used_twice():
    page = new_page()
    challenge = page.challenge()
    page.send(), page.send()
    # In another tab, and with the address of the first.
    second = Page(page.user, page.session_id, page.ticket)
    assert is_refused(second.send(open=second.signer.query))
    assert is_refused(second.send(open=page.signer.query))
    goes_on(page, challenge)
    assert page.send(open=page.signer.query)["state"] == "closed"
    # Within the same page.
    page = new_page()
    page.challenge()
    ends(page, page.send(open=page.signer.query))


def frames_before_the_check_is_open():
    page = new_page()
    assert is_refused(page.send(page.video(b"chunk")))
    assert is_refused(page.send(open=page.signer.query))


def other_tickets():
    page = new_page()
    challenge = page.challenge()
    for ticket in (new_page().signer.id, page.signer.id.lower(), "", 5, None, "x" * 5000):
        head = json.dumps({"ticket": ticket, "sequence": page.sequence + 1, "close": 4003})
        assert is_refused(page.send_body(head.encode() + b"\n"))
    goes_on(page, challenge)


def jumps_and_repetitions():
    page = new_page()
    challenge = page.challenge()
    for sequence in (page.sequence + 2, page.sequence - 1, 0, -1, 1e300, 2**64, "1", None):
        head = {"ticket": page.signer.id, "sequence": sequence}
        assert is_refused(page.send_body(json.dumps(head).encode() + b"\n")), sequence
    # The same request again: the same response, and the frames are taken once.
    body = page.body([page.video(b"chunk")])
    first = page.send_body(body)
    assert all(page.send_body(body) == first for _ in range(5))
    goes_on(page, challenge)


def garbage():
    page = new_page()
    challenge = page.challenge()
    ticket = json.dumps(page.signer.id).encode()
    bodies = [
        None,
        b"",
        b"\n",
        b"\0",
        b"{",
        b"[]",
        b"null\n",
        b"[" * 100_000,
        b'{"ticket":' + ticket,
        b'{"ticket":' + ticket + b"}\n",
        b'{"ticket":[' + ticket + b'],"sequence":2}\n',
        b'{"a":' * 10_000,
        b"\xff\xfe" * 1000,
        os.urandom(100_000),
        b" " * 900_000,
    ]
    for body in bodies:
        assert is_refused(page.send_body(body)), body[:50]
    goes_on(page, challenge)


def too_large():
    page = new_page()
    challenge = page.challenge()
    url = page.relay
    # The length alone is enough. A length that is announced twice is none.
    for headers in (
        {"Content-Length": str(4 * 1024 * 1024 + 1)},
        {"Content-Length": "1" + "0" * 30},
        {"Transfer-Encoding": "chunked"},
        {"Transfer-Encoding": "chunked", "Content-Length": "5"},
        {"Content-Length": "5", "Transfer-Encoding": "identity"},
    ):
        with User(URL).connect() as connection:
            fields = {"Host": "back.example", "X-Requested-With": "fetch", "Cookie": page.user.cookie, **headers}
            lines = [f"POST {url} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
            connection.sendall("\r\n".join(lines).encode())
            status = connection.recv(12)
            # What is not HTTP gets no response.
            assert status[9:10] in (b"4", b""), (headers, status)
    goes_on(page, challenge)


def too_much_video():
    page = new_page()
    page.challenge()
    chunk = os.urandom(500_000)
    for _ in range(20):
        assert page.send(page.video(chunk))["state"] == "open"
    response = page.send(page.video(chunk))
    ends(page, response)


def other_users():
    page = new_page()
    challenge = page.challenge()
    url = page.relay
    thief = new_page().user
    without_cookie = User(URL)
    close = json.dumps({"ticket": page.signer.id, "sequence": page.sequence + 1, "close": 4003}).encode()
    for user in (thief, without_cookie):
        assert user.request("POST", url, close)[0] == 404
    # Without a relay, there is nothing that a body could be for.
    unknown = "/sessions/0f959dbb-37cc-45d8-a08d-dc42cce85fa8/relay/1"
    assert thief.request("POST", unknown)[0] == 404
    assert thief.request("POST", unknown, b"x")[0] == 413
    thief.connection.close()
    # A form on another site.
    for headers in ({"X-Requested-With": ""}, {"Sec-Fetch-Site": "cross-site"}):
        assert page.user.request("POST", url, b"x", headers)[0] == 403
    assert page.user.request("GET", url)[0] == 405
    goes_on(page, challenge)


def closed_by_the_page():
    page = new_page()
    page.challenge()
    page.send(close=4003)
    assert page.wait_for_close()["code"] == 4003
    assert page.send(page.video(b"chunk"))["state"] == "closed"
    assert page.user.verdict(page.session_id) == "fail"


attacks = [
    changed_frames,
    frames_in_another_order,
    frames_that_are_none,
    signed_messages_that_are_no_events,
    other_sessions,
    changed_addresses,
    used_twice,
    frames_before_the_check_is_open,
    other_tickets,
    jumps_and_repetitions,
    garbage,
    too_large,
    too_much_video,
    other_users,
    closed_by_the_page,
]
for attack in attacks:
    try:
        attack()
        outcome = "ok"
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[1].lineno
        outcome = f"{type(error).__name__} in line {line}: {error}"
    print(f"{attack.__name__}\t{outcome}".replace("\n", " "))
