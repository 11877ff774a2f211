"""A chat to test with: real updates through the real handlers on a real database; what is said is read from the outbox.

Nothing but `getMe` may reach the Bot API: a handler that sends something itself fails its test.
"""

import asyncio
import io
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import segno
from sqlalchemy import select, update
from sqlmodel import Session, col
from telegram import Update
from telegram.ext import Application, ApplicationBuilder
from telegram.request import BaseRequest

from bot.drawing.bulk import bulk_renderers
from bot.drawing.orders import order_renderers
from bot.drawing.requests import with_requests
from bot.drawing.team import team_reads
from bot.drawing.words import word_renderers
from bot.engine.addresses import Addresses
from bot.engine.buying import Buying
from bot.engine.conversations import Conversations
from bot.engine.customers import Customers
from bot.engine.documents import Unfetched
from bot.engine.effects import Effects, collecting
from bot.engine.inquiries import Inquiries
from bot.engine.looking import Payments
from bot.engine.operators.audience import Audience
from bot.engine.operators.broadcasting import Broadcasts
from bot.engine.operators.results import Role
from bot.engine.operators.roles import Operators
from bot.engine.outbox import NOTICE_PAYLOAD, Outbox, notice_row, write_notice_rows
from bot.engine.photographs import Sight
from bot.engine.quotes import Quotes
from bot.engine.recipients import Recipients
from bot.engine.renewing import Renewer
from bot.engine.request_paying import Paying
from bot.engine.requests import Requests
from bot.engine.sale_quotes import SaleQuotes
from bot.engine.selling import Selling
from bot.engine.send_quotes import SendQuotes
from bot.engine.sending import Sending
from bot.engine.verbs import Verbs
from bot.engine.wakes import Wakes
from bot.kotani.errors import KotaniError
from bot.kotani.results import FiatQuote, Quote, Wallet
from bot.screens.inline import InlineAnswer
from bot.screens.links import https_on
from bot.screens.requests import request_fault
from bot.screens.screen import Button, Screen
from bot.screens.status import status_card
from bot.screens.texts import catalogue
from bot.telegram.drawing import NoticeFacts
from bot.telegram.qr_codes import UnreadablePicture, read_codes
from handlers.dialogue.cards import ReviewDrawer
from handlers.dialogue.form import Offered
from handlers.flood import Flood
from handlers.registry import CONTEXT_TYPES, add_handlers
from handlers.services import Services
from storage.crypto import Keyring
from storage.database import Database
from storage.payments import LostRace
from storage.tables import Customer, Dialogue, Leg, Notice, Payment

TEAM = -100_777
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
PHONE = "+254712345678"
BOT = {"id": 7, "is_bot": True, "first_name": "Assistant", "username": "assistant_bot"}


def plain(text: str) -> str:
    """Text without markup, with ordinary spaces."""
    return re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ").replace("\u2060", "")


def code(text: str, **shape: object) -> bytes:
    """A picture of one code."""
    kept = io.BytesIO()
    segno.make(text, micro=False).save(kept, kind="png", **({"scale": 6} | shape))
    return kept.getvalue()


async def read_by_operators(_: int) -> Role:
    """As what a chat of the team's reads what is drawn for it, where nobody was invited."""
    return Role.OPERATOR


class Silence(BaseRequest):
    """A Bot API that knows who the bot is and takes nothing else."""

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        assert url.endswith("/getMe"), f"a handler called the Bot API itself: {url.rsplit('/', 1)[-1]}"
        return 200, msgspec.json.encode({"ok": True, "result": BOT})


