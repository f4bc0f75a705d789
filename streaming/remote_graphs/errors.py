"""What goes wrong with a LangGraph Server, as errors with a sentence that says what to do."""

from typing import Any

import httpx

from streaming.core.errors import GraphFailed, LabError, Refused, Unreachable, WrongKey
from streaming.providers.redaction import quoted, redact
from streaming.remote_graphs.servers import KEY_VARIABLE, URL_VARIABLE, RemoteServer

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _INVALID = 401, 403, 404, 409, 422


def remote_error(error: Exception, server: RemoteServer) -> LabError:
    """The error of a call to this server, without its key."""
    if isinstance(error, LabError):
        return error
    if isinstance(error, httpx.HTTPStatusError):
        return _refused(error, server)
    if isinstance(error, httpx.HTTPError | OSError):
        return Unreachable(
            f"The LangGraph Server at {server.label} does not answer ({type(error).__name__}).",
            advice=f"Start it, or check {URL_VARIABLE}, then run again.",
        )
    return GraphFailed(f"The LangGraph Server at {server.label} sent what cannot be read ({type(error).__name__}).")


def _refused(error: httpx.HTTPStatusError, server: RemoteServer) -> LabError:
    status, says = error.response.status_code, quoted(_detail(error), server.secrets)
    where = f"The LangGraph Server at {server.label}"
    if status == _UNAUTHORIZED or (status == _FORBIDDEN and server.key is None):
        return WrongKey(f"{where} refuses the key ({status}){says}", advice=f"Set {KEY_VARIABLE} to a valid one.")
    if status == _FORBIDDEN:
        return Refused(f"{where} refuses this request (403){says}", advice="Check the rights of the key.")
    if status == _NOT_FOUND:
        return GraphFailed(f"{where} does not have this graph or thread (404){says}", advice="Load the page again.")
    if status == _CONFLICT:
        return GraphFailed(f"{where} already runs this thread (409){says}", advice="Wait for its end, then run again.")
    if status == _INVALID:
        return GraphFailed(f"{where} cannot run this request (422){says}", advice="Change the input or the modes.")
    return GraphFailed(f"{where} answered with {status}{says}", advice="Look at its log, then run again.")


def _detail(error: httpx.HTTPStatusError) -> str:
    body = getattr(error, "body", None)
    detail = body.get("detail") or body.get("message") if isinstance(body, dict) else None
    return detail if isinstance(detail, str) else ""


def failed_there(data: Any, server: RemoteServer) -> GraphFailed:
    """The error of a run that failed on the server, from its `error` event."""
    fields = data if isinstance(data, dict) else {}
    kind = redact(str(fields.get("error") or "an error"), server.secrets)
    return GraphFailed(
        f"The graph failed on {server.label} by {kind}{quoted(str(fields.get('message') or ''), server.secrets)}",
        advice="What had arrived by then is kept. The log of that server has the whole error.",
    )
