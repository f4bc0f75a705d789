"""Names of owners that a browser can keep and cannot invent: random, and signed by the server.

A visitor's runs belong to an owner. A name that lasts as long as a tab is lost with a reload, so a server that others
can reach gives each browser a name in a cookie.
"""

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from streaming.config.private_files import make_private

KEY_BYTES = 32
_SEPARATOR = "."


class SignedOwners:
    """Makes and checks signed names; `key` is known to the server alone."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # Cookies do not tell ports apart: two servers on one machine have two names.
        self.cookie = f"streaming_lab_{hashlib.sha256(b'cookie' + key).hexdigest()[:8]}"

    def new(self) -> str:
        """A new owner's signed name, for the cookie."""
        owner = secrets.token_urlsafe(16)
        return f"{owner}{_SEPARATOR}{self._signature(owner)}"

    def of_user(self, identity: str) -> str:
        """The owner that a user is who logs in, in every browser; it does not tell who that is."""
        return f"user-{self._signature(f'user {identity}')}"

    def owner_in(self, signed: object) -> str | None:
        """The owner of a signed name; `None` for anything that this server has not signed."""
        owner, _, signature = signed.partition(_SEPARATOR) if isinstance(signed, str) else ("", "", "")
        if not signature or not hmac.compare_digest(
            signature.encode(errors="replace"), self._signature(owner).encode()
        ):
            return None
        return owner

    def _signature(self, owner: str) -> str:
        digest = hmac.new(self._key, owner.encode(errors="surrogatepass"), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def stored_key(file: Path) -> bytes:
    """The key in this file, which is made at the first call; a random one if the file cannot be used."""
    new = secrets.token_bytes(KEY_BYTES)
    with suppress(OSError):
        if not file.exists():
            draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
            make_private(draft)
            draft.write_bytes(new)
            # Of two servers that start at the same time, the first one's key stays.
            with suppress(FileExistsError):
                os.link(draft, file)
            draft.unlink()
        key = file.read_bytes()
        if len(key) == KEY_BYTES:
            return key
    return new
