"""Settings: read once, frozen, passed in. The names are the contract of `docs/settings.md`.

This module holds types and rules; `load` is called by the roots (`cli`, `app`) and by nobody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.errors import ConfigurationError

BILLING_TIMEOUT_MAX_S = 60.0
"""A billing that needs longer answers that the order is pending, and is asked again."""
BILLING_KEY_LENGTH_MIN = 16
CREDIT_LIMIT_MAX = 10**15
"""A sum of a day that no bigint overflows, whatever is added to it."""
DEMO_API_KEY = "demo"
"""The API key of a demo database; accepted from this machine only."""


class Role(StrEnum):
    """Which part of the work a process takes. Roles other than `all` require URLs of real servers."""

    ALL = "all"
    HTTP = "http"
    SMPP = "smpp"
    JOBS = "jobs"

    @property
    def has_links(self) -> bool:
        """Whether it speaks with SMSCs."""
        return self in {Role.ALL, Role.SMPP}

    @property
    def has_callers(self) -> bool:
        """Whether subscribers and the operator call it over HTTP."""
        return self in {Role.ALL, Role.HTTP}

    @property
    def has_work(self) -> bool:
        """Whether it delivers orders and runs jobs."""
        return self in {Role.ALL, Role.JOBS}


class Scope(StrEnum):
    """What an API key may do. `APPROVE` is the second pair of eyes; `SWITCHES` stops things, and blocks numbers;
    `PREFERENCES` is what a member chose; `SEGMENTS` is what the operator knows of members; `PUSHES` shows things on
    phones."""

    EVENTS = "events"
    MEMBERS = "members"
    PREFERENCES = "preferences"
    SEGMENTS = "segments"
    CREDITS = "credits"
    APPROVE = "approve"
    CODES = "codes"
    REWARDS = "rewards"
    ORDERS = "orders"
    SWITCHES = "switches"
    PUSHES = "pushes"
    TIMELINE = "timeline"
    REPORTS = "reports"


class Repeats(StrEnum):
    """What the operator's billing makes of an order that comes again: it delivers each order once, by its id; it can be
    asked first; or neither, so that no order may come again whose first coming is in doubt."""

    IDEMPOTENT = "idempotent"
    ASKABLE = "askable"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class BillingAccess:
    """Where the operator's billing is, and the secret that signs what is sent there. `ca` signs its certificate."""

    url: str
    key: SecretStr
    repeats: Repeats
    timeout_s: float
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One caller of the API: a name for logs and idempotency, a secret, and what it may do."""

    name: str
    secret: SecretStr
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class StaffLimits:
    """What one API key may give away, in whole units of whatever unit: by one credit, by the credits of a day, by the
    gift codes of a day. A credit from `credit_approval_from` on, and codes beyond their day, wait for another key."""

    credit_max: int
    credit_day_max: int
    credit_approval_from: int
    codes_day_max: int


@dataclass(frozen=True, slots=True)
class DialectAccess:
    """How the callers of one dialect, of USSD or of SMS, prove themselves; each that is set must hold. `prefix` is what
    the variables' names begin with."""

    secret: SecretStr | None = None
    hmac_key: SecretStr | None = None
    allow: tuple[IPv4Network | IPv6Network, ...] = ()
    user: str | None = None
    password: SecretStr | None = None
    api_key: SecretStr | None = None
    prefix: str = field(default="GATEWAY_USSD_<DIALECT>_", compare=False)

    @property
    def configured(self) -> bool:
        """Whether any proof is asked for; without one a dialect answers nobody, but in demo mode."""
        return bool(self.secret or self.hmac_key or self.allow or self.user or self.api_key)


