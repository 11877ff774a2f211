"""The wallet addresses that a customer used before: the list, a card for each with the whole address, and forgetting one."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.screens.card_parts import buy_button
from bot.screens.foreign import Html, escaped
from bot.screens.formats import address_code, chain_label, short_address
from bot.screens.people import page_row
from bot.screens.questions import shortened
from bot.screens.screen import Button, Screen
from bot.screens.taps import RecordTap
from bot.screens.texts import Texts

KIND = "address"


@dataclass(frozen=True, slots=True, repr=False)
class Wallet:
    """A saved address; `name` is what the customer calls it, once they do."""

    id: str
    chain: str
    address: str
    name: str | None


def wallets_list(
    texts: Texts, wallets: Sequence[Wallet], *, page: int, pages: int, count: int, lead: Html | None = None
) -> Screen:
    """One page of the list; pages are counted from 1. `count` are all there are."""
    lines = [_line(texts, one) for one in wallets]
    rows = [
        (Button(shortened(wallet_label(one.chain, one.address, one.name)), data=_tap(one.id, "show")),)
        for one in wallets
    ]
    parts = [lead or Html(""), texts.many("wallets.title", count), Html("\n".join(lines))]
    return Screen(text=_joined(parts), rows=(*rows, *page_row(texts, KIND, page, pages)))


def no_wallets(texts: Texts, *, lead: Html | None = None) -> Screen:
    """No address was used yet."""
    return Screen(text=_joined([lead or Html(""), texts("wallets.empty")]), rows=((buy_button(texts),),))


def wallet_gone(texts: Texts) -> Screen:
    """A record that is not there: forgotten meanwhile, or never this customer's."""
    return Screen(text=texts("wallets.gone"), rows=(_to_list(texts),))


def wallet_card(texts: Texts, one: Wallet, *, lead: Html | None = None) -> Screen:
    """One address, whole."""
    named = [] if one.name is None else [texts("wallets.card", name=one.name)]
    about = Html("\n".join([*named, escaped(chain_label(one.chain)), address_code(one.address)]))
    naming = Button(texts.plain("button.rename" if one.name else "button.name_it"), data=_tap(one.id, "rename"))
    return Screen(
        text=_joined([lead or Html(""), about]),
        rows=(
            (Button(texts.plain("button.buy_to"), data=_tap(one.id, "buy"), style="success"),),
            (naming, Button(texts.plain("button.copy_wallet"), copy=one.address)),
            (Button(texts.plain("button.forget"), data=_tap(one.id, "forget")), *_to_list(texts)),
        ),
    )


def sure_to_forget_wallet(texts: Texts, one: Wallet) -> Screen:
    """The one question before a record is deleted."""
    return Screen(
        text=texts("wallets.sure", address=wallet_label(one.chain, one.address, one.name)),
        rows=(
            (Button(texts.plain("button.forget_yes"), data=_tap(one.id, "forgotten"), style="danger"),),
            (Button(texts.plain("button.forget_no"), data=_tap(one.id, "show")),),
        ),
    )


def wallet_label(chain: str, address: str, name: str | None) -> str:
    """How an address is told from others: "Savings · 0x5290…9EE7", or by its chain."""
    return f"{name or chain_label(chain)} · {short_address(address)}"


def _line(texts: Texts, one: Wallet) -> Html:
    key = "wallets.entry" if one.name is None else "wallets.entry_named"
    values = {} if one.name is None else {"name": one.name}
    return texts(key, chain=chain_label(one.chain), address=short_address(one.address), **values)


def _to_list(texts: Texts) -> tuple[Button, ...]:
    return (Button(texts.plain("button.all_addresses"), data=RecordTap(KIND, "1", "page").pack()),)


def _tap(record: str, action: str) -> str:
    return RecordTap(KIND, record, action).pack()


def _joined(parts: Sequence[Html]) -> Html:
    return Html("\n\n".join(part for part in parts if part))
