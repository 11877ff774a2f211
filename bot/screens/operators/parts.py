"""What the operators' cards share: times, ages, names of what the engine has words for, rows of buttons, usage lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.engine.operators.results import Page, Role
from bot.engine.results import PaymentView
from bot.payments.approval import Second
from bot.payments.money import Money
from bot.payments.pauses import EVERYTHING
from bot.payments.states import PaymentState
from bot.payments.wrong_words import WrongWord
from bot.screens.card_parts import ICONS
from bot.screens.foreign import Html, escaped
from bot.screens.formats import masked, money, whole_phone
from bot.screens.places import country_name
from bot.screens.screen import Button, Screen, Style
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

Choice = tuple[str, str, Style | None]  # of a question: label, what it says when it is tapped, style
Names = Mapping[int, str]  # what operators are called, by their ids
NAMELESS: Final[Names] = MappingProxyType({})
FIRST: Final = "1"
LONGEST_NOTE: Final = 120
_LONGEST_LABEL: Final = 40


def label_of(text: str) -> str:
    """The label of a button, cut where a narrow phone shows no more."""
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def usage(texts: Texts, command: str) -> Screen:
    """How a command is written, with an example."""
    return Screen(text=texts(f"ops.usage_{command}"))


def wrong_word(texts: Texts, command: str, found: WrongWord) -> Screen:
    """Which word behind a command is wrong and why, then how it is written."""
    names = {name: money(one, texts.language) if isinstance(one, Money) else one for name, one in found.names.items()}
    why = texts(f"ops.wrong.{found.why}", word=escaped(found.word, longest=_LONGEST_LABEL), **names)
    return Screen(text=joined([why, texts(f"ops.usage_{command}")], gap="\n\n"))


def needs_role(texts: Texts, needs: Role, own: Role) -> Html:
    """That something takes another role than theirs."""
    return texts("ops.needs_role", role=texts.plain(f"ops.role.{needs}"), own=texts.plain(f"ops.role.{own}"))


def note(text: Html) -> Screen:
    """One sentence and no buttons."""
    return Screen(text=text)


def joined(parts: Iterable[Html | str], *, gap: str = "\n") -> Html:
    """Lines below each other; empty ones are left out."""
    return Html(gap.join(part for part in parts if part))


def named(texts: Texts, space: str, word: str) -> str:
    """What we call a word of the engine's; one that has no name here is shown as it is."""
    key = f"ops.{space}.{word}"
    return texts.plain(key) if key in texts else word


def who(names: Names, telegram_id: int) -> str:
    """An operator by name, where we know one, and always by number: names can be chosen."""
    name = names.get(telegram_id)
    return str(telegram_id) if name is None else f"{name} ({telegram_id})"


def state_name(texts: Texts, state: PaymentState) -> str:
    """Where a payment stands, in two or three words."""
    return texts.plain(f"history.state.{state}")


def scope_name(texts: Texts, scope: str) -> str:
    """A part of the business: everything, a journey, a country."""
    if scope == EVERYTHING or scope.islower():
        return named(texts, "scope", scope)
    return country_name(scope, texts.language)


def about_scope(texts: Texts, key: str, scope: str) -> Html:
    """A whole sentence about a part of the business: `ops.<key>.<part>`, where the part may be a country."""
    if scope == EVERYTHING or scope.islower():
        return texts(f"ops.{key}.{scope}")
    return texts(f"ops.{key}.country", country=country_name(scope, texts.language))


def moment(at: datetime) -> str:
    """A time as operators of all countries read it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def age(texts: Texts, spell: timedelta) -> str:
    """How long something lasted, in its one largest unit."""
    seconds = max(0, int(spell.total_seconds()))
    for most, unit, key in (
        (120, 1, "ops.seconds"),
        (7_200, 60, "ops.minutes"),
        (172_800, 3_600, "ops.hours"),
    ):
        if seconds < most:
            return texts.plain(key, count=seconds // unit)
    return texts.plain("ops.days", count=seconds // 86_400)


def button(
    texts: Texts, key: str, kind: str, record: str, action: str, *, style: Style | None = None, **values: object
) -> Button:
    """A button of a card."""
    label = label_of(texts.plain(key, **values))
    return Button(label, data=OperatorTap(kind, record, action).pack(), style=style)


def phone_for(role: Role, e164: str) -> str:
    """A phone number for somebody of this role: whole where it is worked with, else its last three digits."""
    return whole_phone(e164) if role.may(Role.OPERATOR) else masked(e164)


def page_row(
    texts: Texts, page: Page, kind: str, record: str, *, keys: tuple[str, str] = ("previous", "next")
) -> tuple[tuple[Button, ...], ...]:
    """The way to the pages around this one, where there are any."""
    back, on = keys
    row = []
    if page.number > 1:
        row.append(button(texts, f"ops.button_{back}", kind, record, f"page-{page.number - 1}"))
    if page.more:
        row.append(button(texts, f"ops.button_{on}", kind, record, f"page-{page.number + 1}"))
    return (tuple(row),) if row else ()


def payment_button(view: PaymentView, texts: Texts) -> Button:
    """The way to a payment's card."""
    label = f"{ICONS[view.state]} {view.code} · {money(view.receive, texts.language)}"
    return Button(label_of(label), data=OperatorTap("payment", view.code, "show").pack())


def question(texts: Texts, asked: str, *parts: Html, choices: Sequence[Choice] = ()) -> Screen:
    """A question with buttons; `asked` is its id. The last way out is always to do nothing."""
    rows = [
        (Button(label_of(label), data=OperatorTap("ask", asked, choice).pack(), style=style),)
        for label, choice, style in choices
    ]
    never = (button(texts, "ops.button_never_mind", "ask", asked, "no"),)
    return Screen(text=joined(parts, gap="\n\n"), rows=(*rows, never))


def why_second(texts: Texts, second: Second) -> Html:
    """That somebody else must approve it, and the sum that makes it so where the amount by itself does not."""
    if second.together is None:
        return texts("ops.sure_second")
    return texts("ops.second_together", together=money(second.together, texts.language))


def quote(text: str) -> Html:
    """A note of the engine's, or the provider's words, on one line of their own."""
    return Html(f"<i>{escaped(text, longest=LONGEST_NOTE)}</i>")