class Settings(BaseSettings):
    """The environment, prefix `GATEWAY_`, also from `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    smpp: SecretStr | None = None
    sms: SecretStr | None = None
    postgres_bin: Path | None = None
    valkey_bin: Path | None = None
    pack: str = "bolshe"
    pack_look_s: float = Field(default=2.0, ge=0, le=3600)
    data_dir: Path = Path("var")
    api_keys: SecretStr | None = None
    number_keys: SecretStr | None = None
    code_key: SecretStr | None = None
    ussd: Annotated[tuple[str, ...] | None, NoDecode] = None
    billing_url: str | None = None
    billing_key: SecretStr | None = None
    billing_repeats: Repeats = Repeats.NEVER
    billing_timeout_s: float = Field(default=10.0, ge=0.1, le=BILLING_TIMEOUT_MAX_S)
    billing_ca: Path | None = None
    credit_max: int = Field(default=100_000, ge=0, le=CREDIT_LIMIT_MAX)
    credit_day_max: int = Field(default=1_000_000, ge=0, le=CREDIT_LIMIT_MAX)
    credit_approval_from: int = Field(default=10_000, ge=0, le=CREDIT_LIMIT_MAX)
    codes_day_max: int = Field(default=10_000_000, ge=0, le=CREDIT_LIMIT_MAX)
    region: str = "RU"
    read_tracks: int = Field(default=1, ge=1, le=16)
    write_tracks: int = Field(default=2, ge=1, le=16)
    single_tracks: int = Field(default=2, ge=1, le=16)
    slow_tracks: int = Field(default=4, ge=1, le=32)

    @field_validator("ussd", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @property
    def links(self) -> str:
        """The links to SMSCs, as they are written; empty: none."""
        return self.smpp.get_secret_value() if self.smpp else ""

    @property
    def http_links(self) -> str:
        """The links to SMS gateways over HTTP, as they are written; empty: none."""
        return self.sms.get_secret_value() if self.sms else ""

    @property
    def embedded(self) -> bool:
        """Whether any store is one that we start ourselves."""
        return self.database_url is None or self.redis_url is None

    def keys_of_api(self, *, demo: bool) -> tuple[ApiKey, ...]:
        """The API's keys from `name:secret:scope+scope,…`; the demo key where none is set in demo mode."""
        if self.api_keys is None:
            return (ApiKey("demo", SecretStr(DEMO_API_KEY), frozenset(Scope)),) if demo else ()
        keys = tuple(_api_key(item) for item in self.api_keys.get_secret_value().split(",") if item.strip())
        names = {key.name for key in keys}
        secrets = {key.secret.get_secret_value() for key in keys}
        if min(len(names), len(secrets)) < len(keys):
            raise ConfigurationError("settings: GATEWAY_API_KEYS: each key has a name and a secret of its own")
        return keys

    def billing(self) -> BillingAccess | None:
        """The operator's billing; None where there is none, and staff deliver what it would. Raises
        `ConfigurationError`, which repeats neither the URL nor the key."""
        if self.billing_url is None:
            if self.billing_key is not None:
                raise ConfigurationError("settings: GATEWAY_BILLING_KEY is set, and GATEWAY_BILLING_URL is not")
            return None
        key = self.billing_key.get_secret_value() if self.billing_key else ""
        if len(key) < BILLING_KEY_LENGTH_MIN:
            raise ConfigurationError(
                f"settings: GATEWAY_BILLING_URL goes with GATEWAY_BILLING_KEY, {BILLING_KEY_LENGTH_MIN} characters or "
                "more, by which the billing knows us: `openssl rand -hex 32` makes one"
            )
        url = _billing_url(self.billing_url)
        return BillingAccess(url, SecretStr(key), self.billing_repeats, self.billing_timeout_s, self.billing_ca)

    def staff_limits(self) -> StaffLimits:
        """What one API key may give away."""
        return StaffLimits(self.credit_max, self.credit_day_max, self.credit_approval_from, self.codes_day_max)

    def dialects(self, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The USSD dialects that are mounted; `otherwise` where none are named."""
        return otherwise if self.ussd is None else self.ussd


def load() -> Settings:
    """Read the environment. Raises `ConfigurationError` that names each wrong variable and never its value."""
    try:
        return Settings()
    except UnicodeDecodeError:
        raise ConfigurationError("settings: .env is not UTF-8: save the file as UTF-8") from None
    except ValidationError as error:
        faults = "; ".join(
            f"GATEWAY_{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise ConfigurationError(f"settings: {faults}") from None


def dialect_access(dialect: str, environment: Mapping[str, str], channel: str = "USSD") -> DialectAccess:
    """The proofs that `GATEWAY_USSD_<DIALECT>_…`, or `GATEWAY_SMS_<DIALECT>_…`, asks of a dialect's callers."""
    prefix = f"GATEWAY_{channel}_{dialect.upper()}_"
    values = {
        name.removeprefix(prefix).lower(): value.strip()
        for name, value in environment.items()
        if name.startswith(prefix) and value.strip()
    }
    unknown = values.keys() - {"secret", "hmac_key", "allow", "user", "password", "api_key"}
    if unknown:
        raise ConfigurationError(
            f"settings: no such setting: {', '.join(prefix + name.upper() for name in sorted(unknown))}"
        )
    if ("user" in values) != ("password" in values):
        raise ConfigurationError(f"settings: {prefix}USER and {prefix}PASSWORD go together")
    if "/" in values.get("secret", ""):
        raise ConfigurationError(f"settings: {prefix}SECRET is the last part of a path: it has no /")
    try:
        allow = tuple(ip_network(item.strip()) for item in values.get("allow", "").split(",") if item.strip())
    except ValueError:
        raise ConfigurationError(
            f"settings: {prefix}ALLOW takes addresses or networks such as 10.0.0.0/8,192.0.2.7"
        ) from None

    def secret(name: str) -> SecretStr | None:
        return SecretStr(values[name]) if values.get(name) else None

    return DialectAccess(
        secret("secret"), secret("hmac_key"), allow, values.get("user"), secret("password"), secret("api_key"), prefix
    )


def _billing_url(url: str) -> str:
    """The address under which orders are put, without a slash at its end."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError(
            "settings: GATEWAY_BILLING_URL is an address such as https://billing.example/loyalty, without a user, a "
            "password or a question mark: orders go to …/orders, and GATEWAY_BILLING_KEY signs them"
        )
    return url.rstrip("/")


def _api_key(item: str) -> ApiKey:
    """One `name:secret:scope+scope`."""
    try:
        name, secret, scopes = item.strip().split(":")
        if not name or not secret.strip():
            raise ValueError
        return ApiKey(name, SecretStr(secret), frozenset(Scope(scope) for scope in scopes.split("+")))
    except ValueError:
        known = "+".join(Scope)
        raise ConfigurationError(
            f"settings: GATEWAY_API_KEYS takes name:secret:scope+scope, comma-separated; scopes are {known}"
        ) from None


def strange_proofs(environment: Mapping[str, str], dialects: tuple[str, ...], channel: str = "USSD") -> tuple[str, ...]:
    """The `GATEWAY_USSD_…`, or `GATEWAY_SMS_…`, variables that belong to no dialect: misspelt ones protect nothing."""
    ours = f"GATEWAY_{channel}_"
    prefixes = tuple(f"{ours}{dialect.upper()}_" for dialect in dialects)
    return tuple(sorted(n for n in environment if n.startswith(ours) and not n.startswith(prefixes)))
