"""boto3, with one thread per concurrent call. Runs the same jobs as the other peers: see src/peer.rs."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import boto3
from botocore.config import Config


def client(pool):
    return boto3.client(
        "rekognition",
        endpoint_url="http://" + sys.argv[1],
        region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(max_pool_connections=pool),
    )


def get(svc, session_id, folder):
    try:
        results = svc.get_face_liveness_session_results(SessionId=session_id)
    except Exception:
        return False
    if folder != "-":
        os.makedirs(f"{folder}/{session_id}", exist_ok=True)
        for i, image in enumerate([results["ReferenceImage"], *results["AuditImages"]]):
            with open(f"{folder}/{session_id}/{i}.jpg", "wb") as file:
                file.write(image["Bytes"])
    return True


def detect(svc, image):
    try:
        return len(svc.detect_faces(Image={"Bytes": image})["FaceDetails"]) == 1
    except Exception:
        return False


def detect_in_file(svc, path):
    with open(path, "rb") as file:
        return detect(svc, file.read())


def run(svc, kind, sessions, concurrency, folder):
    # boto3 requires ids of 36 characters.
    items = [f"{kind}-{i:0{35 - len(kind)}}" for i in range(sessions)]
    call = partial(get, svc, folder=folder)
    if kind == "image":
        items = [image] * sessions
        call = partial(detect, svc)
    elif kind == "map":
        items = [f"{folder}/{name}" for name in os.listdir(folder)]
        call = partial(detect_in_file, svc)
    if concurrency == 1:
        times, lost = [], 0
        for item in items:
            started = time.perf_counter()
            lost += not call(item)
            times.append(time.perf_counter() - started)
        return times, lost
    started = time.perf_counter()
    with ThreadPoolExecutor(concurrency) as pool:
        good = sum(pool.map(call, items))
    return [time.perf_counter() - started], sessions - good


with open(sys.argv[2], "rb") as file:
    image = file.read()
svc = client(64)
print("ready", flush=True)
for line in sys.stdin:
    kind, sessions, concurrency, folder = (line.split() + ["-"])[:4]
    times, lost = run(svc, kind, int(sessions), int(concurrency), folder)
    print(lost, *times, flush=True)
