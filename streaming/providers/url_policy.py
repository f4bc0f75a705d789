"""Which base URLs a visitor may make the server call."""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit, urlunsplit

from streaming.core.errors import AddressRefused

HOSTS_VARIABLE = "STREAMING_LAB_HOSTS"


def check_base_url(url: str, *, exposed: bool, allowed_hosts: Collection[str] = ()) -> None:
    """Raise `AddressRefused` for an invalid URL, or one that this server must not be made to call.

    A server that can be reached from outside (`exposed`) would otherwise lend its own network to every visitor
    (server-side request forgery): it calls only the hosts in `STREAMING_LAB_HOSTS`.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused("Not a URL.", advice="A base URL looks like http://localhost:11434/v1.")
    if not _has_valid_port(parts):
        raise AddressRefused("Invalid port in the base URL.", advice="Ports go from 1 to 65535.")
    if exposed and host not in allowed_hosts:
        raise AddressRefused(
            f"This server can be reached from outside, so it does not call {host} for visitors.",
            advice=f"The operator can allow the host: {HOSTS_VARIABLE}={host}.",
        )


def _has_valid_port(parts: SplitResult) -> bool:
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
