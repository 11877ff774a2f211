"""A customer talks to a person of the team: kept as rows, whoever of the team answers, until one side closes it.

While a customer *talks*, what they write is for the team and nothing else is made of it. That is so from when they choose
to, and for a while after each word of either side, until they do something else here. A conversation that asks them for
answers is never deprived of these: an answer of the team does not make its customer talk while one is open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.customers import Person, person_from
from bot.engine.effects import Effects
from bot.engine.operators.alert_results import AlertKind, AlertMode
from bot.engine.operators.audience import Audience
from bot.engine.operators.results import Operator, Page
from bot.engine.operators.roles import PAGE, Operators
from bot.engine.operators.word_results import MOST_WORDS, Inquiry, Topic, Words
from bot.engine.outbox import NOTICE_PAYLOAD, Drawn, Outbox, notice_row, write_notice_rows
from bot.payments.identifiers import new_id
from storage import inquiries as queries
from storage.alerts import rules
from storage.crypto import Keyring
from storage.customers import customer_by_id
from storage.database import Database
from storage.payments import LostRace
from storage.word_tables import Inquiry as InquiryRow

TALK: Final = timedelta(minutes=30)
MOST_AN_HOUR: Final = 30  # messages of one customer
MOST_A_DAY: Final = 10  # inquiries of one customer
SHOWN: Final = 6  # messages on a card
WORDS: Final = "inquiry.words"
_SLOT: Final = "i:"


@dataclass(frozen=True, slots=True)
class _TeamChat:
    """A chat of the team's."""

    chat_id: int
    language: str
    place: Mapping[str, Any]


def inquiry_slot(inquiry_id: str, message: str | None = None) -> str:
    """The slot of an inquiry's card, or of one of its messages: whoever replies there answers the inquiry."""
    return f"{_SLOT}{inquiry_id}" if message is None else f"{_SLOT}{inquiry_id}:{message}"


