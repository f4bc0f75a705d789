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
"""A longer list would not help; OpenAI has about a hundred models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCheck:
    """A sentence, three results (`None`: unknown), and the names of the provider's models, at most 50."""

    sentence: str
    reachable: bool | None = None
    authorised: bool | None = None
    model_exists: bool | None = None
    models: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the model can be used."""
        return bool(self.reachable and self.authorised and self.model_exists)


def check_connection(
    spec: ModelSpec, *, api_key: str | None = None, timeout_s: float = 5.0, embedded: EmbeddedServer | None = None
) -> ConnectionCheck:
    """Request the provider's list of models; waits `timeout_s` at most, and raises nothing for a faulty provider."""
    if spec.provider == "scripted":
        return ConnectionCheck(reachable=True, authorised=True, model_exists=True, sentence="No connection needed.")
    base, key = _endpoint(spec, api_key, embedded)
    if not base:
        return ConnectionCheck(sentence="There is no address to check yet.")
    address = provider_address(spec)
    try:
        check_key(key)
        response = httpx.get(f"{base}/models", headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s)
    except WrongKey as error:
        return ConnectionCheck(sentence=str(error), authorised=False)
    except httpx.InvalidURL:
        return ConnectionCheck(sentence=f"{address} is not a URL.", reachable=False)
    except httpx.HTTPError:
        return ConnectionCheck(sentence=f"Nothing answers at {address}.", reachable=False)
    if response.status_code in (401, 403):
        return ConnectionCheck(sentence=f"{address} refuses the key.", reachable=True, authorised=False)
    if response.is_redirect:
        sentence = f"{address} redirects to another address, and redirects are not followed."
        return ConnectionCheck(sentence=sentence, reachable=True)
    return _check_models(spec, response)


def _check_models(spec: ModelSpec, response: httpx.Response) -> ConnectionCheck:
    try:
        names = tuple(sorted(str(entry["id"]) for entry in response.json()["data"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        sentence = f"{provider_address(spec)} answers, but not as an OpenAI-compatible API."
        return ConnectionCheck(sentence=sentence, reachable=True)
    model = model_name(spec)
    exists = model in names
    sentence = f"Connected: “{model}” is available." if exists else f"Connected, but there is no model “{model}”."
    return ConnectionCheck(
        sentence=sentence, reachable=True, authorised=True, model_exists=exists, models=names[:_MAX_NAMES]
    )


def _endpoint(spec: ModelSpec, api_key: str | None, embedded: EmbeddedServer | None) -> tuple[str, str]:
    if spec.provider == "local":
        ready = embedded is not None and embedded.state == "ready"
        return (f"{embedded.address}/v1", embedded.key) if embedded is not None and ready else ("", "")
    base = _BASE_URL.get(spec.provider) or spec.base_url or ""
    return base.rstrip("/"), resolve_key(spec, api_key) or "none"
