"""Which settings are refused, and what the operator is told to do: values one by one, and values that disagree.

Every function here raises `ValueError` with, or yields, a sentence that goes behind a setting's name, and no value.
"""

import contextlib
import ipaddress
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.payments.approval import Approval
from bot.payments.fees import CHARGED, Fee
from bot.payments.limits import Limit
from bot.payments.money import decimals_of
from bot.payments.states import PaymentKind
from storage.crypto import read_digest_key, read_encryption_keys
from storage.errors import StorageMisconfigured

if TYPE_CHECKING:
    from bot.settings import Settings

TELEGRAM_HOST: Final = "https://api.telegram.org"
TELEGRAM_PORTS: Final = frozenset({80, 88, 443, 8443})  # those that Telegram delivers webhooks to
KOTANI_ADDRESSES: Final = MappingProxyType(  # kotani-pay: hosts of each environment, the default first
    {
        "sandbox": ("https://sandbox-api.kotanipay.com", "https://sandbox-api.kotanipay.io"),
        "production": ("https://api.kotanipay.com", "https://api.kotanipay.io"),
    }
)
LEAST_SECRET: Final = 16


_FEE: Final = re.compile(
    rf"(?P<kind>{'|'.join(CHARGED)})\.(?P<currency>[A-Z]{{3}})="
    r"(?:(?P<percent>\d{1,2}(?:\.\d{1,4})?)%)?(?:(?(percent)\+)(?P<fixed>\d{1,9}(?:\.\d{1,2})?))?",
    re.ASCII,
)
_BOT_TOKEN: Final = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{10,100}")
_API_KEY: Final = re.compile(r"[!-~]{8,4096}")
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")  # Bot API, setWebhook: secret_token
_DATABASES: Final = frozenset({"sqlite", "postgresql", "postgres", "postgresql+psycopg"})
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
_PERSON: Final = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_CONTACT_LENGTH: Final = 200


