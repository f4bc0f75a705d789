"""Which base URLs a visitor may make the server call."""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit, urlunsplit

from streaming.core.errors import AddressRefused

HOSTS_VARIABLE = "STREAMING_LAB_HOSTS"


def check_base_url(url: str, *, exposed: bool, allowed_hosts: Collection[str] = ()) -> None:
    """Raise `AddressRefused` for an invalid URL, or one that this server must not call.

    A server that can be reached from outside (`exposed`) calls only the hosts in `STREAMING_LAB_HOSTS`: otherwise every
    visitor could send requests into its network (server-side request forgery).
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused("The base URL is not a URL.", advice="Type one like http://localhost:11434/v1.")
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
