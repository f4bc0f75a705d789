"""Which addresses a visitor may make the server call."""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit, urlunsplit

from streaming.core.errors import AddressRefused

HOSTS = "STREAMING_LAB_HOSTS"


def check_base_url(url: str, *, exposed: bool, allowed_hosts: Collection[str] = ()) -> None:
    """Raise `AddressRefused` for an address that is none, or that this server must not be made to call.

    A server that can be reached from outside (`exposed`) would otherwise lend its own network to every visitor
    (server-side request forgery): there only the hosts of `STREAMING_LAB_HOSTS` are called.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused("The base URL is no web address.", advice="It looks like http://localhost:11434/v1.")
    if not _has_good_port(parts):
        raise AddressRefused("The base URL has a port that none can be.", advice="Ports go from 1 to 65535.")
    if exposed and host not in allowed_hosts:
        raise AddressRefused(
            f"This server can be reached by others, so it does not call {host} for you.",
            advice=f"Whoever runs the server can allow the host: {HOSTS}={host}.",
        )


def _has_good_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def url_without_credentials(url: str) -> str:
    """The URL without user, password and query: any of them may be a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "The base URL"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
