"""What whoever starts the server may set, in one object: environment, `.env`, `config.toml`, in this order.

`python -m streaming.config.settings` prints every setting and where it came from.
"""

import os
import sys
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

ROOT = Path(__file__).parents[2]
PREFIX = "STREAMING_LAB_"
DATABASE_URL = "DATABASE_URL"
DATA_DIR = "STREAMING_LAB_DATA"
ENV_FILE = ".env"
TOML_FILE = "config.toml"

_OTHERS = ("STREAMING_LAB_BROWSER",)
"""What else goes by such a name: the browser of the tests."""

RENAMED = {
    "requests_per_minute": "runs_per_minute",
    "runs_at_once": "max_concurrent_runs",
    "runs_at_once_a_session": "max_concurrent_runs_per_session",
    "second_model": "fallback_model",
}
"""Former names of settings, which still work."""

_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_from_env_file: set[str] = set()


class Settings(BaseSettings):
    """Every setting has the name `STREAMING_LAB_…` in the environment and its own name in `config.toml`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, toml_file=ROOT / TOML_FILE, frozen=True, extra="forbid"
    )

    runs_per_minute: PositiveInt = Field(
        default=10,
        description="runs (not calls) a minute for one session on one provider that may cost money",
    )
    max_concurrent_runs: PositiveInt = Field(
        default=24, description="runs at the same time on this server; the rest queue"
    )
    max_concurrent_runs_per_session: PositiveInt = Field(default=6, description="runs at the same time for one session")
    run_s: _Seconds = Field(default=180.0, description="longest run on the embedded or the scripted model, in seconds")
    hosted_run_s: _Seconds = Field(default=30.0, description="longest run on a hosted model, in seconds")
    ttft_s: _Seconds = Field(default=60.0, description="longest wait for the first piece of an answer, in seconds")
    hosted_ttft_s: _Seconds = Field(default=20.0, description="the same on a hosted model")
    idle_s: _Seconds = Field(default=30.0, description="longest silence within an answer, in seconds")
    hosted_idle_s: _Seconds = Field(default=10.0, description="the same on a hosted model")
    grace_s: _Seconds = Field(default=30.0, description="a run that nobody follows for so many seconds is cancelled")
    max_tokens: PositiveInt = Field(default=8192, description="most tokens that an answer may be asked to have")
    prompt_chars: PositiveInt = Field(default=20_000, description="longest prompt, in characters")
    run_events: PositiveInt = Field(default=200_000, description="most events of one run")
    run_bytes: PositiveInt = Field(default=20_000_000, description="most bytes that one run may stream")
    attempts: PositiveInt = Field(default=3, description="how often a provider is asked in all before an answer begins")
    restart: bool = Field(
        default=False, description="whether an answer that breaks off is asked for once more from its start"
    )
    fallback_model: str = Field(
        default="",
        description="who answers when the first model fails: a provider, or provider:model; empty for nobody",
    )
    exposed: bool = Field(
        default=False, description="whether others reach this server through something on this machine, as a proxy"
    )
    hosts: str = Field(
        default="", description="hosts that an exposed server may call for a visitor, separated by commas"
    )
    api_per_minute: PositiveInt = Field(default=120, description="requests a minute that one client may send to /api")
    trust_proxy: bool = Field(
        default=False, description="whether a proxy on this machine says in X-Forwarded-For who a client of /api is"
    )
    login: bool = Field(default=False, description="whether visitors must log in (Streamlit's st.login)")
    log_format: str = Field(default="console", pattern="^(console|json|off)$", description="console, json or off")
    data: Path = Field(default=ROOT / ".lab", description="folder of threads and history")
    recordings: Path = Field(default=ROOT / "recordings", description="folder of recordings to replay")
    model: Path | None = Field(default=None, description="another model file for the embedded model (GGUF)")
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL instead of files in the data folder",
    )

    @field_validator("fallback_model")
    @classmethod
    def _known_provider(cls, value: str) -> str:
        known = ("local", "scripted", "openai", "groq")
        if value and value.partition(":")[0] not in known:
            raise ValueError(f"begins with one of {', '.join(known)}")
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
        # What `.env` says is in the environment by now: keys and the settings of other libraries may stand there too.
        return init_settings, _Environment(settings_cls), _TomlFile(settings_cls)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts that an exposed server may call for a visitor."""
        return frozenset(host.strip().lower() for host in self.hosts.split(",") if host.strip())

    @property
    def checkpointer_url(self) -> str:
        """Where threads are kept: `DATABASE_URL` if it is set, else a SQLite file in the data folder."""
        return self._database_url or f"sqlite:///{self.data / 'threads.sqlite'}"

    @property
    def run_store_url(self) -> str:
        """Where the history is kept, as SQLAlchemy wants it: `DATABASE_URL`, else a SQLite file beside the threads'."""
        if not self._database_url:
            return f"sqlite:///{self.data / 'runs.sqlite'}"
        scheme, _, rest = self._database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme.startswith("postgres") else self._database_url

    @property
    def _database_url(self) -> str:
        return self.database_url.get_secret_value() if self.database_url else ""

    def limits(self, *, hosted: bool) -> Limits:
        """The limits of a run on a hosted model, or on one that runs here, which costs nothing and is not counted."""
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
        )


