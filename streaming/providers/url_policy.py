"""Which base URLs a visitor may make the server call."""

from collections.abc import Collection
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from streaming.core.errors import AddressRefused

HOSTS_VARIABLE = "STREAMING_LAB_HOSTS"
_NO_SECRETS = frozenset({"api-version", "api_version", "version", "model", "deployment", "region", "location"})
"""Names in a query whose values are no keys, in lower case: `api-version` is a date."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_base_url(url: str, *, exposed: bool, allowed_hosts: Collection[str] = ()) -> None:
    """Raise `AddressRefused` for an invalid URL, or one that this server must not call.

    A server that can be reached from outside (`exposed`) calls only what `STREAMING_LAB_HOSTS` names: otherwise every
    visitor could send requests into its network (server-side request forgery). `host` stands for its port 80 or 443,
    `host:port` for another one, `host:*` for all.
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
    port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    name = f"[{host}]" if ":" in host else host
    wanted = name if port == _DEFAULT_PORTS[parts.scheme] else f"{name}:{port}"
    if exposed and not {wanted, f"{name}:{port}", f"{name}:*"} & set(allowed_hosts):
        raise AddressRefused(
            f"This server can be reached from outside, so it does not call {wanted} for visitors.",
            advice=f"The operator can allow it: {HOSTS_VARIABLE}={wanted}.",
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


def secrets_in_url(url: str) -> list[str]:
    """What may be a key in this URL: the password, or the user without one, and the values of the query."""
    try:
        parts = urlsplit(url)
        login = unquote(parts.password or parts.username or "")
    except ValueError:
        return []
    found = [login, *(value for name, value in parse_qsl(parts.query) if name.lower() not in _NO_SECRETS)]
    return [secret for secret in found if secret]
