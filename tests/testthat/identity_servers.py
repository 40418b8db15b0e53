"""The services on loopback that clients are tried with: see boto3-identity.py."""

import hashlib
import hmac
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FUTURE = "2999-01-01T00:00:00Z"
PAST = "2001-01-01T00:00:00Z"
# One for each place where an endpoint can be set.
SERVICES = ["usual", "call", "service", "all", "profile", "services"]


def key(name, prefix="AKIA"):
    """An access key ID with the name of its source in it."""
    return (prefix + name.upper()).ljust(20, "0")


def secret(access_key_id):
    """The secret of an access key id: with keys of two sources mixed up, the signature is wrong."""
    return hashlib.sha256(access_key_id.encode()).hexdigest()[:40]


def issued(token):
    """Temporary keys; the token lists what was requested."""
    access_key_id = "ASIA" + hashlib.sha256(token.encode()).hexdigest()[:16].upper()
    return {"AccessKeyId": access_key_id, "SecretAccessKey": secret(access_key_id), "Token": token}


def hmac_sha256(secret_key, text):
    return hmac.new(secret_key, text.encode(), hashlib.sha256).digest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args):
        pass

    def respond(self, status, body, content_type="application/json"):
        if not isinstance(body, str):
            body = json.dumps(body)
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def read_body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def signer(self, body):
        """Who signed the request and for which region, and whether the signature is valid."""
        header = self.headers.get("authorization") or ""
        if not header.startswith("AWS4-HMAC-SHA256 "):
            return {"key": "", "token": "", "region": "", "signature": "none"}
        parts = dict(part.strip().split("=", 1) for part in header.split(" ", 1)[1].split(","))
        access_key_id, date, region, service, _ = parts["Credential"].split("/")
        path, _, query = self.path.partition("?")
        signed = parts["SignedHeaders"].split(";")
        headers = [f"{name}:{' '.join(self.headers[name].split())}\n" for name in signed]
        hashed = hashlib.sha256(body).hexdigest()
        request = [self.command, path, query, "".join(headers), parts["SignedHeaders"], hashed]
        scope = f"{date}/{region}/{service}/aws4_request"
        digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256", self.headers["x-amz-date"], scope, digest])
        signing_key = ("AWS4" + secret(access_key_id)).encode()
        for part in (date, region, service, "aws4_request"):
            signing_key = hmac_sha256(signing_key, part)
        is_right = hmac_sha256(signing_key, text).hex() == parts["Signature"]
        return {
            "key": access_key_id,
            "token": self.headers.get("x-amz-security-token") or "",
            "region": region,
            "signature": "right" if is_right else "wrong",
        }

    def do_POST(self):
        body = self.read_body()
        target = self.headers.get("x-amz-target") or ""
        if target.startswith("RekognitionService."):
            seen = self.signer(body)
            seen["server"] = self.server.name
            seen["host"] = self.headers["host"].rpartition(":")[0]
            seen["path"] = self.path
            name = "SessionNotFoundException"
            return self.respond(400, {"__type": name, "Code": name, "Message": json.dumps(seen, sort_keys=True)})
        if self.path == "/token":
            refresh = json.loads(body)["refreshToken"]
            token = {"accessToken": f"refreshed-by-{refresh}", "expiresIn": 28800, "tokenType": "Bearer"}
            return self.respond(200, token)
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        if form.get("Action") in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            return self.assume_role(form, self.signer(body))
        return self.respond(404, {})

    def assume_role(self, form, seen):
        facts = [f"role={form['RoleArn'].rpartition('/')[2]}"]
        if form["Action"] == "AssumeRole":
            facts += [f"by={seen['key']}", f"in={seen['region']}", f"signature={seen['signature']}"]
            facts += [f"token=[{seen['token']}]"] if seen["token"] else []
        else:
            facts += [f"web-identity={form['WebIdentityToken'].strip()}"]
        # Clients generate a name if none is set.
        if form["RoleSessionName"].startswith("given"):
            facts += [f"name={form['RoleSessionName']}"]
        for name in ("DurationSeconds", "ExternalId", "SerialNumber", "TokenCode"):
            if name in form:
                facts += [f"{name}={form[name]}"]
        keys = issued("sts:" + ",".join(facts))
        action = form["Action"]
        self.respond(
            200,
            f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
            <AssumedRoleUser>
              <AssumedRoleId>AROAEXAMPLE:name</AssumedRoleId><Arn>{form['RoleArn']}</Arn>
            </AssumedRoleUser>
            <Credentials>
              <AccessKeyId>{keys['AccessKeyId']}</AccessKeyId>
              <SecretAccessKey>{keys['SecretAccessKey']}</SecretAccessKey>
              <SessionToken>{keys['Token']}</SessionToken>
              <Expiration>{FUTURE}</Expiration>
            </Credentials>
            </{action}Result>
            <ResponseMetadata><RequestId>request</RequestId></ResponseMetadata></{action}Response>""",
            "text/xml",
        )

    def do_GET(self):
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        role = "/latest/meta-data/iam/security-credentials/"
        if path == role:
            return self.respond(200, "instance-role", "text/plain")
        if path == role + "instance-role":
            found = {"Code": "Success", "LastUpdated": PAST, "Type": "AWS-HMAC", "Expiration": FUTURE}
            return self.respond(200, found | issued("instance"))
        if path == "/latest/meta-data/placement/region":
            return self.respond(200, "eu-north-1", "text/plain")
        if path.startswith("/container"):
            given = self.headers.get("authorization")
            keys = issued("container" + (f":authorization={given}" if given else ""))
            if path == "/container-empty-token":
                keys["Token"] = ""
            return self.respond(200, keys | {"Expiration": FUTURE})
        if path == "/federation/credentials":
            bearer = self.headers["x-amz-sso_bearer_token"]
            if query["account_id"] == "999999999999":
                return self.respond(401, {"message": "Session token not found or invalid"})
            keys = issued(f"sso:{bearer},account={query['account_id']},role={query['role_name']}")
            found = {
                "accessKeyId": keys["AccessKeyId"],
                "secretAccessKey": keys["SecretAccessKey"],
                "sessionToken": keys["Token"],
                "expiration": 32472144000000,
            }
            return self.respond(200, {"roleCredentials": found})
        return self.respond(404, "", "text/plain")

    def do_PUT(self):
        self.read_body()
        if self.path == "/latest/api/token":
            self.send_response(200)
            self.send_header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
            self.send_header("content-length", "5")
            self.end_headers()
            return self.wfile.write(b"token")
        return self.respond(404, "", "text/plain")

    def do_CONNECT(self):
        with self.server.away.open("a") as file:
            file.write(self.path + "\n")
        self.close_connection = True
        self.respond(403, "", "text/plain")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name, away):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.away = away
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()
