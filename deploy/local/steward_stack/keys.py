"""Throw-away keys of one machine: a CA with a certificate for each peer, the token signing key and its JWKS, and the secret of page
tokens. Made at the first start in a folder of mode 0700. Tokens of the development profile name the issuer `dev-only`, which production refuses."""

import base64
import hashlib
import json
import secrets
import subprocess
import time
from pathlib import Path

from .process import StartError

ISSUER, AUDIENCE, TRUST_DOMAIN = "dev-only", "steward", "steward.local"
ISSUERS = {"dev": ISSUER, "production": f"https://issuer.{TRUST_DOMAIN}"}  # by profile


def _openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=True).stdout


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Keys:
    def __init__(self, folder, issuer=ISSUER):
        self.folder = Path(folder)
        self.issuer = issuer
        self.signing_key = self.folder / "token-signing-key.pem"
        self.jwks = self.folder / "token-jwks.json"
        self.page_token_secret = self.folder / "page-token-secret"
        self.ca = self.folder / "tls" / "ca.pem"

    def create(self, peers):
        """Makes what is missing; true when something was."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        (self.folder / "tls").mkdir(exist_ok=True)
        fresh = not self.jwks.exists()
        if not self.page_token_secret.exists():
            self._secret(self.page_token_secret, secrets.token_bytes(32).hex().encode())
        if fresh:
            self._secret(self.signing_key, _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
            self.jwks.write_text(json.dumps({"keys": [self._jwk()]}, indent=1) + "\n")
        if not self.ca.exists():
            self._certificate("ca", "/CN=steward development CA", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n")
        for peer in peers:
            if not self.certificate(peer)[0].exists():
                self._certificate(peer, f"/CN={peer}", f"subjectAltName=URI:spiffe://{TRUST_DOMAIN}/ns/dev/sa/{peer},"
                                  "DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n"
                                  "keyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n")
        return fresh

    def certificate(self, peer):
        """(certificate, key) of a peer."""
        return self.folder / "tls" / f"{peer}.pem", self.folder / "tls" / f"{peer}.key"

    @staticmethod
    def _secret(path, data):
        path.touch(mode=0o600)
        path.write_bytes(data)

    def _certificate(self, name, subject, extensions):
        certificate, key = self.certificate(name)
        self._secret(key, _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
        text = f"[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\n[v3]\n{extensions}"
        signer = [] if name == "ca" else ["-CA", self.ca, "-CAkey", self.certificate("ca")[1]]
        config = self.folder / "tls" / f"{name}.cnf"
        config.write_text(text)
        _openssl("req", "-x509", "-new", "-key", key, "-days", "365", "-subj", subject, "-config", config, *signer, "-out", certificate)
        config.unlink()

    def _jwk(self):
        point = _openssl("pkey", "-in", self.signing_key, "-pubout", "-outform", "DER")[-64:]
        key = {"crv": "P-256", "kty": "EC", "x": _base64url(point[:32]), "y": _base64url(point[32:])}
        thumbprint = hashlib.sha256(json.dumps(key, separators=(",", ":"), sort_keys=True).encode()).digest()
        return {**key, "alg": "ES256", "use": "sig", "kid": _base64url(thumbprint)}

    def mint(self, subject, life_s=24 * 3600):
        """A token for `members/...`, signed with the folder's key."""
        if not self.jwks.exists():
            raise StartError(f"no keys in {self.folder} yet: start the stack first")
        now = int(time.time())
        kid = json.loads(self.jwks.read_text())["keys"][0]["kid"]
        claims = {"iss": self.issuer, "aud": AUDIENCE, "sub": subject, "iat": now, "nbf": now, "exp": now + life_s,
                  "jti": secrets.token_hex(16)}
        body = ".".join(_base64url(json.dumps(part, separators=(",", ":")).encode())
                        for part in ({"alg": "ES256", "typ": "JWT", "kid": kid}, claims))
        der = _openssl("dgst", "-sha256", "-sign", self.signing_key, data=body.encode())
        return f"{body}.{_base64url(_raw_signature(der))}"


def _raw_signature(der):
    """r and s as 32 bytes each, from the DER sequence that OpenSSL writes."""
    numbers, at = b"", 2
    for _ in range(2):
        size = der[at + 1]
        numbers += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return numbers