def refuse_untidy(text: str) -> None:
    """Raises `ValueError` for what copying leaves behind: nothing at all, white space, line breaks, quotation marks."""
    if not text.strip():
        raise ValueError("is empty; give it a value, or remove the line")
    if text != text.strip():
        raise ValueError("begins or ends with white space or a line break; remove it")
    if not text.isprintable():
        raise ValueError("contains a line break or a character that cannot be printed; copy it once more")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`":
        raise ValueError("has quotation marks around it; remove them")


def must_be(field: FieldInfo) -> str:
    """What to write for a setting whose value is of the wrong kind or out of range."""
    if get_origin(field.annotation) is Literal:
        return f"must be {' or '.join(get_args(field.annotation))}"
    if field.annotation is bool:
        return "must be true or false"
    kind = "a number" if field.annotation is float else "a whole number"
    least = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    most = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
    return f"must be {kind}, in digits" if most is None else f"must be {kind} from {least} to {most}"


def refuse_other_than_bot_token(text: str) -> None:
    """A Telegram token: the bot's number, a colon, and its secret."""
    if not _BOT_TOKEN.fullmatch(text):
        raise ValueError("is not a bot token (digits, a colon, letters); copy it from @BotFather once more")


def refuse_other_than_api_key(text: str) -> None:
    """A key or secret of Kotani Pay. Their form is not published, so only what cannot be one is refused."""
    if _BOT_TOKEN.fullmatch(text):
        raise ValueError("looks like a Telegram token; put the one from Kotani Pay's dashboard here")
    if not _API_KEY.fullmatch(text):
        raise ValueError("is too short, or has characters that a key never has; copy it from the dashboard again")


def refuse_short_secret(text: str) -> None:
    """The secret that signs callbacks, which we choose ourselves."""
    if len(text) < LEAST_SECRET:
        raise ValueError(
            f"is too short to be safe: choose {LEAST_SECRET} characters or more, and set the same at Kotani Pay"
        )


def refuse_other_than_webhook_secret(text: str) -> None:
    """The secret that Telegram repeats in a header."""
    if not _WEBHOOK_SECRET.fullmatch(text):
        raise ValueError("must be 16 to 256 letters, digits, underscores and hyphens")


def refuse_other_than_database(text: str) -> None:
    """The beginning of a database's address; the storage checks the rest."""
    scheme, marks, rest = text.partition("://")
    if not (marks and rest and scheme in _DATABASES):
        raise ValueError("must begin with sqlite:/// or postgresql://")


def refuse_other_than_encryption_keys(text: str) -> None:
    """Keys for personal data, each with a name."""
    with _naming("ENCRYPTION_KEYS"):
        read_encryption_keys(text)


def refuse_other_than_digest_key(text: str) -> None:
    """The key that finds personal data again."""
    with _naming("DIGEST_KEY"):
        read_digest_key(text)


@contextlib.contextmanager
def _naming(setting: str) -> Iterator[None]:
    """What the storage says about a setting of its own, said as it is said here: the name goes before it by itself."""
    try:
        yield
    except StorageMisconfigured as error:
        said = str(error).removeprefix(setting).lstrip(": ")
        raise ValueError(f"{said}; make one with `python -m bot keys`") from None


def read_hosts(text: str) -> tuple[str, ...]:
    """Host names from `kotanipay.com,bank.example`. `ValueError` for anything that is not one."""
    hosts = tuple(host.strip().lower() for host in text.split(",") if host.strip())
    if not hosts or not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError("must be host names such as kotanipay.com, separated by commas, without https:// or paths")
    return hosts


def read_owners(text: str) -> frozenset[int]:
    """Telegram ids from `501,502`. `ValueError` for a name, a group's id, or anything else that is no person's id."""
    entries = [entry.strip() for entry in text.split(",")] if text else []
    if not all(_PERSON.fullmatch(entry) for entry in entries):
        raise ValueError("must be numeric Telegram ids of people, separated by commas; names are not taken")
    return frozenset(int(entry) for entry in entries)


def read_hour(text: str) -> int | None:
    """An hour from `3`; None for `never`. `ValueError` for anything else."""
    if text == "never":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= 23):
        raise ValueError("must be an hour from 0 to 23 (UTC), or never")
    return int(text)


def refuse_other_than_group(number: int) -> None:
    """The id of a group, which Telegram makes negative; a person's chat is no place where several people work."""
    if number >= 0:
        raise ValueError("is not the id of a group: those begin with a minus sign")


def refuse_long_contact(text: str) -> None:
    """The line that customers are shown."""
    if len(text) > _CONTACT_LENGTH:
        raise ValueError(f"is longer than {_CONTACT_LENGTH} characters")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_address(value: str) -> str:
    """A server's address without its last slash: https, or http on loopback; no user, path, query or fragment."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not an address such as https://example.com") from None
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise ValueError("is not an address such as https://example.com")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must begin with https:// (plain http is for loopback only)")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be an address alone, without a user, a question mark or a number sign")
    if parts.path.strip("/"):
        raise ValueError("must end after the host's name (and port); the paths are added here")
    return value.rstrip("/")


def read_limits(text: str) -> dict[str, Limit]:
    """The limits in `KES=500..250000,USDC=1..2000`. Raises `ValueError` that says which entry is wrong."""
    found: dict[str, Limit] = {}
    for position, entry in enumerate(text.split(",") if text else (), start=1):
        match = re.fullmatch(r"\s*([A-Z0-9]{3,12})=([0-9.]+?)\.\.([0-9.]+)\s*", entry, re.ASCII)
        if match is None:
            raise ValueError(f"entry {position} is not of the form KES=500..250000; separate several with commas")
        currency, least, most = match.groups()
        if currency in found:
            raise ValueError(f"entry {position} repeats a currency")
        try:
            found[currency] = Limit(Decimal(least), Decimal(most))
        except (InvalidOperation, ValueError):
            raise ValueError(f"entry {position} needs two amounts, the smaller one first and above zero") from None
    return found


def read_fees(text: str) -> dict[tuple[PaymentKind, str], Fee]:
    """The fees in `send.KES=1%+10,request.UGX=0.5%`. Raises `ValueError` that says which entry is wrong."""
    found: dict[tuple[PaymentKind, str], Fee] = {}
    for position, entry in enumerate(text.split(",") if text else (), start=1):
        match = _FEE.fullmatch(entry.strip())
        if match is None or (match["percent"] is None and match["fixed"] is None):
            raise ValueError(f"entry {position} is not of the form send.KES=1%+10; separate several with commas")
        key = PaymentKind(match["kind"]), match["currency"]
        if key in found:
            raise ValueError(f"entry {position} repeats a kind and currency")
        try:
            decimals_of(match["currency"])
            found[key] = Fee(Decimal(match["percent"] or 0), Decimal(match["fixed"] or 0))
        except ValueError as error:
            raise ValueError(f"entry {position}: {error}") from None
    return found


def read_approval(text: str) -> Approval:
    """What one operator may move alone, from `KES=50000,UGX=1000000` or `never`. `ValueError` says which entry is wrong."""
    if text == "never":
        return Approval(never=True)
    above: dict[str, Decimal] = {}
    for position, entry in enumerate(text.split(",") if text else (), start=1):
        match = re.fullmatch(r"\s*([A-Z]{3})=(\d{1,15}(?:\.\d{1,2})?)\s*", entry, re.ASCII)
        if match is None:
            raise ValueError(
                f"entry {position} is not of the form KES=50000; separate several with commas, or say never"
            )
        currency, most = match.groups()
        if currency in above:
            raise ValueError(f"entry {position} repeats a currency")
        try:
            decimals_of(currency)
        except ValueError as error:
            raise ValueError(f"entry {position}: {error}") from None
        above[currency] = Decimal(most)
    return Approval(MappingProxyType(above))


def read_floors(text: str) -> dict[str, Decimal]:
    """The balances in `KES=20000,UGX=500000`, each above zero. Raises `ValueError` that says which entry is wrong."""
    found: dict[str, Decimal] = {}
    for position, entry in enumerate(text.split(",") if text else (), start=1):
        match = re.fullmatch(r"\s*([A-Z]{3})=(\d{1,15}(?:\.\d{1,2})?)\s*", entry, re.ASCII)
        if match is None or not Decimal(match[2]):
            raise ValueError(f"entry {position} is not of the form KES=20000; separate several with commas")
        try:
            decimals_of(match[1])
        except ValueError as error:
            raise ValueError(f"entry {position}: {error}") from None
        if match[1] in found:
            raise ValueError(f"entry {position} repeats a currency")
        found[match[1]] = Decimal(match[2])
    return found


def disagreements(settings: "Settings") -> Iterator[str]:
    """What is wrong with settings that are each right by themselves."""
    if settings.kotani_webhook_secret_previous and not settings.kotani_webhook_secret:
        yield "KOTANI_WEBHOOK_SECRET: is missing, while KOTANI_WEBHOOK_SECRET_PREVIOUS is set"
    yield from _equal_secrets(settings)
    yield from _kotani_disagreements(settings)
    if settings.is_demo:
        yield from _demo_disagreements(settings)
    elif settings.telegram_mode == "webhook":
        yield from _webhook_disagreements(settings)


def _kotani_disagreements(settings: "Settings") -> Iterator[str]:
    environment, address = settings.kotani_environment, urlsplit(settings.kotani_base_url)
    other = "production" if environment == "sandbox" else "sandbox"
    if address.hostname in {urlsplit(known).hostname for known in KOTANI_ADDRESSES[other]}:
        yield f"KOTANI_BASE_URL: is the {other} address, while KOTANI_ENVIRONMENT is {environment}; change one of them"
    if environment != "production":
        return
    if is_loopback(address.hostname or ""):
        yield "KOTANI_BASE_URL: is on loopback, which is never Kotani Pay's production; remove the line"
    if settings.public_url is None or settings.public_url.startswith("http:"):
        yield "PUBLIC_URL: production needs the https address under which Kotani Pay reaches this server"
    if settings.kotani_webhook_secret is None:
        yield "KOTANI_WEBHOOK_SECRET: production needs signed callbacks; set one here and at Kotani Pay"


def _webhook_disagreements(settings: "Settings") -> Iterator[str]:
    if settings.telegram_webhook_secret is None:
        yield "TELEGRAM_WEBHOOK_SECRET: TELEGRAM_MODE=webhook needs one; choose 16 letters and digits or more"
    if settings.public_url is None:
        yield "PUBLIC_URL: TELEGRAM_MODE=webhook needs the address under which Telegram reaches this server"
        return
    address = urlsplit(settings.public_url)
    if settings.telegram_base_url == TELEGRAM_HOST and (
        address.scheme != "https" or (address.port or 443) not in TELEGRAM_PORTS
    ):
        yield "PUBLIC_URL: Telegram delivers to https on port 443, 80, 88 or 8443 only"


def _demo_disagreements(settings: "Settings") -> Iterator[str]:
    live = {
        "TELEGRAM_WEBHOOK_SECRET": settings.telegram_webhook_secret,
        "KOTANI_API_SECRET": settings.kotani_api_secret,
        "KOTANI_WEBHOOK_SECRET": settings.kotani_webhook_secret,
        "PUBLIC_URL": settings.public_url,
        "KOTANI_ENVIRONMENT=production": settings.kotani_environment == "production",
        "TELEGRAM_MODE=webhook": settings.telegram_mode == "webhook",
    }
    if named := [name for name, value in live.items() if value]:
        yield (
            f"TELEGRAM_TOKEN, KOTANI_API_KEY: are missing, while {', '.join(named)} is set; "
            "set both to go live, or remove that for a demonstration"
        )
    if not is_loopback(settings.host):
        yield "HOST: a demonstration listens on loopback only; remove the line, or set TELEGRAM_TOKEN, KOTANI_API_KEY"


def _equal_secrets(settings: "Settings") -> Iterator[str]:
    """Three secrets of Kotani Pay are easily mixed up, and each must be a value of its own."""
    seen: dict[str, str] = {}
    for name in ("kotani_api_key", "kotani_api_secret", "kotani_webhook_secret", "telegram_webhook_secret"):
        secret: SecretStr | None = getattr(settings, name)
        if secret is None:
            continue
        earlier = seen.setdefault(secret.get_secret_value(), name)
        if earlier != name:
            yield f"{name.upper()}: is the same as {earlier.upper()}; each is a value of its own"
