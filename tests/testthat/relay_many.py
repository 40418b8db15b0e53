"""Checks at once, each of its own user of the example back end.

Usage: relay_many.py URL COUNT. Prints a line of JSON for each check: its session, its verdict, the size and the MD5 hash of its
video, and how the relay ended.
"""

import concurrent.futures
import hashlib
import json
import os
import random
import sys
import threading

from scripted_page import User

URL, COUNT = sys.argv[1], int(sys.argv[2])
all_open = threading.Barrier(COUNT, timeout=120)


def check(_):
    page = User(URL).new_page()
    video = [os.urandom(random.randint(10_000, 60_000)) for _ in range(10)]
    challenge = page.challenge()
    all_open.wait()
    page.stream(challenge, video)
    last = page.wait_for_close()
    return {
        "session": page.session_id,
        "verdict": page.user.verdict(page.session_id),
        "bytes": sum(map(len, video)),
        "md5": hashlib.md5(b"".join(video)).hexdigest(),
        "state": last["state"],
        "code": last.get("code"),
        "requests": page.sequence,
    }


with concurrent.futures.ThreadPoolExecutor(COUNT) as pool:
    for line in pool.map(check, range(COUNT)):
        print(json.dumps(line))
