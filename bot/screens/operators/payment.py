"""A payment with everything that operators may know: its figures, its transactions at the provider, its timeline."""

from datetime import datetime
from typing import Final

from bot.engine.operators.results import Happening, LegLine, PaymentFile, Role
from bot.payments.states import PAYMENT_TERMINAL
from bot.screens.card_parts import ICONS
from bot.screens.foreign import Html, escaped
from bot.screens.formats import money
from bot.screens.operators.house import house_state, party
from bot.screens.operators.parts import (
    NAMELESS,
    Names,
    age,
    button,
    joined,
    label_of,
    moment,
    named,
    note,
    page_row,
    phone_for,
    quote,
    state_name,
    who,
)
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

_CONFIRMED: Final = "confirmed"  # what the engine calls the cause of a payment's first event


def payment_screen(
    texts: Texts, file: PaymentFile, role: Role, *, lead: Html | None = None, names: Names = NAMELESS
) -> Screen:
    """The card; `role` decides which buttons stand below it."""
    blocks = [
        lead or Html(""),
        joined(_figures(texts, file, role, names)),
        *(joined(_leg(texts, leg)) for leg in file.legs),
        _timeline(texts, file),
    ]
    return Screen(text=joined(blocks, gap="\n\n"), rows=_rows(texts, file, role))


def payment_unknown(texts: Texts) -> Screen:
    """No payment has the reference that was typed, or that a button names."""
    return note(texts("ops.no_payment"))


def _figures(texts: Texts, file: PaymentFile, role: Role, names: Names) -> list[Html]:
    view, language = file.view, texts.language
    title = texts(
        "ops.payment",
        icon=ICONS[view.state],
        kind=texts.plain(f"places.do_{view.kind}"),
        code=view.code,
        state=state_name(texts, view.state) if view.house is None else house_state(texts, view.state),
    )
    figures = texts(
        "ops.payment_amounts",
        pay=money(view.pay, language),
        receive=money(view.receive, language),
        fee=money(view.fee, language),
    )
    lines = [title, figures, _times(texts, view.created_at, view.updated_at, view.ended_at)]
    if view.house is not None:
        lines.append(
            texts("ops.house_party", who=party(texts, view.house, role), asked=who(names, view.house.asked_by))
        )
        lines.append(texts("ops.house_for", note=view.house.note))
    elif file.phones:
        phones = Html(", ".join(f"<code>{escaped(phone_for(role, phone))}</code>" for phone in file.phones))
        lines.append(texts("ops.payment_customer", customer=file.customer, phones=phones))
    else:
        lines.append(texts("ops.payment_customer_alone", customer=file.customer))
    if view.reason is not None and view.state in PAYMENT_TERMINAL:
        said = texts.plain(view.reason) if view.reason in texts else view.reason
        lines.append(texts("ops.payment_reason", reason=said))
    if file.cases:
        concerns = ", ".join(named(texts, "concern", case.concern) for case in file.cases)
        lines.append(texts("ops.open_cases", concerns=concerns))
    return lines


def _times(texts: Texts, created: datetime, changed: datetime, ended: datetime | None) -> Html:
    if ended is None:
        return texts("ops.payment_times", created=moment(created), changed=moment(changed))
    return texts("ops.payment_ended", created=moment(created), ended=moment(ended), age=age(texts, ended - created))


def _leg(texts: Texts, leg: LegLine) -> list[Html]:
    head = texts(
        "ops.leg",
        kind=texts.plain(f"ops.legkind.{leg.kind}"),
        state=texts.plain(f"ops.legstate.{leg.state}"),
        amount=money(leg.amount, texts.language),
    )
    names = [texts("ops.leg_names", reference=leg.reference)]
    if leg.provider_id is not None:
        names.append(texts("ops.leg_provider", id=leg.provider_id))
    if leg.receipt is not None:
        names.append(texts("ops.leg_receipt", number=leg.receipt))
    if leg.tx_hash is not None:
        names.append(texts("ops.leg_hash", hash=leg.tx_hash))
    asked = {"sent": leg.submissions, "polls": leg.polls}
    if leg.due_at is None:
        return [head, *names, texts("ops.leg_asked", **asked)]
    return [head, *names, texts("ops.leg_due", time=f"{leg.due_at:%H:%M:%S}", **asked)]


def _timeline(texts: Texts, file: PaymentFile) -> Html:
    if not file.timeline:
        return texts("ops.timeline_empty")
    ours = file.view.house is not None
    lines = [
        texts("ops.line", time=f"{one.at:%d.%m. %H:%M:%S}", what=_happened(texts, one, ours=ours))
        for one in file.timeline
    ]
    return joined([texts("ops.timeline", page=file.page.number), *lines])


def _happened(texts: Texts, one: Happening, *, ours: bool) -> Html:
    """One line. `ours`: the payment is the house's, of which no customer confirms or is told anything."""
    leg = "" if one.leg is None else texts.plain(f"ops.legkind.{one.leg}")
    match one.source:
        case "event":
            said = _moved(texts, one, leg, ours=ours)
        case "callback":
            key = "ops.came" if one.after == "signed" else "ops.came_unsigned"
            said = texts(key, leg=leg, outcome=named(texts, "outcome", one.name))
        case "notice":
            what = named(texts, "notice", one.name)
            said = texts(
                "ops.told_team" if ours else "ops.told", what=what, state=named(texts, "said", one.after or "")
            )
        case "case":
            said = texts("ops.needs", concern=named(texts, "concern", one.name))
        case "resolved":
            said = texts("ops.resolved", concern=named(texts, "concern", one.name))
        case "action":
            said = texts("ops.acted", who=one.who, action=named(texts, "action", one.name))
    beside = []
    if one.words:
        beside.append(texts("ops.words", words=quote(one.words)))
    if one.note:
        beside.append(texts("ops.note", note=quote(one.note)) if one.source == "event" else quote(one.note))
    return Html("; ".join([said, *beside]))


def _moved(texts: Texts, one: Happening, leg: str, *, ours: bool) -> Html:
    cause = texts.plain("ops.cause_ordered") if ours and one.name == _CONFIRMED else named(texts, "cause", one.name)
    values = {"leg": leg, "after": named(texts, "legstate", one.after or ""), "cause": cause}
    if one.before is None:
        return texts("ops.began", **values)
    if one.before == one.after:
        return texts("ops.stayed", **values)
    return texts("ops.moved", before=named(texts, "legstate", one.before), **values)


def _rows(texts: Texts, file: PaymentFile, role: Role) -> tuple[tuple[Button, ...], ...]:
    code = file.view.code
    rows: list[tuple[Button, ...]] = []
    if role.may(Role.OPERATOR):
        rows += [(button(texts, f"ops.button_{verb}", "payment", code, verb, style="primary"),) for verb in file.can]
    for case in file.cases:
        label = f"⚠️ {named(texts, 'concern', case.concern)}"
        rows.append((Button(label_of(label), data=OperatorTap("case", case.id, "show").pack()),))
    around = [
        button(texts, "ops.button_refresh", "payment", code, "show"),
    ]
    if file.view.house is None:
        around.append(button(texts, "ops.button_customer", "customer", file.view.customer_id, "show"))
    if role.may(Role.OWNER):
        around.append(button(texts, "ops.button_raw", "payment", code, "raw"))
    rows.append(tuple(around))
    return (*rows, *page_row(texts, file.page, "payment", code, keys=("newer", "older")))
