"""What somebody is offered who types our name and a few words in any chat: cards to post there, or how to ask for them."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.payments.money import Money
from bot.payments.request_lines import RequestLineProblem
from bot.payments.requests import Pricing, RequestView
from bot.screens.formats import money
from bot.screens.requests import asked_amount, posted_card
from bot.screens.screen import Button, Screen
from bot.screens.texts import Texts

SETUP: Final = "setup"  # what a link to the private chat carries for somebody who must say first where money goes
MOST_TITLE: Final = 64
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Offered:
    """One result: its name comes back when it is chosen, `screen` is what is posted then."""

    name: str
    title: str
    description: str
    screen: Screen


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """All results, and a button above them that leads to the private chat (`start` is what it carries)."""

    results: tuple[Offered, ...]
    button: str
    start: str


def request_results(texts: Texts, drafts: Sequence[tuple[str, RequestView]], *, link_of: str) -> InlineAnswer:
    """Requests as they would be posted, by the name of each. `link_of` is the address of a request without its code."""
    results = tuple(
        Offered(
            name=name,
            title=_title(texts, view),
            description=_description(texts, view),
            screen=posted_card(texts, view, link=link_of + view.code),
        )
        for name, view in drafts
    )
    return InlineAnswer(results, texts.plain("request.inline_open"), "inline")


def inline_help(texts: Texts, *, bot_username: str, problem: RequestLineProblem | None, currency: str) -> InlineAnswer:
    """A query that cannot be read: what is wrong with it, and an example. Choosing it posts who we are."""
    plain = {"currency": currency, "currencies": "", "word": "", "decimals": "", "token": ""}
    if problem is not None and problem.amount is not None:
        plain |= {
            "word": problem.amount.word or "",
            "currency": problem.amount.currency or currency,
            "currencies": ", ".join(problem.amount.currencies),
            "decimals": "" if problem.amount.decimals is None else str(problem.amount.decimals),
        }
    title = texts.plain("request.inline_help") if problem is None else _plainly(texts, problem.text_key, plain)
    return _about(texts, bot_username, title, texts.plain("request.inline_example"), "inline")


def inline_setup(texts: Texts, *, bot_username: str) -> InlineAnswer:
    """Somebody whose phone is not known yet: money could not reach them."""
    return _about(texts, bot_username, texts.plain("request.inline_setup"), texts.plain("request.inline_open"), SETUP)


def _about(texts: Texts, bot_username: str, title: str, description: str, start: str) -> InlineAnswer:
    button = Button(texts.plain("request.inline_open"), url=f"https://t.me/{bot_username}?start={start}")
    screen = Screen(text=texts("request.inline_about"), rows=((button,),))
    return InlineAnswer((Offered("about", title[:MOST_TITLE], description, screen),), button.text, start)


def _title(texts: Texts, view: RequestView) -> str:
    terms = view.terms
    amount = texts.plain("request.inline_any") if terms.pricing is Pricing.OPEN else asked_amount(texts, terms)
    if terms.price is not None:
        amount = money(Money(terms.price.amount, terms.currency), texts.language)
    if terms.most_uses == 1:
        return texts.plain("request.inline_once", amount=amount)
    if terms.most_uses is None:
        return texts.plain("request.inline_many", amount=amount)
    return texts.plain("request.inline_times", amount=amount, times=terms.most_uses)


def _description(texts: Texts, view: RequestView) -> str:
    title = view.terms.title
    return texts.plain("request.inline_tap", title=title) if title else texts.plain("request.inline_tap_untitled")


def _plainly(texts: Texts, key: str, values: dict[str, str]) -> str:
    """A sentence of the chat where no markup can stand."""
    return html.unescape(_TAG.sub("", texts(key, **values)))
