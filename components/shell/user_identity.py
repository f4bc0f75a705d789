"""Who is logged in, by the cookie that Streamlit has signed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME


@dataclass(frozen=True, slots=True)
class Login:
    """One login of a user: `key` is another one for each time that the user logs in, and tells nothing."""

    user: str
    key: str


def identity(user: Mapping[str, Any]) -> str | None:
    """A name of this user that no other one has; `None` for anybody who is not logged in.

    A subject is one for an issuer. An address can pass to another person, so it counts only without a subject.
    """
    if user.get("is_logged_in") is not True:
        return None
    subject = user.get("sub") or user.get("email")
    return json.dumps([user.get("provider"), user.get("iss"), subject]) if subject else None


def login_in(cookies: Mapping[str, str]) -> Login | None:
    """The login in the cookies of a request; `None` without one that this server has signed and that is not old."""

    def signed(name: str) -> bytes | None:
        # A browser's cookie is Latin-1 by HTTP.
        return decode_signed_value(get_cookie_secret(), name, cookies.get(name, "").encode("latin-1", "replace"))

    content = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
    try:
        user = json.loads(content) if content else None
    except ValueError:
        return None
    name = identity(user) if isinstance(user, dict) else None
    # Of what is signed, not of the cookie: a signature can be written in several ways. It has the login's nonce.
    return Login(name, hashlib.sha256(content or b"").hexdigest()) if name else None


def is_login_cookie(name: str) -> bool:
    """Whether a cookie of this name is, or is part of, what says who is logged in."""
    return name.startswith(USER_COOKIE_NAME)
