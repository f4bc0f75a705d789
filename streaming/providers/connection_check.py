"""Ask a provider whether it can be reached, takes the key and has the model, without generating anything."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCheck:
    """Three verdicts (`None`: could not be found out), a sentence, and the names of models that the provider has."""

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
    """Ask the provider's list of models; never raises for a provider that misbehaves."""
    if spec.provider == "scripted":
        return ConnectionCheck(reachable=True, authorised=True, model_exists=True, sentence="No connection needed.")
    base, key = _endpoint(spec, api_key, embedded)
    if not base:
        return ConnectionCheck(
            reachable=None, authorised=None, model_exists=None, sentence="There is no address to ask yet."
        )
    try:
        check_key(key)
    except WrongKey as error:
        return ConnectionCheck(reachable=None, authorised=False, model_exists=None, sentence=str(error))
    try:
        answer = httpx.get(f"{base}/models", headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s)
    except httpx.InvalidURL:
        return ConnectionCheck(
            reachable=False, authorised=None, model_exists=None, sentence=f"{provider_address(spec)} is no web address."
        )
    except httpx.HTTPError:
        return ConnectionCheck(
            reachable=False,
            authorised=None,
            model_exists=None,
            sentence=f"Nothing answers at {provider_address(spec)}.",
        )
    if answer.status_code in (401, 403):
        return ConnectionCheck(
            reachable=True, authorised=False, model_exists=None, sentence=f"{provider_address(spec)} refuses the key."
        )
    if answer.is_redirect:
        return ConnectionCheck(
            reachable=True,
            authorised=None,
            model_exists=None,
            sentence=f"{provider_address(spec)} sends the request on to another address, and it is not followed there.",
        )
    return _judge(spec, answer)


def _judge(spec: ModelSpec, answer: httpx.Response) -> ConnectionCheck:
    try:
        names = tuple(sorted(str(entry["id"]) for entry in answer.json()["data"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return ConnectionCheck(
            reachable=True,
            authorised=None,
            model_exists=None,
            sentence=f"{provider_address(spec)} answers, but not as an OpenAI-compatible API.",
        )
    wanted = model_name(spec)
    found = wanted in names
    sentence = f"Connected: “{wanted}” is there." if found else f"Connected, but there is no model “{wanted}”."
    return ConnectionCheck(
        reachable=True, authorised=True, model_exists=found, sentence=sentence, models=names[:_MAX_NAMES]
    )


def _endpoint(spec: ModelSpec, api_key: str | None, embedded: EmbeddedServer | None) -> tuple[str, str]:
    if spec.provider == "local":
        ready = embedded is not None and embedded.state == "ready"
        return (f"{embedded.address}/v1", embedded.key) if embedded is not None and ready else ("", "")
    base = _BASE_URL.get(spec.provider) or spec.base_url or ""
    return base.rstrip("/"), resolve_key(spec, api_key) or "none"
