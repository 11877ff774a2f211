"""Asking for money: a request is made, shown wherever it was posted, and changed by nobody but its maker.

Everything is staged on the effects of an update. A request pays out to its maker's own phone, which must be known before
one can be made; what it takes to pay one stands in `bot.engine.request_paying`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.outbox import NOTICE_PAYLOAD, notice_row, write_notice_rows
from bot.engine.request_rows import PAYER, inline_chat, request_row, view_from
from bot.engine.request_uses import card_notice, tell_cards
from bot.engine.wakes import Wakes
from bot.payments.catalogue.countries import country_of
from bot.payments.identifiers import new_id
from bot.payments.parties import Destination, Way
from bot.payments.phones import network_of
from bot.payments.requests import (
    LIFE,
    CardRole,
    LinkState,
    RequestNews,
    RequestState,
    RequestView,
    Terms,
    UseState,
    UseWay,
)
from storage.crypto import Keyring
from storage.database import Database
from storage.request_tables import PaymentRequest
from storage.requests import (
    add_card,
    add_request,
    card_in,
    cards_of,
    change_request,
    chats_that_paid,
    made_since,
    may_remind,
    page_ends,
    request_by_code,
    request_by_id,
    request_record,
    requests_of,
    use_of,
)

A_DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 100
QUIET: Final = timedelta(hours=1)  # between two reminders
_CHANGEABLE: Final = (RequestState.OPEN, RequestState.EXPIRED, RequestState.USED_UP)
_A_MOMENT: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a card of a request stands. `inline_message_id` is that of a message posted in inline mode.

    `paid` is true where somebody in this chat pays it, or has paid.
    """

    chat_id: int
    role: CardRole
    language: str
    inline_message_id: str | None = None
    paid: bool = False


class Reminder(StrEnum):
    """Whether somebody can be reminded of a request now."""

    GOES = "goes"
    LATELY = "lately"  # that was done less than an hour ago
    NOBODY = "nobody"  # it stands nowhere, or everybody who opened it has paid
    OVER = "over"


