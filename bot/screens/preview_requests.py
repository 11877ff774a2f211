"""Every screen about payment requests, for the preview page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from bot.payments.parties import Destination, Way
from bot.payments.request_lines import RequestLineFault, RequestLineProblem
from bot.payments.requests import (
    LinkState,
    Pricing,
    RequestFault,
    RequestNews,
    RequestState,
    RequestView,
    Terms,
    UseState,
    UseWay,
)
from bot.payments.states import PaymentState
from bot.screens.group_requests import group_problem, group_setup
from bot.screens.inline import InlineAnswer, inline_help, inline_setup, request_results
from bot.screens.preview_orders import Sample
from bot.screens.request_news import news_message
from bot.screens.requests import (
    maker_card,
    payer_card,
    posted_card,
    request_draft,
    request_fault,
    request_link,
    requests_list,
    share_card,
)
from bot.screens.sample_orders import sample_send
from bot.screens.samples import NOW
from bot.screens.texts import Texts

_BOT: Final = "assistant_bot"
_CODE: Final = "q7Rz_0aB-9LmTx2c"
LUNCH: Final = Terms("KES", Pricing.FIXED, amount=Decimal(1500), title="Lunch at Java's", most_uses=10)
VIEW: Final = RequestView(
    id="sample",
    code=_CODE,
    customer_id="maker",
    chat_id=1,
    state=RequestState.OPEN,
    terms=LUNCH,
    maker="Jane W.",
    destination=Destination(Way.PHONE, "KE", "KES", "Jane Wanjiru", phone="+254712345678", network="MPESA", own=True),
    uses_reserved=1,
    uses_paid=3,
    expires_at=NOW + timedelta(days=7),
    link_url="https://pay.kotanipay.com/l/abc123",
    link_state=LinkState.MADE,
    language="en",
    revision=4,
    created_at=NOW,
    payers=("Amina H.", "Otieno O.", "Zuri A."),
)
RANGE: Final = replace(
    LUNCH, pricing=Pricing.RANGE, amount=None, minimum=Decimal(500), maximum=Decimal(2000), most_uses=None
)
PACKAGES: Final = replace(
    LUNCH, pricing=Pricing.PACKAGES, amount=None, packages=(("Adult", Decimal(1000)), ("Child", Decimal(400)))
)
FREE: Final = replace(LUNCH, pricing=Pricing.OPEN, amount=None, title="", most_uses=1)


def request_samples(texts: Texts) -> Iterator[Sample]:
    """Requests where they stand, what makers are told, and what is offered inline and said in groups."""
    link = request_link(_BOT, _CODE)
    for state in RequestState:
        view = replace(VIEW, state=state, uses_reserved=0 if state is RequestState.USED_UP else 1)
        yield Sample(f"request: {state}, maker", maker_card(texts, view, link=link))
        yield Sample(f"request: {state}, posted", posted_card(texts, view, link=link))
    for terms in (LUNCH, RANGE, PACKAGES, FREE):
        view = replace(VIEW, terms=terms, uses_paid=0, uses_reserved=0, payers=())
        yield Sample(f"request: {terms.pricing}, opened", payer_card(texts, view, fault=None))
        yield Sample(f"request: {terms.pricing}, draft", request_draft(texts, terms, maker="Jane W."))
    yield Sample("request, paid by who looks", payer_card(texts, VIEW, fault=RequestFault.ALL_TAKEN, paid=True))
    yield Sample("request, reminder", posted_card(texts, VIEW, link=link, reminds=True))
    yield Sample("request, to share", share_card(texts, VIEW, link=link))
    for fault in (RequestFault.CLOSED, RequestFault.EXPIRED, RequestFault.USED_UP, RequestFault.ALL_TAKEN):
        yield Sample(f"request: {fault}", payer_card(texts, VIEW, fault=fault))
    yield Sample("request, unknown link", request_fault(texts, RequestFault.UNKNOWN))
    yield Sample("requests", requests_list(texts, [VIEW, replace(VIEW, terms=FREE, state=RequestState.CLOSED)]))
    yield Sample("requests, none", requests_list(texts, []))
    yield from _news(texts)
    yield from _elsewhere(texts)


def _news(texts: Texts) -> Iterator[Sample]:
    """What the maker is told of a payment."""
    told = (
        (UseWay.CHAT, UseState.PAID, PaymentState.DELIVERING),
        (UseWay.PAGE, UseState.PAID, PaymentState.COMPLETED),
        (UseWay.CHAT, UseState.PAID, PaymentState.REVERSED),
        (UseWay.PAGE, UseState.LATE, PaymentState.REFUNDING),
        (UseWay.CHAT, UseState.RETURNED, PaymentState.REFUNDED),
        (UseWay.PUSH, UseState.RESERVED, PaymentState.AWAITING_PAYMENT),
        (UseWay.PUSH, UseState.RELEASED, PaymentState.FAILED),
    )
    for way, use, state in told:
        payer = "Amina H." if way is UseWay.CHAT else None
        screen = news_message(texts, RequestNews(VIEW, way, use, payer), sample_send(state))
        assert screen is not None
        yield Sample(f"request news: {way}, {use}, {state}", screen)


def _elsewhere(texts: Texts) -> Iterator[Sample]:
    """Inline and in groups."""
    many = replace(VIEW, terms=replace(LUNCH, most_uses=None), uses_paid=0, uses_reserved=0, payers=())
    answers: tuple[tuple[str, InlineAnswer], ...] = (
        ("results", request_results(texts, [("o.x", VIEW), ("m.x", many)], link_of=request_link(_BOT, ""))),
        ("help", inline_help(texts, bot_username=_BOT, problem=None, currency="KES")),
        ("setup", inline_setup(texts, bot_username=_BOT)),
    )
    for name, answer in answers:
        for place, offered in enumerate(answer.results):
            yield Sample(f"inline {name} {place}: {offered.title} ({offered.description})", offered.screen)
    yield Sample("group, not set up", group_setup(texts, called="Jane", bot_username=_BOT))
    for fault in (RequestLineFault.NO_AMOUNT, RequestLineFault.NO_PEOPLE, RequestLineFault.NOT_FIAT):
        problem = RequestLineProblem(fault)
        yield Sample(f"group: {fault}", group_problem(texts, called="Jane", problem=problem, currency="KES"))
