"""The operator's settings in one object, from the environment, `.env` and `config.toml`; the first of them wins.

`python -m streaming.config` prints every setting with its value and origin.
"""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from streaming.core.errors import BadSettings
from streaming.core.limits import Limits
from streaming.core.model_spec import PROVIDERS

ROOT = Path(__file__).parents[2]
PREFIX = "STREAMING_LAB_"
DATABASE_URL = "DATABASE_URL"
LANGGRAPH_URL = "LANGGRAPH_URL"
DATA_DIR = "STREAMING_LAB_DATA_DIR"
ENV_FILE = ".env"
TOML_FILE = "config.toml"
_MAX_FILE_BYTES = 1_000_000

_OTHER_VARIABLES = ("STREAMING_LAB_BROWSER",)
"""Variables with the prefix that are not settings: the browser of the tests."""

_WITHOUT_PREFIX = {"database_url": DATABASE_URL, "langgraph_url": LANGGRAPH_URL}
"""Settings whose variables have the names that other programs use too."""

RENAMED = {
    "requests_per_minute": "runs_per_minute",
    "runs_at_once": "max_concurrent_runs",
    "runs_at_once_a_session": "max_concurrent_runs_per_session",
    "second_model": "fallback_model",
    "attempts": "max_attempts",
    "restart": "restart_broken_answers",
    "model": "model_file",
    "data": "data_dir",
}
"""Former names of settings, which still work; a new name wins over its former one."""

_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_from_env_file: set[str] = set()
"""Variables that this process took from the `.env` file: the environment is one for the process, so this is too."""


