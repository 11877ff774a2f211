"""Payments of the house, for the operators who ordered them: asked before, followed on one card, told when they end."""

from dataclasses import replace
from typing import Final

from bot.engine.operators.house_results import Left, Prospect
from bot.engine.operators.results import Role
from bot.engine.results import CollectionRequest, HouseRequest, PaymentView, PayoutRequest
from bot.payments.house_lines import HouseFault
from bot.payments.money import Money
from bot.payments.parties import Destination, Way
from bot.payments.reasons import CAME_LATE
from bot.payments.states import PAYMENT_TERMINAL, PaymentState
from bot.screens.card_parts import ICONS
from bot.screens.foreign import Html, quoted
from bot.screens.formats import money, network_label
from bot.screens.operators.parts import (
    NAMELESS,
    Choice,
    Names,
    age,
    button,
    joined,
    note,
    phone_for,
    question,
    who,
    why_second,
)
from bot.screens.screen import Screen
from bot.screens.texts import Texts

OTHER_NETWORK: Final = "net-"  # what the choice of another network begins with; its place in the list follows
ONCE_MORE: Final = "again"  # the choice of paying what was paid lately
_MOST_NETWORKS: Final = 6


def sure_of_house(texts: Texts, asked: str, prospect: Prospect) -> Screen:
    """Asked before a payment of the house is ordered, with everything that it does."""
    draft = prospect.draft
    request, kind = draft.request, draft.kind
    lines = [
        texts(f"ops.house_sure_{kind}", amount=money(request.amount, texts.language), who=party(texts, request)),
        texts("ops.house_for", note=request.note),
    ]
    after = []
    if prospect.repeat is not None:
        ago, code = age(texts, prospect.repeat.ago), prospect.repeat.code
        waits = prospect.repeat.order is not None
        lines.append(
            texts("ops.house_repeat_waits", ago=ago) if waits else texts("ops.house_repeat", ago=ago, code=code)
        )
    if prospect.left is not None:
        after.append(texts("ops.house_left", left=money(prospect.left.payout, texts.language)))
        after.append(_promised(texts, prospect.left))
    elif kind == "payout":
        after.append(texts("ops.house_left_unknown"))
    if prospect.second.needed:
        after.append(why_second(texts, prospect.second))
    choices: list[Choice] = [(texts.plain(f"ops.house_yes_{kind}"), "yes", "success")]
    if prospect.repeat is not None:
        choices = [(texts.plain("ops.house_again"), ONCE_MORE, "danger")]
    choices += [
        (
            texts.plain("ops.house_network", network=network_label(_country(request), network)),
            f"{OTHER_NETWORK}{place}",
            None,
        )
        for place, network in enumerate(draft.networks[:_MOST_NETWORKS])
        if place > 0
    ]
    screen = question(texts, asked, joined(lines), joined(after), choices=choices)
    if prospect.repeat is None or prospect.repeat.order is None:
        return screen
    show = (button(texts, "ops.button_house_waits", "order", prospect.repeat.order, "show"),)
    return replace(screen, rows=(show, *screen.rows))


def house_fault(texts: Texts, fault: HouseFault, command: str, word: str) -> Screen:
    """Why a line cannot be taken, with the word that is wrong, and how the command is written."""
    return note(joined([texts(f"ops.house_fault_{fault}", word=word), texts(f"ops.usage_{command}")], gap="\n\n"))


def house_short(texts: Texts, missing: Money, left: Left) -> Screen:
    """The payout balance does not cover it: what is missing, and the next step, a transfer only where it would do."""
    said = money(missing, texts.language)
    if left.transfer:
        why = texts("ops.house_short", missing=said, transfer=left.transfer)
    else:
        why = texts("ops.house_short_fund", missing=said, deposit=money(left.deposit, texts.language))
    return note(joined([why, _promised(texts, left)]))


def _promised(texts: Texts, left: Left) -> Html:
    """What of the balance is for others already."""
    if left.promised.amount <= 0:
        return Html("")
    return texts("ops.house_promised", promised=money(left.promised, texts.language))


def house_card(texts: Texts, view: PaymentView, names: Names = NAMELESS, role: Role = Role.OPERATOR) -> Screen:
    """The card of a payment of the house, edited as it moves."""
    lines = [_title(texts, view, role), texts("ops.house_for", note=_request(view).note)]
    if view.reason is not None and view.state in PAYMENT_TERMINAL:
        lines.append(_reason(texts, view) if view.reason != CAME_LATE else texts("ops.house_came_late"))
    if view.with_a_person:
        lines.append(texts("ops.house_attention"))
    lines.append(texts("ops.house_asked", who=who(names, _request(view).asked_by), code=view.code))
    rows = [(button(texts, "ops.button_whole", "payment", view.code, "show"),)]
    if view.can_stop and role.may(Role.OPERATOR):
        rows.append((button(texts, "ops.house_stop", "house", view.code, "stop", style="danger"),))
    return Screen(text=joined(lines), rows=tuple(rows))


