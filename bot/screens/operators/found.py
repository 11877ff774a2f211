"""What a search led to: payments, customers, and what passed between the house and a number. Phones are masked: it is a list."""

from collections.abc import Sequence
from typing import Final

from bot.engine.operators.results import CustomerFile, Dealings, Found, FoundOfHouse, FoundRow, InFile
from bot.engine.results import CollectionRequest
from bot.screens.card_parts import ICONS
from bot.screens.foreign import Html
from bot.screens.formats import masked, money
from bot.screens.operators.house import house_state
from bot.screens.operators.parts import joined, moment, named, note, page_row, payment_button
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

_MOST: Final = 8
_Rows = Sequence[tuple[Button, ...]]


def found_screen(texts: Texts, words: str, found: Found) -> Screen:
    """Everything that is known by `words`."""
    if not found.payments and not found.customers and not found.house:
        return note(texts("ops.found_none", words=words))
    lines = [texts("ops.found", words=words)]
    rows: list[tuple[Button, ...]] = []
    for one in found.payments[:_MOST]:
        view = one.view
        lines.append(
            texts(
                "ops.found_payment",
                icon=ICONS[view.state],
                code=view.code,
                pay=money(view.pay, texts.language),
                receive=money(view.receive, texts.language),
                time=moment(view.created_at),
                how=named(texts, "how", one.how),
            )
        )
        rows.append((payment_button(view, texts),))
    for customer in found.customers[:_MOST]:
        phone = "–" if customer.phone is None else masked(customer.phone)
        lines.append(texts("ops.found_customer", customer=customer.telegram_id, phone=phone))
        rows.append((_customer_button(customer),))
    blocks = [joined(lines)]
    for theirs in found.house:
        block, below = _dealings(texts, theirs)
        blocks.append(block)
        rows += below
    return Screen(text=joined(blocks, gap="\n\n"), rows=tuple(rows))


def dealings_screen(texts: Texts, found: Dealings) -> Screen:
    """A page of what passed between the house and a number, by itself."""
    block, rows = _dealings(texts, found)
    return Screen(text=block, rows=tuple(rows))


def _dealings(texts: Texts, found: Dealings) -> tuple[Html, _Rows]:
    lines = [texts("ops.found_house", phone=masked(found.phone), page=found.page.number)]
    rows: dict[str, tuple[Button, ...]] = {}  # by where they lead: a file may have several rows of one number
    for one in found.items:
        if isinstance(one, FoundRow):
            lines.append(_row(texts, one))
            file = one.place.code
            rows[file] = (Button(f"📄 {file}", data=OperatorTap("bulk", file, "show").pack()),)
        else:
            lines.append(_payment(texts, one))
            rows[one.view.code] = (payment_button(one.view, texts),)
    return joined(lines), (*rows.values(), *page_row(texts, found.page, "found", found.key, keys=("newer", "older")))


def _payment(texts: Texts, one: FoundOfHouse) -> Html:
    view, request = one.view, one.view.house
    collected = isinstance(request, CollectionRequest)
    said = texts(
        "ops.found_collection" if collected else "ops.found_payout",
        icon=ICONS[view.state],
        code=view.code,
        amount=money(view.pay, texts.language),
        state=house_state(texts, view.state),
        time=moment(view.created_at),
    )
    return said if one.place is None else _placed(texts, said, one.place)


def _row(texts: Texts, one: FoundRow) -> Html:
    status = "left_out" if one.left_out else "not_begun"
    said = texts(
        "ops.found_row",
        amount=money(one.amount, texts.language),
        state=texts.plain(f"ops.bulk_status.{status}"),
        time=moment(one.made_at),
    )
    return _placed(texts, said, one.place)


def _placed(texts: Texts, said: Html, place: InFile) -> Html:
    return texts("ops.found_in_file", what=said, file=place.code, line=place.line)


def _customer_button(customer: CustomerFile) -> Button:
    return Button(f"👤 {customer.telegram_id}", data=OperatorTap("customer", customer.id, "show").pack())