class Settings(BaseSettings):
    """Every setting has the name `STREAMING_LAB_…` in the environment and its own name in `config.toml`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, toml_file=ROOT / TOML_FILE, frozen=True, extra="forbid"
    )

    runs_per_minute: PositiveInt = Field(
        default=10,
        description="runs (not calls) per minute of one session on one provider that may cost money",
    )
    max_concurrent_runs: PositiveInt = Field(default=24, description="concurrent runs on this server; the rest queue")
    max_concurrent_runs_per_session: PositiveInt = Field(default=6, description="concurrent runs of one session")
    run_s: _Seconds = Field(default=180.0, description="time limit of a run on a local model, in seconds")
    hosted_run_s: _Seconds = Field(default=30.0, description="time limit of a run on a hosted model, in seconds")
    ttft_s: _Seconds = Field(default=60.0, description="longest wait for the first piece of an answer, in seconds")
    hosted_ttft_s: _Seconds = Field(default=20.0, description="the same on a hosted model")
    idle_s: _Seconds = Field(default=30.0, description="longest silence within an answer, in seconds")
    hosted_idle_s: _Seconds = Field(default=10.0, description="the same on a hosted model")
    grace_s: _Seconds = Field(default=30.0, description="seconds without a follower after which a run is cancelled")
    max_tokens: PositiveInt = Field(default=8192, description="largest number of tokens to request for an answer")
    prompt_chars: PositiveInt = Field(default=20_000, description="longest prompt, in characters")
    run_events: PositiveInt = Field(default=200_000, description="largest number of events in one run")
    run_bytes: PositiveInt = Field(default=20_000_000, description="largest number of bytes that one run may stream")
    recursion_limit: PositiveInt = Field(
        default=1_000, description="largest number of supersteps of one run: LangGraph's recursion limit"
    )
    max_attempts: PositiveInt = Field(
        default=3, description="calls to a provider in all, retries included, until an answer begins"
    )
    restart_broken_answers: bool = Field(
        default=False, description="whether an answer that breaks off is requested again from its start"
    )
    fallback_model: str = Field(
        default="",
        description="model that answers when the first one fails: a provider, or provider:model; empty for none",
    )
    exposed: bool = Field(
        default=False,
        description="whether a proxy on this machine lets others reach the server",
    )
    hosts: str = Field(
        default="", description="what an exposed server may call for a visitor: host, host:port or host:*, by commas"
    )
    api_per_minute: PositiveInt = Field(default=120, description="requests per minute of one client to /api")
    trust_proxy: bool = Field(
        default=False,
        description="whether X-Forwarded-For of a proxy on this machine names the client of /api",
    )
    max_sessions: PositiveInt = Field(
        default=500, description="open tabs of all browsers at the same time; further ones get a sentence"
    )
    login: bool = Field(default=False, description="whether visitors must log in (Streamlit's st.login)")
    log_format: str = Field(default="console", pattern="^(console|json|off)$", description="console, json or off")
    data_dir: Path = Field(default=ROOT / ".lab", description="folder of the databases of threads and runs")
    recordings: Path = Field(default=ROOT / "recordings", description="folder of recordings to replay")
    model_file: Path | None = Field(
        default=None, description="model file for the embedded model instead of its own (GGUF)"
    )
    graph: str = Field(
        default="", description="your own graphs: langgraph.json, agent.py:graph or package.module:graph, by spaces"
    )
    python_of_graph: str = Field(
        default="", description="interpreter of your own graphs; empty for the environment of their project"
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL instead of files in the data folder",
    )
    langgraph_url: str = Field(
        default="",
        validation_alias=AliasChoices(LANGGRAPH_URL, "langgraph_url"),
        description="LangGraph Servers whose graphs are offered, separated by commas; LANGGRAPH_API_KEY is their key",
    )

    cookie_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="signs the cookie of a browser's runs, the same on all servers of one database; else a file",
    )
    api_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="token with which programs start and stop runs over HTTP; an exposed server needs one for that",
    )

    @field_validator("fallback_model")
    @classmethod
    def _usable_provider(cls, value: str) -> str:
        provider = value.partition(":")[0]
        possible = [name for name in PROVIDERS if name != "compatible"]
        if provider == "compatible":
            raise ValueError("“compatible” cannot be the fallback, because it needs a base URL")
        if provider and provider not in possible:
            raise ValueError(f"must begin with one of {', '.join(possible)}")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The sources, of which the first one wins; part of pydantic-settings' interface."""
        # `.env` has been copied into the environment by now, with keys and the settings of other libraries.
        return init_settings, _Environment(settings_cls), _TomlFile(settings_cls)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts that an exposed server may call for a visitor."""
        return frozenset(host.strip().lower() for host in self.hosts.split(",") if host.strip())

    @property
    def checkpointer_url(self) -> str:
        """The database of the threads: `DATABASE_URL` if it is set, else a SQLite file in the data folder."""
        return self._database_url or f"sqlite:///{self.data_dir / 'threads.sqlite'}"

    @property
    def run_store_url(self) -> str:
        """The database of past runs, as a URL for SQLAlchemy: `DATABASE_URL`, else a SQLite file in the data folder."""
        if not self._database_url:
            return f"sqlite:///{self.data_dir / 'runs.sqlite'}"
        scheme, _, rest = self._database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme.startswith("postgres") else self._database_url

    @property
    def _database_url(self) -> str:
        return self.database_url.get_secret_value() if self.database_url else ""

    def limits(self, *, hosted: bool) -> Limits:
        """The limits of a run on a hosted model, or on a local one, whose runs cost nothing and are not counted."""
        return Limits(
            runs_per_minute=self.runs_per_minute if hosted else None,
            run_s=self.hosted_run_s if hosted else self.run_s,
            ttft_s=self.hosted_ttft_s if hosted else self.ttft_s,
            idle_s=self.hosted_idle_s if hosted else self.idle_s,
            grace_s=self.grace_s,
            max_tokens=self.max_tokens,
            prompt_chars=self.prompt_chars,
            events=self.run_events,
            bytes=self.run_bytes,
            supersteps=self.recursion_limit,
        )


class _Environment(EnvSettingsSource):
    """Reads the environment, also under the former names of settings."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        new_names = {f"{PREFIX}{old}".lower(): f"{PREFIX}{new}".lower() for old, new in RENAMED.items()}
        renamed = {new_names[name]: value for name, value in self.env_vars.items() if name in new_names}
        self.env_vars = {**renamed, **self.env_vars}


class _TomlFile(TomlConfigSettingsSource):
    """Reads `config.toml`, also under the former names of settings."""

    def __call__(self) -> dict[str, Any]:
        content = super().__call__()
        return {RENAMED[name]: value for name, value in content.items() if name in RENAMED} | {
            name: value for name, value in content.items() if name not in RENAMED
        }