class Market:
    """The provider's quotes: a price per token in fiat and a fee of two percent, both to be changed by a test."""

    def __init__(self) -> None:
        self.price = {"KES": Decimal(130), "GHS": Decimal("12.5"), "ZAR": Decimal(18), "UGX": Decimal(3700)}
        self.balances: dict[str, Decimal] = {}  # of our payouts, where a test makes them scarce
        self.deposits: dict[str, Decimal] = {}
        self.error: KotaniError | None = None
        self.asked: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    async def quote_onramp(
        self, *, currency: str, token: str, fiat_amount: Decimal | None = None, crypto_amount: Decimal | None = None
    ) -> Quote:
        self.asked.append({"currency": currency, "token": token, "fiat": fiat_amount, "crypto": crypto_amount})
        if self.error is not None:
            raise self.error
        price = self.price[currency]
        if fiat_amount is None:
            assert crypto_amount is not None
            fiat_amount = (crypto_amount * price).quantize(Decimal(1), rounding="ROUND_UP")
        crypto = (fiat_amount / price).quantize(Decimal("0.000001"))
        fee = (fiat_amount * 2 / 100).quantize(Decimal(1))
        return Quote(f"rate-{next(self._numbers)}", currency, token, fiat_amount, crypto, fiat_amount + fee, fee)

    async def quote_offramp(
        self, *, token: str, currency: str, crypto_amount: Decimal | None = None, fiat_amount: Decimal | None = None
    ) -> Quote:
        self.asked.append({"token": token, "currency": currency, "fiat": fiat_amount, "crypto": crypto_amount})
        if self.error is not None:
            raise self.error
        price = self.price[currency]
        if crypto_amount is None:
            assert fiat_amount is not None
            crypto_amount = (fiat_amount / Decimal("0.98") / price).quantize(Decimal("0.000001"), rounding="ROUND_UP")
        fiat = (crypto_amount * price).quantize(Decimal("0.01"))
        paid = fiat_amount if fiat_amount is not None else (fiat * 98 / 100).quantize(Decimal("0.01"))
        return Quote(f"rate-{next(self._numbers)}", token, currency, fiat, crypto_amount, paid, fiat - paid)

    async def quote_fiat(self, *, source: str, target: str, amount: Decimal) -> FiatQuote:
        self.asked.append({"source": source, "target": target, "amount": amount})
        if self.error is not None:
            raise self.error
        paid = (amount * self.price[target] / self.price[source]).quantize(Decimal(1), rounding="ROUND_DOWN")
        fee = (amount * 2 / 100).quantize(Decimal(1))
        return FiatQuote(source, target, None, amount, fee, amount + fee, paid, Decimal(0), paid)

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        balance = self.balances.get(currency, Decimal(10_000_000))
        return Wallet(f"w-{currency}", currency, currency, country, balance, self.deposits.get(currency, Decimal(0)))


class Pops:
    """What popped up over the chat."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str | None]] = []

    def answer(self, effects: Effects, query_id: str, text: str | None = None, alert: bool = False) -> None:
        async def keep() -> None:
            self.texts.append((query_id, text))

        effects.after_commit(keep)


class InlineOffers:
    """What people were offered who typed our name in a chat, by inline query."""

    def __init__(self) -> None:
        self.answers: dict[str, InlineAnswer] = {}

    def answer(self, effects: Effects, query_id: str, answer: InlineAnswer) -> None:
        async def keep() -> None:
            self.answers[query_id] = answer

        effects.after_commit(keep)


class Erased:
    """The messages that were taken out of chats, as (chat, message)."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, int]] = []

    def erase(self, effects: Effects, chat_id: int, message_id: int) -> None:
        async def keep() -> None:
            self.messages.append((chat_id, message_id))

        effects.after_commit(keep)


class Album:
    """The pictures and files that people sent, by file id: looked at for real."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}

    async def fetch(self, file_id: str, *, most: int) -> bytes | Unfetched:
        content = self.pictures.get(file_id)
        if content is None:
            return Unfetched.NOT_FETCHED
        return content if len(content) <= most else Unfetched.TOO_LARGE

    async def look(self, file_id: str) -> Sight | tuple[str, ...]:
        if file_id not in self.pictures:
            return Sight.NOT_FETCHED
        try:
            return read_codes(self.pictures[file_id]) or Sight.NO_CODE
        except UnreadablePicture:
            return Sight.NO_PICTURE


@dataclass
class Message:
    """A message of the assistant's in a chat; `kind` tells who draws it."""

    id: int
    kind: str
    slot: str | None
    screen: Screen | None
    payment_id: str | None = None

    @property
    def text(self) -> str:
        return self.screen.text if self.screen is not None else f"[{self.kind}]"

    @property
    def buttons(self) -> list[Button]:
        return [] if self.screen is None else [button for row in self.screen.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.text for button in self.buttons]


