"""Help: what the assistant can do, what it costs, how to stay safe; and help with one payment."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final, assert_never

from bot.engine.results import PaymentView, SellRequest, SendRequest
from bot.payments.catalogue import country_of
from bot.payments.coverage import Service
from bot.payments.limits import DEFAULT_LIMITS
from bot.payments.money import to_plain
from bot.payments.parties import Way
from bot.payments.phones import example_phone
from bot.payments.states import PaymentKind, PaymentState
from bot.screens.card_parts import ICONS, show_button, start_row, stop_rows
from bot.screens.foreign import Html
from bot.screens.formats import money
from bot.screens.history import state_in_words
from bot.screens.inquiries import person_button
from bot.screens.parties import receiver
from bot.screens.paying import is_paid_back_by_bank
from bot.screens.questions import note_with_menu
from bot.screens.screen import Button, Screen
from bot.screens.status import needs_person_said
from bot.screens.status_sell import is_wrong, wrong_amount
from bot.screens.taps import MenuTap
from bot.screens.texts import Texts

_ABROAD: Final = "+254 712 345 678"  # an example for whoever's own country has no phones that are paid, or is not known
_USUAL: Final = Decimal(500)
_SHARERS: Final = 4
_NOT_PAID: Final = frozenset({PaymentState.FAILED, PaymentState.EXPIRED})


def help_screen(
    texts: Texts,
    *,
    support: str | None = None,
    services: Collection[Service] = tuple(Service),
    country: str | None = None,
    person: bool = False,
) -> Screen:
    """What can be done here now. `support` is how to reach a person ("@somebody", a phone, an address).

    The examples are of the customer's `country` (ISO-2). `person`: one of the team can be talked to here.
    """
    ways = [_way(texts, service, country) for service in Service if service in services]
    rules = [texts(f"help.{part}") for part in ("fees", "status", "people", "safety")]
    blocks = [texts("help.title"), *ways, *rules, _support(texts, support)]
    payments = Button(texts.plain("button.payments"), data=MenuTap("status").pack())
    rows = (start_row(texts), (payments, *_person(texts, person)))
    return Screen(text="\n\n".join(blocks), rows=rows)


def payment_help(texts: Texts, view: PaymentView, *, support: str | None = None, person: bool = False) -> Screen:
    """What to do about one payment: where it stands, and whom to ask, with the reference to give; or here: `person`."""
    by_bank = is_paid_back_by_bank(view)
    stands = [_stands(texts, view)]
    if by_bank:
        stands.append(texts("status.refunding_bank_details"))
    sale = isinstance(view.order, SellRequest)
    if view.state in _NOT_PAID or (sale and view.state is PaymentState.CANCELLED):
        stands.append(texts("sell.help_if_sent" if sale else "help.if_debited"))
    blocks = [_head(texts, view), *stands, _support(texts, support), texts("help.safety")]
    if needs_person_said(view):
        blocks.insert(1, texts("status.with_a_person"))
    rows = ((show_button(texts, view), Button(texts.plain("button.copy_code"), copy=view.code)),)
    talk = ((person_button(texts, view.code),),) if person else ()
    return Screen(text="\n\n".join(blocks), rows=(*rows, *talk, *stop_rows(texts, view)))


def not_understood(texts: Texts) -> Screen:
    """The answer to what nothing was made of: short, with every way to begin."""
    commands = ("buy", "sell", "send", "request", "help")
    return note_with_menu(texts, texts("dialogue.not_understood"), commands=commands)


def _way(texts: Texts, service: Service, iso2: str | None) -> Html:
    home = None if iso2 is None else country_of(iso2)
    currency = "KES" if home is None else home.currency
    usual = DEFAULT_LIMITS[currency].minimum if currency in DEFAULT_LIMITS else _USUAL
    match service:
        case Service.BUY:
            return texts("help.buy")
        case Service.SELL:
            return texts("sell.how")
        case Service.SEND:
            tills = home is not None and Way.TILL in home.payouts
            phone = example_phone(home.iso2) if home is not None and Way.PHONE in home.payouts else _ABROAD
            values = {"amount": to_plain(usual), "currency": currency.lower(), "phone": phone}
            return texts("send.how" if tills else "send.how_elsewhere", **values)
        case Service.REQUEST:
            return texts("send.how_request", amount=to_plain(usual), total=to_plain(usual * _SHARERS))
        case _:
            assert_never(service)


def _head(texts: Texts, view: PaymentView) -> Html:
    values = {
        "icon": ICONS[view.state],
        "code": view.code,
        "receive": money(view.receive, texts.language),
        "state": state_in_words(texts, view),
    }
    if isinstance(view.order, SendRequest):
        return texts("send.help_payment", receiver=receiver(texts, view.order.destination), **values)
    return texts("help.payment", pay=money(view.pay, texts.language), **values)


def _stands(texts: Texts, view: PaymentView) -> Html:
    by_bank = is_paid_back_by_bank(view)
    match view.kind:
        case PaymentKind.BUY:
            return texts("help.state.refunding_bank") if by_bank else texts(f"help.state.{view.state}")
        case PaymentKind.SELL if is_wrong(view):
            return Html("\n".join(wrong_amount(texts, view)))
        case PaymentKind.SELL:
            return texts(f"sell.help.{view.state}")
        case PaymentKind.SEND | PaymentKind.REQUEST:
            return texts("send.help.refunding_bank") if by_bank else texts(f"send.help.{view.state}")
        case PaymentKind.PAYOUT | PaymentKind.COLLECTION:
            raise TypeError("a payment of the house is no customer's")
        case _:
            assert_never(view.kind)


def network_message(texts: Texts, *, support: str | None = None, person: bool = False) -> Screen:
    """The answer to a pasted message of mobile money or a bank: what happens by itself, and whom to show it."""
    blocks = [texts("dialogue.network_message")]
    if support is not None:
        blocks.append(_support(texts, support))
    payments = Button(texts.plain("button.payments"), data=MenuTap("status").pack())
    return Screen(text="\n\n".join(blocks), rows=((payments, *_person(texts, person)),))


def _person(texts: Texts, there: bool) -> tuple[Button, ...]:
    return (person_button(texts),) if there else ()


def _support(texts: Texts, support: str | None) -> Html:
    return texts("help.no_support") if support is None else texts("help.support", contact=Html(_contact(support)))


def _contact(support: str) -> str:
    """The operator's own setting: only its markup is taken out, so that a mention or a link still works."""
    return support.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
