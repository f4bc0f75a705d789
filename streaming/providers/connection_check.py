"""Check that a provider can be reached, accepts the key and has the model.

The list of models answers most of it. Where only an answer can prove the key, because there is no list or it is public,
one token is asked of the model.
"""

import json
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any

import httpx

from streaming.core.errors import LabError, WrongKey
from streaming.core.model_spec import ModelSpec
from streaming.providers.bounded_client import bounded
from streaming.providers.catalogue import (
    BASE_URLS,
    base_query,
    base_url,
    check_key,
    model_name,
    provider_address,
    resolve_key,
)
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.error_body import ErrorObject, parsed_body, read_error
from streaming.providers.error_words import means_unknown_model, means_wrong_key, names_no_path
from streaming.providers.redaction import quoted, redact
from streaming.providers.transient_errors import means_no_quota
from streaming.providers.url_policy import secrets_in_url

_MAX_NAMES = 50
"""A longer list would not help; OpenAI has about a hundred models."""
_MAX_NAME_CHARS = 120
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_LISTS = ("data", "models", "result")
_NAMES = ("id", "name", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCheck:
    """A sentence, three results (`None`: unknown), `busy` if it has no time now, and at most 50 of its models."""

    sentence: str
    reachable: bool | None = None
    authorised: bool | None = None
    model_exists: bool | None = None
    models: tuple[str, ...] = ()
    busy: bool = False
    reached_the_model: bool = False
    """Whether the sentence quotes what came of a question to the model."""

    @property
    def ok(self) -> bool:
        """Whether the model can be used."""
        return bool(self.reachable and self.authorised and self.model_exists)

    @property
    def is_definite(self) -> bool:
        """Whether this is the last word, which no other question can change."""
        refused = self.authorised is False or self.model_exists is False
        return self.ok or refused or self.busy or self.reached_the_model


def check_connection(
    spec: ModelSpec, *, api_key: str | None = None, timeout_s: float = 5.0, embedded: EmbeddedServer | None = None
) -> ConnectionCheck:
    """Request the list of models, and one token if that proves more; waits `timeout_s` in all, and raises nothing for
    a faulty provider.
    """
    if spec.provider == "scripted":
        return ConnectionCheck(reachable=True, authorised=True, model_exists=True, sentence="No connection needed.")
    base, key = _endpoint(spec, api_key, embedded)
    if not base:
        return ConnectionCheck(sentence="There is no address to check yet.")
    try:
        check_key(key)
    except WrongKey as error:
        return ConnectionCheck(sentence=str(error), authorised=False)
    found: Future[ConnectionCheck] = Future()
    # A server that drips its answer never reaches a timeout of the client, so the wait itself has one.
    client = bounded("httpx", httpx.Client)(timeout=timeout_s, follow_redirects=False, limits=_NO_REUSE)
    Thread(target=_fulfil, args=(found, _Check(spec, base, key, client)), daemon=True).start()
    try:
        return found.result(timeout=timeout_s)
    except FutureTimeoutError:
        sentence = f"{provider_address(spec)} did not answer in full within {timeout_s:g} s."
        return ConnectionCheck(sentence=sentence, reachable=None)
    finally:
        client.close()


_NO_REUSE = httpx.Limits(max_keepalive_connections=0)


@dataclass(frozen=True, slots=True)
class _Check:
    """One check: the model, where it is asked, and the client that asks."""

    spec: ModelSpec
    base: str
    key: str
    client: Any

    def run(self) -> ConnectionCheck:
        """The result of the list, and of one token where it is needed."""
        response = self._ask("GET", "/models")
        status, sent = response.status_code, read_error(response.text)
        if response.is_redirect:
            return self._says("redirects to another address, and redirects are not followed.", reachable=True)
        if status == 401 or (status == 403 and means_wrong_key(sent, status)):
            return self._refused(status, sent)
        if status in _BUSY:
            return self._busy(status, sent)
        names = _model_names(response) if status == 200 else None
        if names is None:
            return self._without_list(response, sent)
        return self._with_list(names)

    def _with_list(self, names: tuple[str, ...]) -> ConnectionCheck:
        model = model_name(self.spec)
        exists = _plain_name(model) in map(_plain_name, names)
        shown = tuple(self._clean(name)[:_MAX_NAME_CHARS] for name in names[:_MAX_NAMES])
        if not exists:
            missing = f"Connected, but the list has no model “{model}”." if model else "Connected: choose a model."
            sentence = missing if names else "Connected, but the list is empty."
            exists_or_unknown = False if names and model else None
            return ConnectionCheck(
                sentence=sentence, reachable=True, authorised=True, model_exists=exists_or_unknown, models=shown
            )
        proof = self._one_token() if self._list_is_public() else None
        if proof is not None and proof.is_definite:
            return replace(proof, models=shown)
        sentence = f"Connected: “{model}” is available."
        return ConnectionCheck(sentence=sentence, reachable=True, authorised=True, model_exists=True, models=shown)

    def _list_is_public(self) -> bool:
        """Whether the list says nothing about the key: it is the same with a key that cannot be right."""
        if self.spec.provider != "compatible" or self.key == "none":
            return False
        return bool(self._ask("GET", "/models", key="no-key").status_code == 200)

    def _without_list(self, response: httpx.Response, sent: ErrorObject) -> ConnectionCheck:
        if not model_name(self.spec):
            return self._says("has no list of models that can be read, and there is no model to ask.", reachable=True)
        proof = self._one_token()
        if proof.is_definite:
            return proof
        if response.status_code == 403:
            return self._refused(403, sent)
        if response.status_code == 200:
            return self._says("answers, but not as an OpenAI-compatible API.", reachable=True)
        missing = " Perhaps /v1 is missing at its end." if not httpx.URL(self.base).path.strip("/") else ""
        return self._says(
            f"has no list of models (status {response.status_code}){self._quote(sent)} "
            f"The model could not be asked either.{missing}",
            reachable=True,
        )

    def _one_token(self) -> ConnectionCheck:
        """Ask the model for one token; a token costs next to nothing, and proves the key."""
        model = model_name(self.spec)
        body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]}
        limit = "max_completion_tokens" if self.spec.provider == "openai" else "max_tokens"
        response = self._ask("POST", "/chat/completions", {**body, limit: 1})
        status, sent = response.status_code, read_error(response.text)
        if status == 200 and '"choices"' in response.text:
            sentence = f"Connected: “{model}” answers. There is no list of models that proves the key, so it was asked."
            return ConnectionCheck(sentence=sentence, reachable=True, authorised=True, model_exists=True)
        if means_unknown_model(sent, status):
            return self._says(f"has no model “{model}”{self._quote(sent)}", reachable=True, model_exists=False)
        if status in (401, 403):
            return self._refused(status, sent)
        if means_no_quota(sent, status):
            return self._says(
                f"has no quota left for this key{self._quote(sent)}", reachable=True, reached_the_model=True
            )
        if status in _BUSY:
            return self._busy(status, sent)
        if names_no_path(sent, status):
            return self._says("has no chat API at this address.", reachable=True)
        if status in (400, 422):
            # The key was accepted: the server has read the request, and found something in it.
            sentence = f"Connected: the key is accepted, though “{model}” refuses a question of one token."
            return ConnectionCheck(sentence=sentence, reachable=True, authorised=True, model_exists=True)
        said = "an error" if status == 200 else f"status {status}"
        what = f"answered the question with {said}{self._quote(sent)}"
        readable = status != 200 or isinstance(parsed_body(response.text), Mapping)
        of_the_model = readable and bool(sent.message) and status not in (404, 405)
        return self._says(what, reachable=True, reached_the_model=of_the_model)

    def _busy(self, status: int, sent: ErrorObject) -> ConnectionCheck:
        return self._says(f"is busy or broken (status {status}){self._quote(sent)}", reachable=True, busy=True)

    def _refused(self, status: int, sent: ErrorObject) -> ConnectionCheck:
        if status == 401 or means_wrong_key(sent, status) or not sent.message:
            guess = "" if status == 401 or sent.message else " Perhaps it is not the key: it gives no reason."
            return self._says(f"refuses the key{self._quote(sent)}{guess}", reachable=True, authorised=False)
        return self._says(f"refuses the request (status {status}){self._quote(sent)}", reachable=True)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        response: httpx.Response = self.client.request(
            method,
            f"{self.base}{path}",
            params=base_query(self.spec) or None,
            headers=headers,
            content=json.dumps(body) if body else None,
        )
        return response

    def _says(self, what: str, **results: bool) -> ConnectionCheck:
        return ConnectionCheck(sentence=f"{provider_address(self.spec)} {what}", **results)  # type: ignore[arg-type]

    def _quote(self, sent: ErrorObject) -> str:
        return quoted(sent.message, self._secrets())

    def _clean(self, text: str) -> str:
        return redact(text, self._secrets())

    def _secrets(self) -> list[str]:
        return [self.key, *secrets_in_url(self.spec.base_url or "")]


