"""Limits and fees as operators see them, and the card that asks before one is changed: before, after, what it means."""

from collections.abc import Mapping
from decimal import Decimal

from bot.engine.operators.results import CustomerFile, Role
from bot.payments.allowances import Bounds, LimitScope, Spot
from bot.payments.fees import CHARGED, NO_FEE, Fee, Fees, fee_on
from bot.payments.limits import Limit
from bot.payments.money import Money
from bot.payments.states import PaymentKind
from bot.screens.foreign import Html
from bot.screens.formats import amount, money, percent
from bot.screens.operators.parts import Choice, joined, question, scope_name
from bot.screens.places import country_name
from bot.screens.screen import Screen
from bot.screens.texts import Texts


def limits_screen(
    texts: Texts, payment: Mapping[str, Limit], rules: Mapping[Spot, Bounds], used: Mapping[Spot, Money], role: Role
) -> Screen:
    """Every limit: `payment` are those of one payment that hold now, `rules` are what was set by command.

    How one is changed is told to those who may.
    """
    here = {spot.currency for spot in rules if spot.scope is LimitScope.PAYMENT}
    single = [
        _line(texts, currency, bounds_text(texts, currency, Bounds(limit.minimum, limit.maximum)), currency in here)
        for currency, limit in payment.items()
    ]
    days = [
        _line(texts, spot.currency, bounds_text(texts, spot.currency, bounds), True)
        for spot, bounds in rules.items()
        if spot.scope is LimitScope.DAY
    ]
    countries = [
        texts(
            "ops.limits_used",
            what=country_name(spot.subject, texts.language),
            limit=bounds_text(texts, spot.currency, bounds),
            used=money(used[spot], texts.language),
        )
        for spot, bounds in rules.items()
        if spot.scope is LimitScope.COUNTRY
    ]
    none = [texts("ops.limits_none")]
    parts = [
        joined([texts("ops.limits_payment"), *single]),
        joined([texts("ops.limits_day"), *(days or none)]),
        joined([texts("ops.limits_country"), *(countries or none)]),
        _how(texts, "limits", role),
    ]
    return Screen(text=joined(parts, gap="\n\n"))


def customer_limits_screen(
    texts: Texts,
    file: CustomerFile,
    own: Mapping[str, Bounds],
    general: Mapping[Spot, Bounds],
    used: Mapping[Spot, Money],
    role: Role,
) -> Screen:
    """What one customer may move in a day, and what they moved today."""
    lines = []
    for spot, moved in used.items():
        mine = own.get(spot.currency)
        rule = mine or general.get(Spot(LimitScope.DAY, "*", spot.currency))
        limit = texts.plain("ops.limits_unset") if rule is None else bounds_text(texts, spot.currency, rule)
        key = "ops.limits_of_everybody" if mine is None else "ops.limits_own"
        lines.append(texts(key, limit=limit, used=money(moved, texts.language)))
    head = texts("ops.limits_customer", customer=file.telegram_id)
    body = joined(lines) if lines else texts("ops.limits_none")
    return Screen(text=joined([head, body, _how(texts, "limit", role)], gap="\n\n"))


def fees_screen(texts: Texts, fees: Fees, set_here: Fees, role: Role) -> Screen:
    """What is charged now, by journey and currency."""
    lines = [
        _line(texts, f"{scope_name(texts, str(kind))}, {currency}", fee_text(texts, currency, fee), key in set_here)
        for key, fee in sorted(fees.items())
        for kind, currency in [key]
    ]
    body = joined([texts("ops.fees"), *(lines or [texts("ops.fees_none")])])
    return Screen(text=joined([body, _how(texts, "fees", role)], gap="\n\n"))


def sure_limit(texts: Texts, asked: str, spot: Spot, named: str | None, before: Html, after: Html) -> Screen:
    """Asked before a limit is changed."""
    said = texts("ops.sure_limit", what=spot_name(texts, spot, named), before=before, after=after)
    yes: Choice = (texts.plain("ops.button_yes"), "yes", "danger")
    return question(texts, asked, said, choices=[yes])


