"""What may still be moved today, told before it is typed; and why something cannot be confirmed, with the next step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.engine.allowances import Refusal
from bot.payments.allowances import Allowance, LimitScope, TooManyPrompts
from bot.payments.errors import PaymentError
from bot.payments.limits import LimitProblem
from bot.payments.money import Money, is_fiat
from bot.screens.foreign import Html
from bot.screens.formats import clock, money
from handlers.dialogue.amount_question import amount_option, limit_problem, unpacked_amount
from handlers.dialogue.destinations import destination_country
from handlers.dialogue.form import Option, Problem, Talk

AMOUNT: Final = "amount"  # the question of how much, in every form that has one
COUNTED: Final = frozenset({"buy", "sell", "send"})  # forms whose amount is the customer's choice
_HOW_MUCH: Final = frozenset({AMOUNT, "said_amount"})


class Withheld(PaymentError):
    """Something that may not be confirmed now, and that no other amount would help. `values` fill its sentence."""

    money_may_have_moved = False
    retry_safe = True

    def __init__(self, text_key: str, values: Mapping[str, object]) -> None:
        super().__init__(text_key)
        self.text_key = text_key  # type: ignore[misc] # one class for a handful of sentences
        self.values = values


def place_of_day(form: str, talk: Talk) -> tuple[str, str] | None:
    """The country whose day an amount of this form counts for, and its currency; None while that is not known."""
    country = (destination_country(talk) if form == "sell" else None) or talk.country
    return None if country is None else (country.iso2, country.currency)


def counted_amount(form: str, talk: Talk) -> tuple[Money, str, str] | None:
    """The amount that was answered, with the country and currency of the day that it counts for.

    None while any of it is open: what a sale of crypto counts for is known by where its money goes.
    """
    value, place = talk.answers.get(AMOUNT), place_of_day(form, talk)
    if form not in COUNTED or value is None or place is None:
        return None
    amount = unpacked_amount(value)
    if form == "sell" and not is_fiat(amount.currency) and destination_country(talk) is None:
        return None
    return amount, *place


def without_amount(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without how much, also as a line said it: it cannot be kept."""
    return {name: value for name, value in answers.items() if name not in _HOW_MUCH}


def amount_problem(refusal: LimitProblem | Allowance, talk: Talk) -> Problem:
    """An amount that is too much, with what is possible as a button."""
    if isinstance(refusal, LimitProblem):
        return limit_problem(refusal, talk)
    left = refusal.left.quantize_down()
    if is_used_up(refusal, talk):
        return Problem(_used_up_key(refusal), _values(refusal, talk))
    return Problem(refusal.text_key, _values(refusal, talk), (amount_option(left, talk),))


def too_much(amount: Money, day: Allowance, talk: Talk) -> Problem | None:
    """Why an amount is beyond what is left of the day; None where it is not, or is in another money."""
    if amount.currency != day.most.currency or amount.amount <= day.left.amount:
        return None
    return amount_problem(day, talk)


def within(options: tuple[Option, ...], day: Allowance) -> tuple[Option, ...]:
    """The suggested amounts that are still possible today."""
    return tuple(option for option in options if not _is_beyond(unpacked_amount(option.value), day))


def is_used_up(day: Allowance, talk: Talk) -> bool:
    """Whether nothing that is enough for a payment is left of the day."""
    limit = talk.offered.limits.get(day.most.currency)
    left = day.left.quantize_down().amount
    return left <= 0 or (limit is not None and left < limit.minimum)


def _used_up_key(day: Allowance) -> str:
    """Nothing is left, or less than one payment may be, which is another thing to the customer whose own limit it is."""
    little = day.left.quantize_down().amount > 0 and day.whose is not LimitScope.COUNTRY
    return "limit.day_little" if little else day.used_up_key


def left_line(day: Allowance, talk: Talk) -> Html:
    """What is left of the day, in one line."""
    key = _used_up_key(day) if is_used_up(day, talk) else day.left_key
    return talk.texts(key, **_values(day, talk))


def withheld(refusal: Refusal, talk: Talk) -> Withheld:
    """The same as an error, for a card without a question about the amount."""
    if isinstance(refusal, TooManyPrompts):
        return Withheld("limit.prompts", {"time": when(refusal.renews_at, talk)})
    if isinstance(refusal, LimitProblem | Allowance):
        problem = amount_problem(refusal, talk)
        return Withheld(problem.key, problem.values)
    return Withheld("limit.fee_changed", {})


def when(at: datetime, talk: Talk) -> str:
    """A time of the next hours on the customer's own clocks."""
    country = talk.person.country
    return f"{at:%H:%M} UTC" if country is None else clock(at, country, talk.texts.language)


def _is_beyond(amount: Money, day: Allowance) -> bool:
    return amount.currency == day.most.currency and amount.amount > day.left.amount


def _values(day: Allowance, talk: Talk) -> dict[str, object]:
    language, time = talk.texts.language, when(day.renews_at, talk)
    left = money(day.left.quantize_down(), language)
    if day.whose is LimitScope.COUNTRY:
        return {"left": left, "time": time}
    return {"left": left, "time": time, "most": money(day.most, language)}