class Inquiries:
    """Finds them and stages what becomes of them."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        operators: Operators,
        outbox: Outbox,
        audience: Audience,
        *,
        heard: bool,
    ) -> None:
        """`audience` is the team; `heard` is whether there is a person who reads what customers write."""
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._operators = operators
        self._outbox = outbox
        self._audience = audience
        self.heard = heard

    def talks(self, person: Person) -> bool:
        """Whether what this customer writes now is for the team."""
        return person.talking_until is not None and self._clock() < person.talking_until

    async def of(self, customer_id: str) -> Inquiry | None:
        """The one that a customer has open."""
        return await self._database.read(
            lambda session: self._view(session, queries.open_inquiry(session, customer_id))
        )

    async def by_id(self, inquiry_id: str) -> Inquiry | None:
        """One, open or not."""
        found = await self._database.read(
            lambda session: self._view(session, queries.inquiry_by_id(session, inquiry_id))
        )
        return None if found is None else replace(found, names=await self._operators.names())

    async def behind(self, chat_id: int, message_id: int) -> str | None:
        """The id of the inquiry to which a message of ours in this chat belongs; None where it belongs to none."""
        slot = await self._database.read(lambda session: queries.slot_behind(session, chat_id, message_id))
        return None if slot is None or not slot.startswith(_SLOT) else slot.removeprefix(_SLOT).partition(":")[0]

    async def page(self, number: int) -> tuple[list[Inquiry], Page, int]:
        """A page of those that are open, the longest waiting first, and how many there are in all."""

        def read(session: Session) -> tuple[list[Inquiry], bool, int]:
            rows = queries.open_inquiries(session, limit=PAGE + 1, offset=(number - 1) * PAGE)
            views = [view for row in rows[:PAGE] if (view := self._view(session, row)) is not None]
            return views, len(rows) > PAGE, queries.count_open(session)

        views, more, count = await self._database.read(read)
        return views, Page(number, more=more), count

    async def may_open(self, customer_id: str) -> bool:
        """Whether a customer may begin another one today."""
        since = self._clock() - timedelta(days=1)
        return await self._database.read(lambda s: queries.opened_since(s, customer_id, since)) < MOST_A_DAY

    async def may_write(self, customer_id: str) -> bool:
        """Whether a customer may write another message in this hour."""
        since = self._clock() - timedelta(hours=1)
        return await self._database.read(lambda s: queries.written_since(s, customer_id, since)) < MOST_AN_HOUR

    def stage_open(self, effects: Effects, person: Person, *, payment_id: str | None, topic: Topic | None) -> str:
        """Begin one; its id. The team sees it with the first words. `LostRace` when one is open by now."""
        row = {
            "id": new_id(),
            "customer_id": person.id,
            "payment_id": payment_id,
            "topic": None if topic is None else str(topic),
            "opened_at": self._clock(),
            "posted_at": None,
            "waits_since": None,
            "closed_at": None,
            "closed_by": None,
        }
        effects.add(lambda session: _must(queries.add_inquiry(session, row)))
        self.stage_talk(effects, person.id)
        return str(row["id"])

    def stage_about(
        self, effects: Effects, inquiry: Inquiry, *, payment_id: str | None = None, topic: Topic | None = None
    ) -> None:
        """Say what it is about; None leaves that as it is. `LostRace` when it is closed by now."""
        said = {"payment_id": payment_id, "topic": None if topic is None else str(topic)}
        values = {name: value for name, value in said.items() if value is not None}
        effects.add(lambda session: _must(queries.change_inquiry(session, inquiry.id, values)))
        self.stage_talk(effects, inquiry.customer_id)

    def stage_words(self, effects: Effects, person: Person, inquiry_id: str, words: str) -> str:
        """The customer writes to the team; the message's id. `LostRace` when it is closed by now."""
        row = self._message(inquiry_id, words, operator=None)
        now = self._clock()
        effects.add(lambda session: _must(queries.customer_wrote(session, inquiry_id, now)))
        effects.add(lambda session: queries.add_message(session, row))
        self.stage_talk(effects, person.id)
        return str(row["id"])

    def stage_answer(self, effects: Effects, operator: Operator, inquiry: Inquiry, words: str) -> str:
        """The team answers; the message's id. `LostRace` when it is closed by now.

        The words are kept sealed, so the record names the message instead.
        """
        row, now = self._message(inquiry.id, words, operator=operator.telegram_id), self._clock()
        self._act(effects, operator, "answer", inquiry, message=str(row["id"]))

        def answer(session: Session) -> None:
            _must(queries.change_inquiry(session, inquiry.id, {"waits_since": None}))
            queries.add_message(session, row)
            queries.talk_if_free(session, inquiry.customer_id, now=now, until=now + TALK)

        effects.add(answer)
        return str(row["id"])

    def stage_close(self, effects: Effects, inquiry: Inquiry, operator: Operator | None) -> None:
        """Close it; None: the customer does. `LostRace` when it is closed by now."""
        by = None if operator is None else operator.telegram_id
        values = {"closed_at": self._clock(), "closed_by": by, "waits_since": None}
        if operator is not None:
            self._act(effects, operator, "close", inquiry)
        effects.add(lambda session: _must(queries.change_inquiry(session, inquiry.id, values)))
        effects.add(lambda session: queries.talk_until(session, inquiry.customer_id, None))

    def stage_reopen(self, effects: Effects, inquiry: Inquiry, operator: Operator | None) -> None:
        """Open it again. `LostRace` when it is open by now, or another one of this customer is."""
        if operator is not None:
            self._act(effects, operator, "reopen", inquiry)
        effects.add(lambda session: _must(queries.reopen_inquiry(session, inquiry.id)))
        if operator is None:
            self.stage_talk(effects, inquiry.customer_id)

    def stage_talk(self, effects: Effects, customer_id: str) -> None:
        """What this customer writes from now on is for the team."""
        until = self._clock() + TALK
        effects.add(lambda session: queries.talk_until(session, customer_id, until))

    def stage_hush(self, effects: Effects, person: Person) -> None:
        """They do something else now. The inquiry stays open."""
        effects.add(lambda session: queries.talk_until(session, person.id, None))

    async def stage_card(self, effects: Effects, inquiry_id: str, key: str) -> None:
        """Show the inquiry's card to the team, or draw it anew where it stands. `key` tells this change from others."""
        now = self._clock()
        rows = [
            notice_row(
                chat_id=chat.chat_id,
                kind="inquiry_card",
                dedupe_key=f"inquiry:{inquiry_id}:{key}:{chat.chat_id}",
                slot=inquiry_slot(inquiry_id),
                payload_sealed=self._keyring.seal_json(
                    {"inquiry": inquiry_id, "language": chat.language, **chat.place}, context=NOTICE_PAYLOAD
                ),
                now=now,
            )
            for chat in await self._chats()
        ]
        effects.add(lambda session: write_notice_rows(session, rows))

    async def stage_post(
        self,
        effects: Effects,
        inquiry_id: str,
        message: str,
        screen: Callable[[str], Drawn],
        *,
        but: int | None = None,
    ) -> None:
        """Post a message of an inquiry to the team, in the language of each chat; not in the chat `but`."""
        for chat in await self._chats():
            if chat.chat_id != but:
                self._outbox.say(
                    effects,
                    chat_id=chat.chat_id,
                    screen=screen(chat.language),
                    dedupe_key=f"inquiry:{inquiry_id}:{message}:{chat.chat_id}",
                    slot=inquiry_slot(inquiry_id, message),
                    place=chat.place,
                )

    async def _chats(self) -> list[_TeamChat]:
        """Where the team is, in which language, and where within that: what customers ask has a topic of its own.

        Nothing that they write is kept from the team: a kind of alert that is off is told without a sound.
        """

        def read(session: Session) -> list[_TeamChat]:
            loud = all(rule.mode == AlertMode.ON for rule in rules(session) if rule.kind == AlertKind.CUSTOMERS)
            place = {"topic": str(AlertKind.CUSTOMERS), "silent": not loud}
            chats = self._audience.chats(session)
            return [_TeamChat(chat, self._audience.language(session, chat), place) for chat in chats]

        return await self._database.read(read)

    def _act(self, effects: Effects, operator: Operator, action: str, inquiry: Inquiry, **after: str) -> None:
        self._operators.stage_act(
            effects,
            operator,
            f"{action}_inquiry",
            target=f"customer:{inquiry.telegram_id}",
            after={"inquiry": inquiry.id, **after},
        )

    def _message(self, inquiry_id: str, words: str, *, operator: int | None) -> dict[str, object]:
        return {
            "id": new_id(),
            "inquiry_id": inquiry_id,
            "at": self._clock(),
            "operator": operator,
            "words_sealed": self._keyring.seal(words[:MOST_WORDS], context=WORDS),
        }

    def _view(self, session: Session, row: InquiryRow | None) -> Inquiry | None:
        customer = None if row is None else customer_by_id(session, row.customer_id)
        if row is None or customer is None:
            return None
        said = [
            Words(one.at, one.operator, self._keyring.open(one.words_sealed, context=WORDS))
            for one in queries.messages(session, row.id, limit=SHOWN)
        ]
        person = person_from(customer, self._keyring)
        return Inquiry(
            id=row.id,
            customer_id=person.id,
            telegram_id=person.telegram_id,
            chat_id=person.chat_id,
            language=person.language,
            name=person.name,
            unreachable=person.had_blocked_us,
            code=None if row.payment_id is None else queries.code_of_payment(session, row.payment_id),
            topic=None if row.topic is None else Topic(row.topic),
            posted=row.posted_at is not None,
            waits_since=row.waits_since,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
            said=tuple(said),
        )


def _must(done: bool) -> None:
    if not done:
        raise LostRace