def why_stopped(texts: Texts, asked: str, view: PaymentView) -> Screen:
    """The reason is asked for before anything is taken back."""
    return question(texts, asked, joined([_title(texts, view), texts("ops.house_why_stop")], gap="\n\n"))


def house_too_late(texts: Texts) -> Screen:
    """What is on its way, or over, cannot be taken back."""
    return note(texts("ops.house_too_late"))


def house_outcome(texts: Texts, view: PaymentView, role: Role = Role.OPERATOR) -> Screen | None:
    """The new message when it has ended, because edits do not ring; None while it has not."""
    if view.state not in PAYMENT_TERMINAL:
        return None
    lines = [_title(texts, view, role)]
    number = view.payout_receipt or view.receipt
    if number is not None and view.state is PaymentState.COMPLETED:
        lines.append(texts("ops.house_receipt", number=number))
    if view.state is PaymentState.COMPLETED:
        key = "ops.house_paid_out" if isinstance(view.request, PayoutRequest) else "ops.house_collected"
        lines.append(texts(key))
        if view.reason == CAME_LATE:
            lines.append(texts("ops.house_came_late"))
    elif view.state is PaymentState.REVERSED:
        lines.append(texts("ops.house_undone"))
    else:
        if view.reason is not None:
            lines.append(_reason(texts, view))
        lines.append(texts("ops.house_nothing_moved"))
    lines.append(texts("ops.house_for", note=_request(view).note))
    return Screen(text=joined(lines), rows=((button(texts, "ops.button_whole", "payment", view.code, "show"),),))


def house_news(texts: Texts, view: PaymentView, key: str, role: Role = Role.OPERATOR) -> Screen:
    """Something on the way that operators should know: `delay`, `waits` for the balance, `reminder` of a prompt."""
    lines = [_title(texts, view, role), texts(f"ops.house_{key}", currency=view.pay.currency)]
    return Screen(text=joined(lines), rows=((button(texts, "ops.button_whole", "payment", view.code, "show"),),))


def house_state(texts: Texts, state: PaymentState) -> str:
    """Where a payment of the house stands, in two or three words."""
    return texts.plain(f"ops.house_state.{state}")


def party(texts: Texts, request: HouseRequest, role: Role = Role.OPERATOR) -> str:
    """Whom it is paid to or collected from, whole for whoever orders it: a wrong digit pays a stranger."""
    if isinstance(request, CollectionRequest):
        payer = request.payer
        return f"{payer.account_name}, {_phone(payer.phone, payer.country, payer.network, role)}"
    return f"{request.destination.name}, {_place(texts, request.destination, role)}"


def _title(texts: Texts, view: PaymentView, role: Role = Role.OPERATOR) -> Html:
    request = _request(view)
    return texts(
        "ops.house_title_payout" if isinstance(request, PayoutRequest) else "ops.house_title_collection",
        icon=ICONS[view.state],
        amount=money(view.pay, texts.language),
        who=party(texts, request, role),
        state=house_state(texts, view.state),
    )


def _reason(texts: Texts, view: PaymentView) -> Html:
    if view.reason_detail:
        return Html(f"{texts('ops.house_said')}\n{quoted(view.reason_detail)}")
    said = texts.plain(view.reason) if view.reason is not None and view.reason in texts else view.reason
    return texts("ops.payment_reason", reason=said)


def _request(view: PaymentView) -> HouseRequest:
    if view.house is None:
        raise TypeError("a customer's payment has cards of its own")
    return view.house


def _country(request: HouseRequest) -> str:
    return request.payer.country if isinstance(request, CollectionRequest) else request.destination.country


def whom(texts: Texts, to: Destination) -> str:
    """Where money goes, whole: a wrong digit pays a stranger."""
    return f"{to.name}, {_place(texts, to)}"


def _place(texts: Texts, to: Destination, role: Role = Role.OPERATOR) -> str:
    match to.way:
        case Way.PHONE:
            return _phone(to.phone or "", to.country, to.network, role)
        case Way.BANK:
            bank = to.bank_name or to.bank_code or ""
            return texts.plain("ops.house_bank", bank=bank, account=_account(to, role))
        case Way.TILL:
            return texts.plain("send.till", number=to.number or "")
        case Way.PAYBILL:
            return texts.plain("ops.house_paybill", number=to.number or "", account=_account(to, role))


def _account(to: Destination, role: Role) -> str:
    account = to.account or ""
    return account if role.may(Role.OPERATOR) else f"•••••{account[-3:]}"


def _phone(phone: str, country: str, network: str | None, role: Role) -> str:
    return f"{phone_for(role, phone)}, {network_label(country, network or '')}"