@dataclass
class Chat:
    """One person's private chat: does what a person does, and holds what they see."""

    world: "World"
    user_id: int
    language: str = "en"
    messages: list[Message] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)  # of the last update, as they were written
    popped: list[str | None] = field(default_factory=list)  # of the last update
    keys: tuple[tuple[Any, ...], ...] | None = None

    async def say(self, text: str) -> Message:
        return await self.send(self._message(text=text))

    async def share(self, phone: str, *, owner: int | None = None, name: str = "Jane") -> Message:
        contact = {"phone_number": phone, "first_name": name, "user_id": self.user_id if owner is None else owner}
        return await self.send(self._message(contact=contact))

    async def photograph(self, picture: bytes, *, as_file: bool = False, size: int | None = None) -> Message:
        """Send a picture, as a photograph or as a file."""
        number = next(self.world.numbers)
        self.world.album.pictures[f"f{number}"] = picture
        file = {"file_id": f"f{number}", "file_unique_id": f"u{number}", "file_size": size or len(picture)}
        if as_file:
            return await self.send(self._message(document={**file, "mime_type": "image/png"}))
        return await self.send(self._message(photo=[{**file, "width": 400, "height": 400}]))

    async def file(self, content: bytes, name: str = "pay.csv", *, size: int | None = None) -> Message:
        """Send a file."""
        return await self.send(self.file_update(content, name, size=size))

    def file_update(self, content: bytes, name: str, *, size: int | None = None) -> dict[str, Any]:
        """The update that a file makes."""
        number = next(self.world.numbers)
        self.world.album.pictures[f"f{number}"] = content
        file = {"file_id": f"f{number}", "file_unique_id": f"u{number}", "file_size": size or len(content)}
        return self._message(document={**file, "file_name": name, "mime_type": "text/csv"})

    async def press(self, label: str, *, on: Message | None = None) -> Message:
        """Tap the button whose label contains `label`, on the newest message that has it or on a given one."""
        return await self.tap(self.button(label, on=on).data or "", on=on)

    def button(self, label: str, *, on: Message | None = None) -> Button:
        for message in reversed(self.messages) if on is None else [on]:
            for button in message.buttons:
                if label in button.text:
                    return button
        raise AssertionError(f"no button {label!r}; there are {[message.labels for message in self.messages[-3:]]}")

    async def tap(self, data: str, *, on: Message | None = None, user: int | None = None) -> Message:
        message = self._from_bot(on)
        query = {"id": f"q{next(self.world.numbers)}", "from": self._user(user), "chat_instance": "1", "data": data}
        return await self.send({"callback_query": {**query, "message": message}})

    async def send(self, update: dict[str, Any]) -> Message:
        """Any update at all; the last message that came of it, or the newest there is."""
        await self.world.handle({"update_id": next(self.world.numbers), **update}, self)
        return self.messages[-1] if self.messages else Message(0, "nothing", None, None)

    async def to_review(self, address: str = ADDRESS) -> Message:
        """Answer everything as somebody new, mostly by taps; the review card."""
        await self.say("/buy")
        await self.press("English")
        await self.press("Kenya")
        await self.press("1,000")
        await self.press("USDC")
        await self.press("Base")
        await self.say(address)
        await self.share(PHONE)
        await self.say("Jane Wanjiku")
        assert "confirm" in self.choices, self.card
        return self.card

    async def buy_once(self) -> None:
        """A first purchase, so that everything about the person is known."""
        await self.to_review()
        await self.press("Confirm")

    @property
    def choices(self) -> list[str]:
        """What can be chosen on the message of the conversation."""
        return [button.data.rsplit(":", 1)[1] for button in self.card.buttons if button.data is not None]

    @property
    def text(self) -> str:
        """All that was said last, without markup."""
        return "\n".join(plain(message.text) for message in self.said)

    @property
    def last(self) -> Message:
        return self.messages[-1]

    @property
    def card(self) -> Message:
        """The message of the conversation."""
        return next(message for message in reversed(self.messages) if (message.slot or "").startswith("d:"))

    def receive(self, message: Message, *, fresh: bool) -> None:
        """As Telegram would show it: a slot is edited, or taken over by a new message."""
        self.said.append(message)
        if message.screen is not None and message.screen.keys is not None:
            self.keys = message.screen.keys
        standing = next((known for known in self.messages if known.slot == message.slot), None)
        if message.slot is not None and standing is not None:
            if not fresh:
                carries_keys = standing.screen is not None and standing.screen.keys is not None
                assert not carries_keys, "a message with a keyboard cannot be edited"
                self.messages[self.messages.index(standing)] = replace(message, id=standing.id)
                return
            stripped = None if standing.screen is None else replace(standing.screen, rows=())
            self.messages[self.messages.index(standing)] = replace(standing, slot=None, screen=stripped)
        self.messages.append(message)

    def _message(self, **content: Any) -> dict[str, Any]:
        text = content.get("text", "")
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        at = int(self.world.now.timestamp())
        chat = {"id": self.user_id, "type": "private", "first_name": "Jane"}
        return {
            "message": {
                "message_id": next(self.world.numbers),
                "date": at,
                "chat": chat,
                "from": self._user(None),
                **content,
            }
        }

    def _from_bot(self, on: Message | None) -> dict[str, Any]:
        chat = {"id": self.user_id, "type": "private", "first_name": "Jane"}
        number = on.id if on is not None else 1
        shown = on or (self.messages[-1] if self.messages else None)
        rows = [] if shown is None or shown.screen is None else shown.screen.rows
        keyboard = [[{"text": b.text, "callback_data": b.data or "x"} for b in row] for row in rows]
        at = int(self.world.now.timestamp())
        markup = {"reply_markup": {"inline_keyboard": keyboard}} if keyboard else {}
        return {"message_id": number, "date": at, "chat": chat, "from": BOT, "text": "…", **markup}

    def _user(self, user: int | None) -> dict[str, Any]:
        return {
            "id": user or self.user_id,
            "is_bot": False,
            "first_name": "Jane",
            "language_code": self.language,
        }


