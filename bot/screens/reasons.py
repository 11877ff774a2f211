"""Why a payment did not end as it should, and what the customer can do: in our words, the provider's as a quotation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, assert_never

from bot.engine.results import PaymentView
from bot.payments.reasons import NO_REASON
from bot.payments.states import PaymentKind
from bot.screens.foreign import Html, quoted
from bot.screens.texts import Texts

_ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reason.insufficient_funds": "advice.top_up",
        "reason.declined_by_you": "advice.buy_again",
        "reason.wrong_pin": "advice.check_pin",
        "reason.suspended": "advice.ask_us",
        "reason.limit": "advice.smaller_amount",
        "reason.prompt_expired": "advice.keep_phone_near",
        "reason.quote_expired": "advice.buy_again",
        "reason.unavailable": "advice.try_later",
        "reason.provider_said": "advice.ask_us",
    }
)
# where the payer sends money, or sells: the same advice in words that fit
_SENDING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "advice.top_up": "send.advice_top_up",
        "advice.buy_again": "send.advice_again",
        "advice.check_pin": "send.advice_check_pin",
        "advice.smaller_amount": "send.advice_smaller_amount",
        "advice.keep_phone_near": "send.advice_keep_phone_near",
    }
)
_PAYING_A_REQUEST: Final = "send.advice_asked"


def reason_lines(texts: Texts, view: PaymentView) -> list[Html]:
    """The reason in plain words, with the provider's own sentence quoted below where we have only that."""
    key = _known(texts, view.reason)
    lines = [texts(key)]
    if view.reason_detail:
        lines.append(quoted(view.reason_detail))
    return lines


def advice(texts: Texts, view: PaymentView) -> Html:
    """The next step after a payment that took no money."""
    key = _ADVICE.get(view.reason or "", "advice.buy_again")
    match view.kind:
        case PaymentKind.BUY:
            return texts(key)
        case PaymentKind.SELL:
            return texts("sell.advice_again" if key in _SENDING else key)
        case PaymentKind.SEND:
            return texts(_SENDING.get(key, key))
        case PaymentKind.REQUEST:
            return texts(_PAYING_A_REQUEST if key == "advice.buy_again" else _SENDING.get(key, key))
        case PaymentKind.PAYOUT | PaymentKind.COLLECTION:
            raise TypeError("a payment of the house is no customer's")
        case _:
            assert_never(view.kind)


def _known(texts: Texts, reason: str | None) -> str:
    return reason if reason is not None and reason in texts else NO_REASON
