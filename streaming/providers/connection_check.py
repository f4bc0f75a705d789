"""Check that a provider can be reached, accepts the key and has the model, without generating anything."""

from dataclasses import dataclass

import httpx

from streaming.core.errors import WrongKey
from streaming.core.model_spec import ModelSpec, Provider
from streaming.providers.catalogue import check_key, model_name, provider_address, resolve_key
from streaming.providers.embedded.server import EmbeddedServer

_BASE_URL: dict[Provider, str] = {
    "openai": "https://api.openai.com/v1",
    "groq": "https://api.groq.com/openai/v1",
}
_MAX_NAMES = 50
"""More names than this are no help in a list; OpenAI has some hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCheck:
    """Three verdicts (`None`: unknown), a sentence, and the names of the provider's models, 50 of them at most."""

    reachable: bool | None
    authorised: bool | None
    model_exists: bool | None
    sentence: str
    models: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return bool(self.reachable and self.authorised and self.model_exists)


def check_connection(
    spec: ModelSpec, *, api_key: str | None = None, timeout_s: float = 5.0, embedded: EmbeddedServer | None = None
) -> ConnectionCheck:
    """Request the provider's list of models; waits `timeout_s` at most, and raises nothing for a faulty provider."""
    if spec.provider == "scripted":
        return ConnectionCheck(reachable=True, authorised=True, model_exists=True, sentence="No connection needed.")
    base, key = _endpoint(spec, api_key, embedded)
    if not base:
        return ConnectionCheck(
            reachable=None, authorised=None, model_exists=None, sentence="There is no address to check yet."
        )
    try:
        check_key(key)
    except WrongKey as error:
        return ConnectionCheck(reachable=None, authorised=False, model_exists=None, sentence=str(error))
    try:
        response = httpx.get(f"{base}/models", headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s)
    except httpx.InvalidURL:
        return ConnectionCheck(
            reachable=False, authorised=None, model_exists=None, sentence=f"{provider_address(spec)} is not a URL."
        )
    except httpx.HTTPError:
        return ConnectionCheck(
            reachable=False,
            authorised=None,
            model_exists=None,
            sentence=f"Nothing answers at {provider_address(spec)}.",
        )
    if response.status_code in (401, 403):
        return ConnectionCheck(
            reachable=True, authorised=False, model_exists=None, sentence=f"{provider_address(spec)} refuses the key."
        )
    if response.is_redirect:
        return ConnectionCheck(
            reachable=True,
            authorised=None,
            model_exists=None,
            sentence=f"{provider_address(spec)} redirects to another address, and redirects are not followed.",
        )
    return _judge_models(spec, response)


def _judge_models(spec: ModelSpec, response: httpx.Response) -> ConnectionCheck:
    try:
        names = tuple(sorted(str(entry["id"]) for entry in response.json()["data"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return ConnectionCheck(
            reachable=True,
            authorised=None,
            model_exists=None,
            sentence=f"{provider_address(spec)} answers, but not as an OpenAI-compatible API.",
        )
    wanted = model_name(spec)
    found = wanted in names
    sentence = f"Connected: “{wanted}” is available." if found else f"Connected, but there is no model “{wanted}”."
    return ConnectionCheck(
        reachable=True, authorised=True, model_exists=found, sentence=sentence, models=names[:_MAX_NAMES]
    )


def _endpoint(spec: ModelSpec, api_key: str | None, embedded: EmbeddedServer | None) -> tuple[str, str]:
    if spec.provider == "local":
        ready = embedded is not None and embedded.state == "ready"
        return (f"{embedded.address}/v1", embedded.key) if embedded is not None and ready else ("", "")
    base = _BASE_URL.get(spec.provider) or spec.base_url or ""
    return base.rstrip("/"), resolve_key(spec, api_key) or "none"
