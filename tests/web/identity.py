"""A small site where people have accounts: OpenID Connect, GitHub and ORCID, as these speak.

It answers as the specifications and the sites' own documentation say, signs its id_tokens (RS256),
and holds clients to state, redirect address, secret, one use of a code, and PKCE.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "reprise", "a secret of the client's"
ORCID = "0000-0002-1825-0097"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Site(ThreadingHTTPServer):
    """What the site knows: who is signed in there, and the codes and tokens that it gave."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.person: dict[str, Any] = {
            "sub": "ada-at-institute",
            "preferred_username": "ada.l",
            "email": "ada@institute.example",
            "email_verified": True,
            "given_name": "Ada",
            "family_name": "Lovelace",
        }
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.refuses = False

    @property
    def github(self) -> dict[str, Any]:
        return {"id": 1815, "login": self.person["preferred_username"], "name": "Ada Lovelace"}

    @property
    def mails(self) -> list[dict[str, Any]]:
        return [
            {
                "email": self.person["email"],
                "primary": True,
                "verified": self.person["email_verified"],
            }
        ]

    @property
    def orcid(self) -> dict[str, Any]:
        name = {"given-names": {"value": "Ada"}, "family-name": {"value": "Lovelace"}}
        return {
            "orcid-identifier": {"path": ORCID, "uri": f"https://orcid.org/{ORCID}"},
            "person": {"name": name, "emails": {"email": []}},
        }


class _Door(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/authorize":
            self._authorize(asked)
        elif address.path in ("/.well-known/openid-configuration", "/jwks"):
            self._json(self._discovery() if "openid" in address.path else _jwks())
        elif f"/v3.0/{ORCID}/record" == address.path:
            self._json(self.server.orcid)
        else:
            self._known(address.path)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._token(dict(parse_qsl(body)))

    def _discovery(self) -> dict[str, Any]:
        site = self.server.url
        return {
            "issuer": site,
            "authorization_endpoint": f"{site}/authorize",
            "token_endpoint": f"{site}/token",
            "userinfo_endpoint": f"{site}/userinfo",
            "jwks_uri": f"{site}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _authorize(self, asked: dict[str, str]) -> None:
        """The person is signed in here and agrees at once, or turns back."""
        code = secrets.token_hex(8)
        self.server.codes[code] = asked
        said = {"error": "access_denied"} if self.server.refuses else {"code": code}
        self.send_response(302)
        query = urlencode(said | {"state": asked["state"]})
        self.send_header("Location", f"{asked['redirect_uri']}?{query}")
        self.end_headers()

    def _token(self, asked: dict[str, str]) -> None:
        begun = self.server.codes.pop(asked.get("code", ""), None)
        client = (asked.get("client_id"), asked.get("client_secret"))
        if begun is None or client != (CLIENT, SECRET) or not _proved(begun, asked):
            self._json({"error": "invalid_grant"}, status=400)
            return
        if begun["redirect_uri"] != asked["redirect_uri"]:
            self._json({"error": "invalid_request"}, status=400)
            return
        token = secrets.token_hex(8)
        self.server.tokens.add(token)
        now = int(time.time())
        claims = {"iss": self.server.url, "aud": CLIENT, "iat": now, "exp": now + 60}
        signed = jwt.encode(
            claims | {"sub": self.server.person["sub"]}, _KEY, "RS256", headers={"kid": "1"}
        )
        self._json(
            {"access_token": token, "token_type": "bearer", "id_token": signed, "orcid": ORCID}
        )

    def _known(self, path: str) -> None:
        """What only holders of a token are told."""
        if self.headers.get("Authorization", " ").split()[-1] not in self.server.tokens:
            self._json({"error": "invalid_token"}, status=401)
            return
        told: dict[str, Any] = {
            "/userinfo": self.server.person,
            "/user": self.server.github,
            "/user/emails": self.server.mails,
        }
        self._json(told[path])

    def _json(self, said: object, *, status: int = 200) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _proved(begun: dict[str, str], asked: dict[str, str]) -> bool:
    """Whether who asks for a token is who began (PKCE, where it was begun so)."""
    if "code_challenge" not in begun:
        return True
    digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == begun["code_challenge"]


def _jwks() -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(_KEY.public_key(), as_dict=True)
    return {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]}


@contextmanager
def identity_site() -> Iterator[Site]:
    """The site, running."""
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()


def offered_by(site: Site, settings: Any, monkeypatch: Any) -> None:
    """Set this portal up to offer all three ways of signing in, each at the stand-in."""
    from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
    from allauth.socialaccount.providers.orcid.views import OrcidOAuth2Adapter

    from portal.settings import _sign_in_elsewhere

    client = (CLIENT, SECRET)
    settings.SOCIALACCOUNT_PROVIDERS = _sign_in_elsewhere(
        orcid=client, github=client, oidc=client, oidc_issuer=site.url, oidc_name="Institute"
    )
    for adapter in (GitHubOAuth2Adapter, OrcidOAuth2Adapter):
        monkeypatch.setattr(adapter, "authorize_url", f"{site.url}/authorize")
        monkeypatch.setattr(adapter, "access_token_url", f"{site.url}/token")
    monkeypatch.setattr(GitHubOAuth2Adapter, "profile_url", f"{site.url}/user")
    monkeypatch.setattr(GitHubOAuth2Adapter, "emails_url", f"{site.url}/user/emails")
    monkeypatch.setattr(OrcidOAuth2Adapter, "profile_url", f"{site.url}/v3.0/%s/record")