class Requests:
    """The maker's verbs, and reading for cards."""

    def __init__(
        self, database: Database, keyring: Keyring, clock: Clock, wakes: Wakes, *, environment: str, pages: bool
    ) -> None:
        """`pages`: whether the provider is asked for a page where a request can be paid without Telegram."""
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
        self._pages = pages

    # reading

    async def view(self, request_id: str) -> RequestView | None:
        """One request."""

        def read(session: Session) -> RequestView | None:
            return self._view(session, request_by_id(session, request_id))

        return await self._database.read(read)

    async def by_code(self, code: str) -> RequestView | None:
        """The request that a link carries the code of."""

        def read(session: Session) -> RequestView | None:
            return self._view(session, request_by_code(session, code))

        return await self._database.read(read)

    async def recent(self, customer_id: str, limit: int = 5) -> list[RequestView]:
        """A maker's newest requests, newest first."""

        def read(session: Session) -> list[RequestView]:
            rows = requests_of(session, customer_id, limit=limit)
            return [view for row in rows if (view := self._view(session, row)) is not None]

        return await self._database.read(read)

    async def just_made(self, customer_id: str) -> bool:
        """Whether a maker made a request a moment ago: most likely a second tap on the same Confirm comes in then."""
        newest = await self.recent(customer_id, limit=1)
        return bool(newest) and self._clock() < newest[0].created_at + _A_MOMENT

    async def card(self, request_id: str, chat_id: int) -> tuple[RequestView, Posted] | None:
        """A request and the card of it that stands in a chat."""

        def read(session: Session) -> tuple[RequestView, Posted] | None:
            view, card = self._view(session, request_by_id(session, request_id)), card_in(session, request_id, chat_id)
            if view is None or card is None:
                return None
            paid = card.chat_id in chats_that_paid(session, request_id) if card.role == CardRole.PAYER else False
            return view, Posted(card.chat_id, CardRole(card.role), card.language, card.inline_message_id, paid=paid)

        return await self._database.read(read)

    async def news(self, payment_id: str) -> RequestNews | None:
        """How a payment on a request stands; None when it is not one."""

        def read(session: Session) -> RequestNews | None:
            use = use_of(session, payment_id)
            view = None if use is None else self._view(session, request_by_id(session, use.request_id))
            if use is None or view is None:
                return None
            named = None if use.payer_sealed is None else self._keyring.open(use.payer_sealed, context=PAYER)
            return RequestNews(view, UseWay(use.way), UseState(use.state), named)

        return await self._database.read(read)

    async def paid_elsewhere(self, payment_id: str) -> bool:
        """Whether a payment is one on a request whose payer is not in Telegram: paid on the page, or a phone was asked."""
        use = await self._database.read(lambda session: use_of(session, payment_id))
        return use is not None and use.way != UseWay.CHAT

    async def reminder(self, view: RequestView) -> Reminder:
        """Whether a reminder would reach somebody now."""
        now = self._clock()

        def read(session: Session) -> Reminder:
            row = request_by_id(session, view.id)
            if row is None or row.state != RequestState.OPEN:
                return Reminder.OVER
            if row.reminded_at is not None and now - row.reminded_at < QUIET:
                return Reminder.LATELY
            return Reminder.GOES if self._to_remind(session, view.id) else Reminder.NOBODY

        return await self._database.read(read)

    async def may_make(self, person: Person) -> bool:
        """Whether this maker may make one more today."""
        since = self._clock() - A_DAY
        return await self._database.read(lambda session: made_since(session, person.id, since)) < MOST_A_DAY

    # making and changing

    def stage_make(
        self,
        effects: Effects,
        person: Person,
        terms: Terms,
        destination: Destination,
        *,
        code: str,
        maker: str,
        posted: Sequence[Posted] = (),
    ) -> None:
        """Make a request, with a card for its maker and one for each of `posted`.

        The same code makes one request, however often it comes; further cards are added to it. `ValueError` for terms in
        another currency than the destination's: what is asked for is what is paid out.
        """
        if terms.currency != destination.currency:
            raise ValueError(f"a currency that is not paid out there: {terms.currency}")
        now = self._clock()
        row = request_row(
            self._keyring,
            person,
            terms,
            destination,
            code=code,
            maker=maker,
            environment=self._environment,
            link_wanted=self._pages,
            now=now,
        )
        own = Posted(person.chat_id, CardRole.MAKER, person.language)

        def make(session: Session) -> None:
            fresh = add_request(session, row)
            standing = row if fresh else _known(request_by_code(session, code), person)
            if standing is not None:
                for place in (own, *posted) if fresh else posted:
                    self._post(session, standing["id"], place, now)

        self._stage(effects, make)

    def draft(self, person: Person, terms: Terms, destination: Destination, *, code: str, maker: str) -> RequestView:
        """A request as it would be, for showing it before it is made."""
        now = self._clock()
        return RequestView(
            id="",
            code=code,
            customer_id=person.id,
            chat_id=person.chat_id,
            state=RequestState.OPEN,
            terms=terms,
            maker=maker,
            destination=destination,
            uses_reserved=0,
            uses_paid=0,
            expires_at=None if terms.life is None else now + terms.life,
            link_url=None,
            link_state=LinkState.NONE,
            language=person.language,
            revision=0,
            created_at=now,
        )

    def stage_post(self, effects: Effects, view: RequestView, posted: Posted) -> None:
        """Show a request in a chat, as a new message; from then on the card there lives."""
        now = self._clock()
        self._stage(effects, lambda session: self._post(session, view.id, posted, now))

    def stage_close(self, effects: Effects, view: RequestView) -> None:
        """Take no more payments. Who is paying at this moment gets their money back."""
        now = self._clock()
        values = {"state": RequestState.CLOSED, "due_at": now, "updated_at": now, "link_state": page_ends()}
        self._stage(effects, lambda session: _change(session, view, values, _CHANGEABLE, now))

    def stage_extend(self, effects: Effects, view: RequestView, *, uses: int = 0) -> None:
        """Another week, counted from the end or from now; and more uses where it has a limit. It is open again then.

        The provider's page keeps the terms that it was made with, so it is closed; the request goes on in Telegram.
        """
        now = self._clock()
        until = None if view.expires_at is None else max(view.expires_at, now) + LIFE
        most = None if view.terms.most_uses is None else view.terms.most_uses + uses
        used_up = most is not None and view.uses_paid >= most
        values = {
            "state": RequestState.USED_UP if used_up else RequestState.OPEN,
            "expires_at": until,
            "most_uses": most,
            "due_at": now,
            "updated_at": now,
            "link_state": page_ends(),
        }
        self._stage(effects, lambda session: _change(session, view, values, (view.state,), now))

    def stage_remind(self, effects: Effects, view: RequestView) -> None:
        """Show the request anew in the groups where it stands and to those who opened it and have not paid.

        At most once an hour; whoever paid is left alone.
        """
        now = self._clock()

        def remind(session: Session) -> None:
            if not may_remind(session, view.id, now=now, quiet_since=now - QUIET):
                return
            for chat_id in self._to_remind(session, view.id):
                self._show_fresh(session, view.id, chat_id, now, reminds=True)

        self._stage(effects, remind)

    def stage_share(self, effects: Effects, view: RequestView) -> None:
        """Give the maker something to pass on: the request with its link and the code to scan."""
        row = notice_row(
            chat_id=view.chat_id,
            kind="request_share",
            dedupe_key=f"request_share:{view.id}:{new_id()}",
            now=self._clock(),
            payload_sealed=self._keyring.seal_json({"request": view.id}, context=NOTICE_PAYLOAD),
        )
        self._stage(effects, lambda session: write_notice_rows(session, [row]))

    def inline(self, inline_message_id: str, language: str) -> Posted:
        """A card that was posted in inline mode, with a queue of its own."""
        return Posted(
            inline_chat(self._keyring, inline_message_id),
            CardRole.INLINE,
            language,
            inline_message_id=inline_message_id,
        )

    def _to_remind(self, session: Session, request_id: str) -> list[int]:
        """The groups where a request stands, and the chats of those who opened it and have not paid."""
        paid = chats_that_paid(session, request_id)
        return [
            card.chat_id
            for card in cards_of(session, request_id)
            if card.role == CardRole.GROUP or (card.role == CardRole.PAYER and card.chat_id not in paid)
        ]

    def _post(self, session: Session, request_id: str, posted: Posted, now: datetime) -> None:
        add_card(
            session,
            {
                "id": new_id(),
                "request_id": request_id,
                "chat_id": posted.chat_id,
                "role": posted.role,
                "language": posted.language,
                "inline_message_id": posted.inline_message_id,
                "created_at": now,
            },
        )
        self._show_fresh(session, request_id, posted.chat_id, now)

    def _show_fresh(
        self, session: Session, request_id: str, chat_id: int, now: datetime, *, reminds: bool = False
    ) -> None:
        payload = self._keyring.seal_json({"fresh": True, "reminds": reminds}, context=NOTICE_PAYLOAD)
        key = f"request_shown:{request_id}:{new_id()}"
        write_notice_rows(session, [card_notice(request_id, chat_id, now, dedupe_key=key, payload_sealed=payload)])

    def _view(self, session: Session, row: PaymentRequest | None) -> RequestView | None:
        record = request_record(session, row)
        return (
            None
            if record is None or record.request.environment != self._environment
            else view_from(record, self._keyring)
        )

    def _stage(self, effects: Effects, work: Any) -> None:
        effects.add(work)
        effects.after_commit(self._wake)

    async def _wake(self) -> None:
        self._wakes.notices.set()
        self._wakes.requests.set()


def own_destination(person: Person) -> Destination | None:
    """The maker's own phone as a place to be paid; None when it is not known, or no phone is paid in its country."""
    country = country_of(person.country) if person.country is not None else None
    if country is None or person.phone is None or person.phone.country != country.iso2:
        return None
    network = person.network or network_of(person.phone)
    if Way.PHONE not in country.payouts or network not in country.networks:
        return None
    return Destination(
        way=Way.PHONE,
        country=country.iso2,
        currency=country.currency,
        name=person.name or "",
        phone=person.phone.e164,
        network=network,
        own=True,
    )


def _change(
    session: Session, view: RequestView, values: Mapping[str, Any], states: Sequence[RequestState], now: datetime
) -> None:
    if change_request(session, view.id, values, states=[str(state) for state in states]):
        tell_cards(session, view.id, now)


def _known(row: PaymentRequest | None, person: Person) -> dict[str, Any] | None:
    """The request that has this code already, if it is this maker's."""
    return {"id": row.id} if row is not None and row.customer_id == person.id else None
