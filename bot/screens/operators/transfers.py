"""Transfers from the deposit to the payout balance: asked before, and told of after."""

from decimal import Decimal
from typing import Final

from bot.engine.operators.order_results import Transfer, TransferState
from bot.engine.operators.results import Balance
from bot.payments.approval import Second
from bot.payments.money import Money
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.operators.parts import Choice, joined, question, why_second
from bot.screens.places import country_name
from bot.screens.screen import Screen
from bot.screens.texts import Texts

_TOLD: Final = frozenset({TransferState.DONE, TransferState.NOT_DONE, TransferState.UNKNOWN})


def why_transfer(texts: Texts, asked: str, amount: Money) -> Screen:
    """The question for the reason."""
    return question(texts, asked, texts("ops.ask_transfer", amount=money(amount, texts.language)))


def sure_to_transfer(texts: Texts, asked: str, amount: Money, balance: Balance, *, second: Second) -> Screen:
    """Asked before it is ordered, with what the wallet holds now."""
    shown = money(amount, texts.language)
    wallet = wallet_name(texts, balance.country)
    yes: Choice = (texts.plain("ops.button_transfer", amount=shown), "yes", "danger")
    now = texts(
        "ops.transfer_now",
        deposit=money(Money(balance.deposit, amount.currency), texts.language),
        payout=money(Money(balance.payout, amount.currency), texts.language),
    )
    parts = [texts("ops.sure_transfer", amount=shown, wallet=wallet), now]
    if second.needed:
        parts.append(why_second(texts, second))
    return question(texts, asked, *parts, choices=[yes])


def transfer_news(texts: Texts, transfer: Transfer) -> Screen | None:
    """What became of a transfer; None while that is not known."""
    if transfer.state not in _TOLD:
        return None
    head = texts(f"ops.transfer_{transfer.state}", amount=money(transfer.money, texts.language))
    held = {
        name: _held(texts, getattr(transfer, name), transfer.money.currency)
        for name in ("deposit_before", "deposit_after", "payout_before", "payout_after")
    }
    known = transfer.deposit_before is not None and transfer.deposit_after is not None
    return Screen(text=joined([head, texts("ops.transfer_balances", **held) if known else Html("")]))


def wallet_name(texts: Texts, country: str | None) -> str:
    """Which wallet of a currency, where that needs to be said."""
    return "" if country is None else f"({country_name(country, texts.language)})"


def _held(texts: Texts, amount: Decimal | None, currency: str) -> str:
    return "?" if amount is None else money(Money(amount, currency), texts.language)
