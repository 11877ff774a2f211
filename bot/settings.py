"""What an operator can set, read once from the environment and a `.env` file, before anything connects.

A mistake stops the start with the name of the setting and what to do about it, and never with its value: settings are
secrets, and errors are read aloud, pasted and logged. So all problems are collected in one `SettingsRefused`.

Without a Telegram token and a Kotani Pay key the assistant is a demonstration: it runs against the simulator, on
loopback, with keys and a database that live as long as the run.
"""

import base64
import difflib
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import setting_rules as rules
from bot.env_file import Line, UnreadableFile, lines_of
from bot.payments.approval import Approval
from bot.payments.fees import Fees
from bot.payments.limits import Limit, with_overrides
from storage.crypto import KEY_BYTES, Keyring

ENV_FILE: Final = Path(".env")
DEMO_DATABASE: Final = "sqlite:///data/demo/assistant.db"
_OURS: Final = ("TELEGRAM_", "KOTANI_", "ENCRYPTION_", "DIGEST_")  # meant for us, also in the environment
_NEIGHBOURS: Final = ("POSTGRES_", "COMPOSE_")  # in .env, these are for compose.yaml
_WORDS: Final = ("telegram_mode", "kotani_environment", "log_level", "log_format")

# what each raises `ValueError` for is said with the name of the setting
_CHECKS: Final[Mapping[str, Callable[[Any], object]]] = MappingProxyType(
    {
        "telegram_token": rules.refuse_other_than_bot_token,
        "kotani_api_key": rules.refuse_other_than_api_key,
        "kotani_api_secret": rules.refuse_other_than_api_key,
        "kotani_webhook_secret": rules.refuse_short_secret,
        "kotani_webhook_secret_previous": rules.refuse_short_secret,
        "telegram_webhook_secret": rules.refuse_other_than_webhook_secret,
        "database_url": rules.refuse_other_than_database,
        "encryption_keys": rules.refuse_other_than_encryption_keys,
        "digest_key": rules.refuse_other_than_digest_key,
        "limits": rules.read_limits,
        "fees": rules.read_fees,
        "checkout_hosts": rules.read_hosts,
        "low_balance": rules.read_floors,
        "owners": rules.read_owners,
        "approve_above": rules.read_approval,
        "reconcile_hour": rules.read_hour,
        "operators_chat": rules.refuse_other_than_group,
        "support_contact": rules.refuse_long_contact,
    }
)


