"""What notices about payment requests look like at the moment they are sent, and which others are left unsaid.

A payment that was made on the provider's page, or on a phone that was asked, has nobody in Telegram who pays it: its card
and outcome are for nobody, and the maker is told of it in the words of a maker.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from bot.drawing import Renderers
from bot.engine.clock import Clock
from bot.engine.looking import Payments
from bot.engine.requests import Posted, Requests
from bot.payments.requests import CardRole, RequestView, as_of, why_not
from bot.screens.links import LinkCheck
from bot.screens.qr import link_qr_png
from bot.screens.request_news import news_message
from bot.screens.requests import asked_amount, maker_card, payer_card, posted_card, request_link, share_card
from bot.screens.screen import Screen
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts, Rendered, Renderer

SLOT = "r:"


def with_requests(
    others: Renderers,
    requests: Requests,
    payments: Payments,
    clock: Clock,
    *,
    links: LinkCheck,
    bot_username: Callable[[], str],
) -> Renderers:
    """All renderers: those of requests, and `others`, which keep silent where there is nobody to be told.

    `links` says which pages on the web a customer may be sent to.
    """
    drawing = _Drawing(requests, payments, clock, links, bot_username)
    told = {kind: drawing.unless_elsewhere(kind, render) for kind, render in others.items()}
    ours = {"request_card": drawing.card, "request_news": drawing.news, "request_share": drawing.share}
    return MappingProxyType(told | ours)


class _Drawing:
    def __init__(
        self,
        requests: Requests,
        payments: Payments,
        clock: Clock,
        links: LinkCheck,
        bot_username: Callable[[], str],
    ) -> None:
        self._links = links
        self._requests = requests
        self._payments = payments
        self._clock = clock
        self._bot_username = bot_username

    async def card(self, facts: NoticeFacts) -> Rendered | None:
        """A request where it stands: for its maker, for whoever opened it, in a group, or inline."""
        found = await self._requests.card((facts.slot or "").removeprefix(SLOT), facts.chat_id)
        if found is None:
            return None
        view, posted = found
        payload = facts.payload or {}
        screen = self._screen(view, posted, reminds=bool(payload.get("reminds")))
        inline = posted.inline_message_id
        return Rendered(screen, fresh=bool(payload.get("fresh")) and inline is None, inline=inline)

    async def news(self, facts: NoticeFacts) -> Rendered | None:
        """How a payment on a request stands, for its maker."""
        if facts.payment_id is None:
            return None
        news, view = await self._requests.news(facts.payment_id), await self._payments.view(facts.payment_id)
        if news is None or view is None:
            return None
        screen = news_message(catalogue(news.request.language), news, view)
        fresh = facts.payload is not None and bool(facts.payload.get("fresh"))
        return None if screen is None else Rendered(screen, fresh=fresh)

    async def share(self, facts: NoticeFacts) -> Rendered | None:
        """What the maker passes on, with the code to scan."""
        view = None if facts.payload is None else await self._requests.view(str(facts.payload["request"]))
        if view is None:
            return None
        texts, link = catalogue(view.language), self._link(view)
        title = view.terms.title or view.maker
        picture = await asyncio.to_thread(link_qr_png, link, title, asked_amount(texts, view.terms))
        return Rendered(share_card(texts, view, link=link), picture)

    def unless_elsewhere(self, kind: str, render: Renderer) -> Renderer:
        """A renderer for the payer of a payment, silent where the payer is not in Telegram."""
        if not kind.startswith("payment_"):
            return render

        async def told(facts: NoticeFacts) -> Rendered | None:
            if facts.payment_id is None or not await self._requests.paid_elsewhere(facts.payment_id):
                return await render(facts)
            asked_for = facts.payload is not None and bool(facts.payload.get("fresh"))
            return await self.news(facts) if asked_for else None

        return told

    def _screen(self, view: RequestView, posted: Posted, *, reminds: bool) -> Screen:
        now = self._clock()
        texts, view = catalogue(posted.language), as_of(view, now)
        match posted.role:
            case CardRole.MAKER:
                return maker_card(catalogue(view.language), view, link=self._link(view))
            case CardRole.PAYER:
                shown = view.link_url is not None and self._links(view.link_url)
                view = view if shown else replace(view, link_url=None)
                fault = why_not(view, now)
                return payer_card(texts, view, fault=fault, paid=posted.paid, reminds=reminds)
            case CardRole.GROUP | CardRole.INLINE:
                return posted_card(texts, view, link=self._link(view), reminds=reminds)

    def _link(self, view: RequestView) -> str:
        return request_link(self._bot_username(), view.code)