def sure_fee(
    texts: Texts, asked: str, kind: PaymentKind, currency: str, before: Html, after: Html, fee: Fee, example: Money
) -> Screen:
    """Asked before a fee is changed, with what it comes to on an `example`."""
    charged = fee_on(example, kind, {(kind, currency): fee})
    parts = (
        texts("ops.sure_fee", what=fee_name(texts, kind, currency), before=before, after=after),
        texts("ops.fee_example", amount=money(example, texts.language), fee=money(charged, texts.language)),
    )
    yes: Choice = (texts.plain("ops.button_yes"), "yes", "danger")
    return question(texts, asked, *parts, choices=[yes])


def spot_name(texts: Texts, spot: Spot, named: str | None) -> str:
    """What a limit is about."""
    match spot.scope:
        case LimitScope.PAYMENT:
            return texts.plain("ops.limit_of_payment", currency=spot.currency)
        case LimitScope.DAY:
            return texts.plain("ops.limit_of_day", currency=spot.currency)
        case LimitScope.COUNTRY:
            country = country_name(spot.subject, texts.language)
            return texts.plain("ops.limit_of_country", country=country, currency=spot.currency)
        case LimitScope.CUSTOMER:
            return texts.plain("ops.limit_of_customer", customer=named or "–", currency=spot.currency)


def fee_name(texts: Texts, kind: PaymentKind, currency: str) -> str:
    """What a fee is charged on."""
    return texts.plain("ops.fee_of", journey=scope_name(texts, str(kind)), currency=currency)


def limit_told(texts: Texts, spot: Spot, bounds: Bounds | None, default: Bounds | None) -> Html:
    """A limit on a card: as it is set, as the settings say, or none."""
    if bounds is not None:
        return texts("ops.tariff_value", value=bounds_text(texts, spot.currency, bounds))
    if default is not None:
        return texts("ops.tariff_default", value=bounds_text(texts, spot.currency, default))
    return texts("ops.tariff_value", value=texts.plain("ops.limits_unset"))


def fee_told(texts: Texts, currency: str, fee: Fee | None, default: Fee) -> Html:
    """A fee on a card: as it is set, or as the settings say."""
    if fee is not None:
        return texts("ops.tariff_value", value=fee_text(texts, currency, fee))
    return texts("ops.tariff_default", value=fee_text(texts, currency, default))


def bounds_text(texts: Texts, currency: str, bounds: Bounds) -> str:
    """ "500 – 250,000 KES", or "100,000 KES"."""
    most = money(Money(bounds.most, currency), texts.language)
    return most if bounds.least is None else f"{amount(bounds.least, texts.language)} – {most}"


def fee_text(texts: Texts, currency: str, fee: Fee) -> str:
    """ "1% + 10 KES"."""
    parts = [percent(fee.percent, texts.language)] if fee.percent else []
    if fee.fixed or not parts:
        parts.append(money(Money(fee.fixed, currency), texts.language))
    return " + ".join(parts)


def example_of(currency: str, limits: Mapping[str, Limit]) -> Money:
    """An amount that a fee is explained by: ten times the least of one payment."""
    limit = limits.get(currency)
    return Money(Decimal(1000) if limit is None else limit.minimum * 10, currency)


def charged_kinds() -> str:
    """The journeys that can carry a fee of ours, as they are written in the command."""
    return ", ".join(str(kind) for kind in CHARGED)


def default_fee(fees: Fees, kind: PaymentKind, currency: str) -> Fee:
    """What the settings charge."""
    return fees.get((kind, currency), NO_FEE)


def _how(texts: Texts, command: str, role: Role) -> Html:
    """How a limit or fee is changed, for owners: nobody else may."""
    return texts(f"ops.usage_{command}") if role.may(Role.OWNER) else Html("")


def _line(texts: Texts, what: str, value: str, here: bool) -> Html:
    return texts("ops.limits_line_here" if here else "ops.limits_line", what=what, value=value)