class SettingsRefused(Exception):
    """The settings cannot be used. `problems` are sentences for the operator; none of them contains a value."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Missing:
    """Stands where a value should, so that its field is refused like any other and no problem hides another."""

    sentence: str


class Settings(BaseSettings):
    """Every setting, checked. Immutable; its secrets print as stars."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=False)

    telegram_token: SecretStr | None = Field(None, description="The bot's token, from @BotFather.")
    telegram_base_url: str = Field(rules.TELEGRAM_HOST, description="The Bot API server. Plain http only on loopback.")
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="How updates arrive: `polling` needs nothing, `webhook` needs PUBLIC_URL."
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="What Telegram repeats in each webhook call: 16 to 256 of `A-Z a-z 0-9 _ -`, chosen by you."
    )

    kotani_environment: Literal["sandbox", "production"] = Field(
        "sandbox", description="`sandbox` or `production`; a key belongs to one of them."
    )
    kotani_base_url: str = Field(
        rules.KOTANI_ADDRESSES["sandbox"][0],
        description="Kotani Pay's address; follows KOTANI_ENVIRONMENT when not set.",
    )
    kotani_api_key: SecretStr | None = Field(None, description="The API key, from Kotani Pay's dashboard.")
    kotani_api_secret: SecretStr | None = Field(
        None, description="The secret of a *secure* key, which signs requests. Leave it out for other keys."
    )
    kotani_webhook_secret: SecretStr | None = Field(
        None, description="Signs Kotani Pay's callbacks to us; 16 characters or more. Needed in production."
    )
    kotani_webhook_secret_previous: SecretStr | None = Field(
        None, description="The secret before that, while the two are changed over."
    )
    kotani_timeout_seconds: float = Field(
        25.0, ge=1, le=120, description="How long one call to Kotani Pay may take in all, in seconds."
    )

    public_url: str | None = Field(
        None, description="The https address of this server as seen from outside; for callbacks and webhooks."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")

    database_url: SecretStr = Field(
        SecretStr("sqlite:///data/assistant.db"),
        description="`sqlite:///FILE` for one process, `postgresql://USER:PASSWORD@HOST/NAME` for several.",
    )
    encryption_keys: SecretStr = Field(
        description="Seal personal data: `name:base64,...`, the current one first. Make one with `python -m bot keys`."
    )
    digest_key: SecretStr = Field(
        description="Finds sealed data again; it cannot be changed later. Make one with `python -m bot keys`."
    )

    limits: str = Field(
        "", description="The least and the most of one payment, where yours differ: `KES=500..250000,USDC=1..2000`."
    )
    fees: str = Field(
        "",
        description="What you charge on top of transfers and paid requests: `send.KES=1%+10,request.UGX=0.5%`; else nothing.",
    )
    checkout_hosts: str = Field(
        "kotanipay.com,kotanipay.io",
        description="Hosts of pages where customers pay, comma-separated; pages elsewhere are never linked.",
    )
    payment_pages: bool = Field(
        True,
        description="Whether requests get a page at the provider, to pay without Telegram. Pages need PUBLIC_URL.",
    )
    support_contact: str | None = Field(None, description="Whom customers can turn to; shown in the help.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="`debug`, `info`, `warning` or `error`."
    )
    log_format: Literal["text", "json"] = Field("text", description="`text` for people, `json` for machines.")

    owners: str = Field(
        "",
        description="The first owners among the operators: numeric Telegram ids, comma-separated. Not set: nobody.",
    )
    operators_chat: int | None = Field(
        None, description="The one group where operators may work: its numeric id, such as `-1001234567890`."
    )

    approve_above: str = Field(
        "",
        description="What one operator may move alone in 24 hours: `KES=50000,UGX=1000000`. Not set: nothing. `never`: anything.",
    )

    bulk_per_minute: int = Field(
        40,
        ge=1,
        le=600,
        description="How many rows of a file of payments are sent in a minute. Kotani Pay limits calls; ask for your limit.",
    )

    reconcile_hour: str = Field(
        "3",
        description="At which hour (UTC, 0 to 23) the day before is compared with the provider; `never`: only by command.",
    )

    low_balance: str = Field(
        "",
        description="The payout balance of a currency below which operators are called: `KES=20000,UGX=500000`. Not set: never.",
    )
    summary_hour: int | None = Field(
        None,
        ge=0,
        le=23,
        description="At which hour (UTC, 0 to 23) operators are told how the day before went. Not set: never.",
    )

    @property
    def is_demo(self) -> bool:
        """No credentials: the simulator stands in for Telegram and Kotani Pay."""
        return self.telegram_token is None and self.kotani_api_key is None

    @property
    def starts_empty(self) -> bool:
        """The database is the demonstration's own, so what an earlier run left there is removed first."""
        return self.is_demo and self.database_url.get_secret_value() == DEMO_DATABASE

    @property
    def callback_secrets(self) -> tuple[bytes, ...]:
        """The secrets that a callback may be signed with, the current one first. Empty: callbacks are unsigned."""
        both = (self.kotani_webhook_secret, self.kotani_webhook_secret_previous)
        return tuple(secret.get_secret_value().encode() for secret in both if secret is not None)

    @property
    def payment_limits(self) -> Mapping[str, Limit]:
        """The limits of one payment per currency: the defaults with LIMITS on top."""
        return with_overrides(rules.read_limits(self.limits))

    @property
    def payment_fees(self) -> Fees:
        """What the business charges, per kind and currency."""
        return rules.read_fees(self.fees)

    @property
    def approval(self) -> Approval:
        """From which amount on a second operator approves."""
        return rules.read_approval(self.approve_above)

    @property
    def bulk_pace(self) -> timedelta:
        """The time between two rows of a file of payments; a demonstration does not make people wait."""
        return timedelta(minutes=1) / (600 if self.is_demo else self.bulk_per_minute)

    @property
    def reconcile_at(self) -> int | None:
        """When the day before is compared with the provider, as an hour of UTC; a demonstration does so when asked."""
        return None if self.is_demo else rules.read_hour(self.reconcile_hour)

    @property
    def balance_floors(self) -> Mapping[str, Decimal]:
        """The payout balances below which operators are called."""
        return rules.read_floors(self.low_balance)

    @property
    def owner_ids(self) -> frozenset[int]:
        """The Telegram ids of the owners who are set here."""
        return rules.read_owners(self.owners)

    @property
    def checkout_host_names(self) -> tuple[str, ...]:
        """The hosts that customers may be sent to for paying by bank."""
        return rules.read_hosts(self.checkout_hosts)

    def keyring(self) -> Keyring:
        """The keys for personal data."""
        return Keyring.from_setting(
            self.encryption_keys.get_secret_value(), digest_key=self.digest_key.get_secret_value()
        )

    def secret_texts(self) -> frozenset[str]:
        """Every text that no log may show: the secrets, and the parts of them that are secret by themselves."""
        return frozenset(_secret_texts({name: getattr(self, name) for name in type(self).model_fields}))

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        given = {name: value for name, value in dict(data).items() if value is not None}
        if ("telegram_token" in given) != ("kotani_api_key" in given):
            present, absent = ("TELEGRAM_TOKEN", "KOTANI_API_KEY")
            if "kotani_api_key" in given:
                present, absent = absent, present
            given[absent.lower()] = _Missing(
                f"is missing, while {present} is set; set both, or neither for a demonstration"
            )
        if "telegram_token" not in given:
            given.setdefault("database_url", DEMO_DATABASE)
            given.setdefault("encryption_keys", fresh_encryption_keys())
            given.setdefault("digest_key", _fresh_key())
        if str(given.get("kotani_environment")).lower() == "production":
            given.setdefault("kotani_base_url", rules.KOTANI_ADDRESSES["production"][0])
        return given

    @field_validator("*", mode="before")
    @classmethod
    def _tidy(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, _Missing):
            raise ValueError(value.sentence)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str):
            rules.refuse_untidy(text)
            if info.field_name in _WORDS:
                return text.lower()
        return value

    @field_validator("telegram_base_url", "kotani_base_url", "public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return rules.checked_address(value)

    @field_validator(*_CHECKS)
    @classmethod
    def _usable(cls, value: Any, info: ValidationInfo) -> Any:
        _CHECKS[str(info.field_name)](value.get_secret_value() if isinstance(value, SecretStr) else value)
        return value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        problems = list(rules.disagreements(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self


def read_settings(env_file: Path | None = ENV_FILE) -> Settings:
    """The settings from the environment and, beneath it, from `env_file`. `SettingsRefused` tells all problems."""
    try:
        lines = [] if env_file is None else lines_of(env_file)
    except UnreadableFile as unreadable:
        raise SettingsRefused((str(unreadable),)) from None
    around = {name.lower() for name in os.environ}
    problems = [*_unreadable_lines(lines), *_unknown_names(lines)]
    written: dict[str, Any] = {line.name.lower(): line.value for line in lines if line.readable}
    try:
        settings = Settings(**{name: value for name, value in written.items() if name not in around})
    except ValidationError as error:
        raise SettingsRefused((*problems, *_sentences(error), *_hidden(written, error))) from None
    if problems:
        raise SettingsRefused(tuple(problems))
    return settings


def fresh_encryption_keys() -> str:
    """A new value for ENCRYPTION_KEYS: one key, named by today's date."""
    return f"k{datetime.now(UTC):%Y%m%d}:{_fresh_key()}"


def fresh_keys() -> dict[str, str]:
    """New values for ENCRYPTION_KEYS and DIGEST_KEY, by name."""
    return {"ENCRYPTION_KEYS": fresh_encryption_keys(), "DIGEST_KEY": _fresh_key()}


def _fresh_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _unreadable_lines(lines: Sequence[Line]) -> Iterator[str]:
    """The content is not shown: it may be a secret that lost its name."""
    for line in lines:
        if not line.readable:
            yield f"{line.place}: is not of the form NAME=value; mend it, or begin it with # to keep it as a remark"


def _unknown_names(lines: Sequence[Line]) -> Iterator[str]:
    known = {name.upper() for name in Settings.model_fields}
    written = {line.name.upper() for line in lines if line.readable}
    in_environment = {name.upper() for name in os.environ if name.upper().startswith(_OURS)}
    in_file = {name for name in written if not name.startswith(_NEIGHBOURS)}
    for name in sorted((in_environment | in_file) - known):
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        yield f"{name}: there is no such setting" + (f"; did you mean {close[0]}?" if close else "; remove the line")


def _sentences(error: ValidationError) -> Iterator[str]:
    """One sentence for each problem, led by the setting's name, without its value."""
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(found["loc"][0]).upper() if found["loc"] else ""
        match found["type"]:
            case "missing":
                text = "is missing; make one with `python -m bot keys`, and keep it safe"
            case "value_error":
                text = found["msg"].removeprefix("Value error, ")
            case _:
                text = rules.must_be(Settings.model_fields[name.lower()])
        yield from (f"{name}: {text}" if name else text).splitlines()


def _hidden(written: Mapping[str, Any], error: ValidationError) -> Iterator[str]:
    """What disagrees besides, which is looked at only where every value is right by itself: others stand in for those.

    Nothing is said of a setting that is refused already.
    """
    refused = {str(found["loc"][0]) for found in error.errors(include_input=False) if found["loc"]}
    if not refused:
        return
    needed = {"telegram_token": "100:standing_in_for_it", "kotani_api_key": _fresh_key()}
    needed |= {name.lower(): value for name, value in fresh_keys().items()}
    try:
        Settings(**{**written, **{name: needed.get(name) for name in refused}})
    except ValidationError as further:
        for sentence in _sentences(further):
            if not any(re.search(rf"\b{name}\b", sentence, re.IGNORECASE) for name in refused):
                yield sentence


def _secret_texts(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if not isinstance(value, SecretStr):
            continue
        text = value.get_secret_value()
        match name:
            case "database_url":
                password = urlsplit(text).password
                yield from {password, unquote(password)} if password else ()
            case "telegram_token":
                yield from (text, text.partition(":")[2])
            case "encryption_keys":
                yield from (part.partition(":")[2].strip() for part in text.split(","))
            case _:
                yield text