def load_settings() -> Settings:
    """Read the settings; raises `BadSettings`, which names each invalid setting."""
    load_env_file()
    _check_size(ROOT / TOML_FILE)
    try:
        return Settings()
    except ValidationError as error:
        # Never the value itself: it may be a password.
        invalid = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
        raise BadSettings(
            f"Invalid settings: {invalid}.", advice=f"They come from the environment, {ENV_FILE} or {TOML_FILE}."
        ) from None
    except (ValueError, RecursionError) as error:  # the file is not TOML
        raise BadSettings(f"{TOML_FILE} cannot be read: {error}.", advice="Fix or delete it.") from None


def load_env_file() -> None:
    """Copy `.env` into the environment; variables that are already set do not change. Raises `BadSettings`."""
    file = ROOT / ENV_FILE
    if not file.is_file():
        return
    _check_size(file)
    try:
        # Editors of Windows put a byte-order mark before the first name.
        values = dotenv_values(file, encoding="utf-8-sig")
        for name, value in values.items():
            if value is not None and name not in os.environ:
                os.environ[name] = value
                _from_env_file.add(name)
    except UnicodeError:
        raise BadSettings(f"{ENV_FILE} is no text in UTF-8.", advice="Save it in UTF-8.") from None
    except ValueError as error:  # a zero byte
        raise BadSettings(f"{ENV_FILE} cannot be read: {error}.", advice="Fix or delete it.") from None


def _check_size(file: Path) -> None:
    if file.is_file() and file.stat().st_size > _MAX_FILE_BYTES:
        raise BadSettings(f"{file.name} is too large to hold settings.", advice="Fix or delete it.")


def unknown_names() -> list[str]:
    """A warning for each variable that looks like a setting but is not, with the most similar setting.

    It is not an error, because a platform may set such variables: Kubernetes gives every process the addresses of a
    service called `streaming-lab`.
    """
    by_guess = {f"{PREFIX}{name.upper()}": _variable(name) for name in Settings.model_fields}
    known = {*by_guess.values(), *_OTHER_VARIABLES, *(_variable(name) for name in RENAMED)}
    unknown = [name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known]
    return [
        _unknown(name, [by_guess[guess] for guess in get_close_matches(name.upper(), by_guess, 1)]) for name in unknown
    ]


def _unknown(name: str, similar: list[str]) -> str:
    return f"Unknown setting {name} ignored." + "".join(f" Did you mean {setting}?" for setting in similar)


def origins() -> dict[str, str]:
    """Where each setting came from: `environment`, `.env`, `config.toml` or `default`."""
    by_env = _Environment(Settings)()
    by_file = _TomlFile(Settings)()
    return {name: _origin(name, by_env, by_file) for name in Settings.model_fields}


def _origin(name: str, by_env: dict[str, Any], by_file: dict[str, Any]) -> str:
    if name in by_env or _variable(name) in by_env:
        return ENV_FILE if _set_variable(name) in _from_env_file else "environment"
    return TOML_FILE if name in by_file else "default"


def _set_variable(name: str) -> str:
    """The variable that gives this setting its value: its own, or the one of a former name."""
    former = [old for old, new in RENAMED.items() if new == name]
    candidates = [_variable(candidate) for candidate in (name, *former)]
    present = {variable.upper(): variable for variable in os.environ}
    return next((present[candidate] for candidate in candidates if candidate in present), candidates[0])


def _variable(name: str) -> str:
    return _WITHOUT_PREFIX.get(name) or f"{PREFIX}{name.upper()}"


_MAX_COLUMN = 40
"""Characters to which the lines of `describe` are filled up."""


def describe(settings: Settings) -> str:
    """All settings with their values and origins, one per line; a secret is shown as `set`."""
    rows = []
    for name, origin in origins().items():
        value = getattr(settings, name)
        text = "set" if isinstance(value, SecretStr) else "–" if value in ("", None) else str(value)
        rows.append((name, text, origin, Settings.model_fields[name].description or ""))
    # One long value, such as many graphs, moves its own line alone.
    widths = [min(max(len(row[column]) for row in rows), _MAX_COLUMN) for column in range(3)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, (*widths, 0), strict=True)) for row in rows)