class _Environment(EnvSettingsSource):
    """The environment, in which a setting may have its former name."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        former = {f"{PREFIX}{old}".lower(): f"{PREFIX}{new}".lower() for old, new in RENAMED.items()}
        found = {former[name]: value for name, value in self.env_vars.items() if name in former}
        self.env_vars = {**found, **self.env_vars}


class _TomlFile(TomlConfigSettingsSource):
    """`config.toml`, in which a setting may have its former name."""

    def __call__(self) -> dict[str, Any]:
        return {RENAMED.get(name, name): value for name, value in super().__call__().items()}


def load_settings() -> Settings:
    """Read the settings; raises `BadSettings`, which names each setting that is wrong.

    A name in the environment that no setting has is told on the standard error, and is no error: some come by
    themselves (Kubernetes gives every process the addresses of a service called `streaming-lab`).
    """
    load_env_file()
    for sentence in unknown_names():
        print(sentence, file=sys.stderr)
    try:
        return Settings()
    except ValidationError as error:
        # Never the value itself: it may be a password.
        wrong = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
        raise BadSettings(
            f"These settings are wrong: {wrong}.", advice=f"Look into the environment, {ENV_FILE} and {TOML_FILE}."
        ) from None
    except ValueError as error:  # a file that is no TOML
        raise BadSettings(f"{TOML_FILE} cannot be read: {error}.", advice="Mend it, or remove it.") from None


def load_env_file() -> None:
    """Put what `.env` says into the environment, where the environment does not say it already."""
    for name, value in dotenv_values(ROOT / ENV_FILE).items():
        if value is not None and name not in os.environ:
            os.environ[name] = value
            _from_env_file.add(name)


def unknown_names() -> list[str]:
    """A sentence for each name in the environment that looks like a setting and is none, with the nearest setting."""
    by_guess = {f"{PREFIX}{name.upper()}": _variable(name) for name in Settings.model_fields}
    known = {*by_guess.values(), *_OTHERS, *(_variable(name) for name in RENAMED)}
    unknown = [name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known]
    return [
        _unknown(name, [by_guess[guess] for guess in get_close_matches(name.upper(), by_guess, 1)]) for name in unknown
    ]


def _unknown(name: str, nearest: list[str]) -> str:
    return f"There is no setting {name}: it is ignored." + "".join(f" Is {near} meant?" for near in nearest)


def origins() -> dict[str, str]:
    """Where each setting came from: `environment`, `.env`, `config.toml` or `default`."""
    by_env = _Environment(Settings)()
    by_file = _TomlFile(Settings)()
    return {name: _origin(name, by_env, by_file) for name in Settings.model_fields}


def _origin(name: str, by_env: dict[str, Any], by_file: dict[str, Any]) -> str:
    variable = _variable(name)
    if name in by_env or variable in by_env:
        return ENV_FILE if variable in _from_env_file else "environment"
    return TOML_FILE if name in by_file else "default"


def _variable(name: str) -> str:
    return "DATABASE_URL" if name == "database_url" else f"{PREFIX}{name.upper()}"


def describe(settings: Settings) -> str:
    """All settings with their values and origins, one a line; secrets only by their presence."""
    rows = []
    for name, origin in origins().items():
        value = getattr(settings, name)
        shown = "set" if isinstance(value, SecretStr) else "–" if value in ("", None) else str(value)
        rows.append((name, shown, origin, Settings.model_fields[name].description or ""))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, (*widths, 0), strict=True)) for row in rows)
