"""What answers mean, in the words of the notes that are kept."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from bot.kotani.callbacks import Verifier
from bot.probe.asking import Answer
from bot.probe.hearing import Heard
from bot.web.callbacks import SIGNATURE_HEADER


def signed(secrets: Sequence[bytes], heard: Heard) -> str:
    """Whether a callback is signed, and which of the texts that may be signed it was."""
    header = heard.headers.get(SIGNATURE_HEADER)
    if header is None:
        return "unsigned"
    if not secrets:
        return "signed, and KOTANI_WEBHOOK_SECRET is not set here"
    verdict = Verifier(secrets).verify(heard.body, header)
    return f"the signature is right over the text called {verdict.candidate}" if verdict.genuine else (
        f"the signature is not right ({verdict.reason}): KOTANI_WEBHOOK_SECRET differs, or another text is signed"
    )  # fmt: skip


def direction(answer: Answer) -> str:
    """Whether a quote's `value` is fiat per token, or the other way round."""
    value, fiat, crypto = (number(answer.field(name)) for name in ("value", "fiatAmount", "cryptoAmount"))
    if not value or not fiat or not crypto:
        return f"is not told ({how(answer)})"
    per_token, per_fiat = fiat / crypto, crypto / fiat
    nearer = abs(value - per_token) * per_fiat < abs(value - per_fiat) * per_token
    return f"is {'fiat per token' if nearer else 'token per unit of fiat'}"


def number(value: Any) -> Decimal | None:
    """A number of the provider's, which may stand there as text."""
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None


def how(answer: Answer) -> str:
    """An answer in short: its status and its sentence."""
    if answer.status == 0:
        return f"no answer ({answer.body})"
    return f"HTTP {answer.status}" + (f" “{answer.message}”" if answer.message else "")


def listed(names: Iterable[str]) -> str:
    """Names with commas between them."""
    return ", ".join(names) or "none"