def _fulfil(found: "Future[ConnectionCheck]", check: _Check) -> None:
    """Run the check in a thread of its own; every failure of the provider is a result."""
    address = provider_address(check.spec)
    try:
        found.set_result(check.run())
    except httpx.InvalidURL:
        found.set_result(ConnectionCheck(sentence=f"{address} is not a URL.", reachable=False))
    except LabError as error:
        found.set_result(ConnectionCheck(sentence=f"{address} cannot be used. {error.message}", reachable=True))
    except httpx.TimeoutException:
        found.set_result(ConnectionCheck(sentence=f"{address} did not answer in time.", reachable=None))
    except httpx.ConnectError:
        found.set_result(ConnectionCheck(sentence=f"Nothing answers at {address}.", reachable=False))
    except httpx.HTTPError as error:
        sentence = f"{address} broke off its answer ({type(error).__name__})."
        found.set_result(ConnectionCheck(sentence=sentence, reachable=True))
    except Exception as error:  # noqa: BLE001 - the check raises nothing for a faulty provider
        found.set_result(ConnectionCheck(sentence=f"{address} could not be checked ({type(error).__name__})."))


def _plain_name(name: str) -> str:
    """A model's name without what servers add to it: Google `models/`, Ollama `:latest`."""
    return name.removeprefix("models/").removesuffix(":latest")


def _model_names(response: httpx.Response) -> tuple[str, ...] | None:
    """The names in a list of models, sorted: OpenAI's, a bare array, or one of names; `None` if it is no list."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    if isinstance(body, Mapping):
        body = next((body[name] or [] for name in _LISTS if name in body), None)
    if not isinstance(body, list):
        return None
    names = {name for entry in body if (name := _name(entry))}
    return tuple(sorted(names)) if names or not body else None


def _name(entry: object) -> str:
    if isinstance(entry, Mapping):
        entry = next((entry[name] for name in _NAMES if isinstance(entry.get(name), str)), None)
    return entry if isinstance(entry, str) else ""


def _endpoint(spec: ModelSpec, api_key: str | None, embedded: EmbeddedServer | None) -> tuple[str, str]:
    if spec.provider == "local":
        ready = embedded is not None and embedded.state == "ready"
        return (f"{embedded.address}/v1", embedded.key) if embedded is not None and ready else ("", "")
    return BASE_URLS.get(spec.provider) or base_url(spec), resolve_key(spec, api_key) or "none"