class World:
    """A business with a market, a clock that stands still, and people who chat."""

    def __init__(self, database: Database, *, most_updates: int = 40) -> None:
        self.database = database
        self.most_updates = most_updates
        self.now = START
        self.market = Market()
        self.numbers = itertools.count(1000)
        self.keyring = Keyring({"k1": b"k" * 32}, digest_key=b"d" * 32)
        self.pops = Pops()
        self.erased = Erased()
        self.offers = InlineOffers()
        self.album = Album()
        self.errors: list[BaseException] = []
        self._last_notice = ""
        self._build()

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def _build(self) -> None:
        clock, database, keyring = self.clock, self.database, self.keyring
        wakes = Wakes()
        self.outbox = Outbox(keyring, clock)
        conversations = Conversations(database, keyring, clock)
        buying = Buying(Quotes(self.market, clock), self.outbox, keyring, clock, wakes, environment="test")
        sending = Sending(SendQuotes(self.market, clock, {}), self.outbox, keyring, clock, wakes, environment="test")
        selling = Selling(SaleQuotes(self.market, clock), self.outbox, keyring, clock, wakes, environment="test")
        verbs = Verbs(buying, selling, sending)
        self.payments = Payments(database, keyring, clock, wakes)
        self.requests = Requests(database, keyring, clock, wakes, environment="test", pages=False)
        self.services = Services(
            customers=Customers(database, keyring, clock),
            conversations=conversations,
            addresses=Addresses(database, keyring),
            recipients=Recipients(database, keyring, clock),
            verbs=verbs,
            requests=self.requests,
            paying=Paying(
                sending,
                database,
                self.outbox,
                keyring,
                clock,
                wakes,
                environment="test",
                refused=lambda person, fault: request_fault(catalogue(person.language), fault),
            ),
            payments=self.payments,
            outbox=self.outbox,
            taps=self.pops,
            inline=self.offers,
            eraser=self.erased,
            photographs=self.album,
            documents=self.album,
            flood=Flood(most=self.most_updates),
            clock=clock,
            bot_username=lambda: "assistant_bot",
            inquiries=self.team_of(Operators(database, keyring, clock, owners=frozenset()), chat=TEAM),
        )
        everything = (database, keyring, clock, wakes, Operators(database, keyring, clock, owners=frozenset()))
        self.broadcasts = Broadcasts(*everything)
        self.renewer = Renewer(
            database, keyring, conversations, verbs, self.outbox, ReviewDrawer(Offered()), clock, wakes
        )

    def team_of(self, operators: Operators, *, chat: int | None, owners: frozenset[int] = frozenset()) -> Inquiries:
        """The people whom customers can talk to: in a group, and without one in the private chats of the owners."""
        audience = Audience(chat=chat, owners=owners)
        made = (self.database, self.keyring, self.clock, operators, self.outbox, audience)
        return Inquiries(*made, heard=True)

    async def open(self) -> None:
        """Start the assistant; may be done again, as after a crash."""
        builder = ApplicationBuilder().token("7:test").updater(None).context_types(CONTEXT_TYPES)
        self.application: Application[Any, Any, Any, Any, Any, Any] = (
            builder.request(Silence()).get_updates_request(Silence()).build()
        )
        add_handlers(self.application, self.services)

        async def keep(update: object, context: Any) -> None:
            self.errors.append(context.error)

        self.application.add_error_handler(keep)
        await self.application.initialize()

    async def close(self) -> None:
        await self.application.shutdown()

    async def restart(self) -> None:
        """Another process goes on: nothing is left but the database."""
        await self.close()
        self._build()
        await self.open()

    def chat(self, user_id: int = 501, language: str = "en") -> Chat:
        return Chat(self, user_id, language)

    async def handle(self, raw: dict[str, Any], *chats: Chat) -> None:
        """As the inbox does it: handle, commit once, handle again when the race was lost."""
        for _ in range(5):
            collected = Effects()
            with collecting(collected):
                await self.application.process_update(Update.de_json(raw, self.application.bot))
            if self.errors:
                raise self.errors.pop()
            try:
                await self.database.write(collected.write)
            except LostRace:
                continue
            before = len(self.pops.texts)
            await collected.finish()
            await self.deliver(*chats)
            for chat in chats:
                chat.popped = [text for _, text in self.pops.texts[before:]]
            return
        raise AssertionError("the race was lost for ever")

    async def deliver(self, *chats: Chat) -> None:
        """Show what was said since the last time."""
        last = self._last_notice
        rows = await self.database.read(lambda session: _notices_after(session, last))
        for chat in chats:
            chat.said = []
        for row in rows:
            self._last_notice = row.id
            chat = next((chat for chat in chats if chat.user_id == row.chat_id), None)
            if chat is None:
                continue
            payload = (
                {} if row.payload_sealed is None else self.keyring.open_json(row.payload_sealed, context=NOTICE_PAYLOAD)
            )
            screen = Screen.from_json(payload["screen"]) if row.kind == "screen" else await self._card(row, payload)
            message = Message(next(self.numbers), row.kind, row.slot, screen, row.payment_id)
            chat.receive(message, fresh=bool(payload.get("fresh", False)))

    async def _card(self, row: Notice, payload: dict[str, Any]) -> Screen | None:
        """A card as it is drawn when it is sent."""
        if row.kind.startswith("request_"):
            render = with_requests(
                {}, self.requests, self.payments, self.clock, links=https_on(), bot_username=lambda: "assistant_bot"
            )[row.kind]
            facts = NoticeFacts(row.id, row.chat_id, row.kind, row.slot, row.payment_id, payload, row.created_at)
            rendered = await render(facts)
            return None if rendered is None else rendered.screen
        if row.kind.startswith(("operator_order", "operator_transfer")) and self.services.desk is not None:
            desk, customers = self.services.desk, self.services.customers
            render = order_renderers(desk.approvals, desk.transferring, desk.operators, customers)[row.kind]
            facts = NoticeFacts(row.id, row.chat_id, row.kind, row.slot, row.payment_id, payload, row.created_at)
            rendered = await render(facts)
            return None if rendered is None else rendered.screen
        if row.kind.startswith("bulk_") and self.services.desk is not None:
            reads = team_reads(self.services.desk.operators)
            render = bulk_renderers(self.services.desk.bulk.looking, reads)[row.kind]
            facts = NoticeFacts(row.id, row.chat_id, row.kind, row.slot, row.payment_id, payload, row.created_at)
            rendered = await render(facts)
            return None if rendered is None else rendered.screen
        if row.kind.startswith(("inquiry_", "broadcast")) and self.services.inquiries is not None:
            broadcasts = self.services.desk.broadcasts if self.services.desk is not None else self.broadcasts
            render = word_renderers(self.services.inquiries, broadcasts, self.clock, read_by_operators)[row.kind]
            facts = NoticeFacts(row.id, row.chat_id, row.kind, row.slot, row.payment_id, payload, row.created_at)
            rendered = await render(facts)
            return None if rendered is None else rendered.screen
        view = None if row.payment_id is None else await self.payments.view(row.payment_id)
        drawn = view is not None and row.kind == "payment_card" and row.payload_sealed is not None
        return status_card(catalogue(view.language), view, allowed=https_on()) if drawn and view is not None else None

    async def paid(self) -> list[Payment]:
        """All payments on record."""
        return await self.database.read(lambda s: list(s.execute(select(Payment)).scalars()))

    async def end_payment(self, state: str) -> None:
        """As the engine does it, in short."""

        def end(session: Session) -> None:
            session.execute(update(Payment).values(state=state, ended_at=self.now))

        await self.database.write(end)

    async def move_payment(self, state: str) -> None:
        """To a state on the way."""
        await self.database.write(lambda session: session.execute(update(Payment).values(state=state)) and None)

    async def people(self) -> list[Customer]:
        return await self.database.read(lambda s: list(s.execute(select(Customer)).scalars()))

    async def park_something(self, chat: Chat) -> None:
        row = notice_row(chat_id=chat.user_id, kind="payment_card", dedupe_key="parked", now=self.now)

        def park(session: Session) -> None:
            write_notice_rows(session, [row | {"state": "parked", "due_at": None}])

        await self.database.write(park)

    async def parked(self) -> int:
        return len(
            await self.database.read(
                lambda s: list(s.execute(select(Notice).where(col(Notice.state) == "parked")).scalars())
            )
        )

    async def handle_together(self, chat: Chat, *taps: str) -> list[str]:
        """Two replicas handle two taps that saw the same state, before either commits."""
        outcomes, collected = [], []
        for data in taps:
            query = {"id": f"q{next(self.numbers)}", "from": chat._user(None), "chat_instance": "1", "data": data}
            raw = {"update_id": next(self.numbers), "callback_query": {**query, "message": chat._from_bot(None)}}
            one = Effects()
            with collecting(one):
                await self.application.process_update(Update.de_json(raw, self.application.bot))
            collected.append(one)
        for one in collected:
            try:
                await self.database.write(one.write)
                outcomes.append("done")
            except LostRace:
                outcomes.append("lost")
        return outcomes

    async def legs(self) -> list[Leg]:
        return await self.database.read(lambda s: list(s.execute(select(Leg)).scalars()))

    async def dialogues(self) -> list[Dialogue]:
        return await self.database.read(lambda s: list(s.execute(select(Dialogue)).scalars()))


def _notices_after(session: Session, last: str) -> list[Notice]:
    return list(session.execute(select(Notice).where(col(Notice.id) > last).order_by(col(Notice.id))).scalars())


@pytest.fixture
def busy_world(sqlite_url: str) -> Iterator[tuple[World, asyncio.Runner]]:
    """A business without a limit on how much one person may send, and a loop to run it on step by step."""
    with asyncio.Runner() as runner:
        database = Database(sqlite_url)
        runner.run(database.start())
        world = World(database, most_updates=10_000)
        runner.run(world.open())
        yield world, runner
        runner.run(world.close())
        runner.run(database.stop())


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """A business with nobody in it yet."""
    database = Database(sqlite_url)
    await database.start()
    world = World(database)
    await world.open()
    yield world
    await world.close()
    await database.stop()


@pytest.fixture
async def both_worlds(database: Database) -> AsyncIterator[World]:
    """The same on both engines."""
    world = World(database)
    await world.open()
    yield world
    await world.close()


@pytest.fixture
def jane(world: World) -> Chat:
    """Somebody new, from Kenya."""
    return world.chat()
