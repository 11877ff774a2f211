"""Paying a request inside Telegram, and having a phone asked for one: a use is taken as the payment is opened.

Both are one transaction: who finds no use left opens no payment, whatever their card had said a moment before.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar, Final, Protocol

from sqlmodel import Session

from bot.engine.allowances import Allowances
from bot.engine.clock import Clock
from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.effects import Effects
from bot.engine.opening import Confirmed, StaleOffer, open_send
from bot.engine.outbox import Drawn, Outbox
from bot.engine.request_rows import PAYER_PHONE, view_from
from bot.engine.request_uses import take_use
from bot.engine.results import OpenedPayment, SendOffer, SendRequest
from bot.engine.wakes import Wakes
from bot.payments.errors import PaymentError
from bot.payments.requests import RequestFault, UseWay, why_not
from storage.crypto import Keyring
from storage.database import Database
from storage.dialogues import end_dialogue
from storage.payments import LostRace
from storage.requests import asked_since, phone_asked_since, request_by_id, request_record

AN_HOUR: Final = timedelta(hours=1)
A_DAY: Final = timedelta(days=1)
MOST_PHONES_AN_HOUR: Final = 10  # that one maker may have asked
MOST_TIMES_A_DAY: Final = 3  # that one phone is asked, by anybody
NAMED: Final = "paying_named"  # the answer that says whether the payer's name is shown


class AskedTooOften(PaymentError):
    """This maker, or this phone, has had its share of prompts."""

    text_key: ClassVar[str] = "request.asked_too_often"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = True


class CannotBePaid(PaymentError):
    """The request is over, or its uses are taken: found before anything was confirmed."""

    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = False

    def __init__(self, fault: RequestFault) -> None:
        super().__init__(str(fault))
        self.text_key = fault.text_key  # type: ignore[misc] # one class for a handful of sentences


class Offers(Protocol):
    """Whoever prices a transfer (`bot.engine.sending.Sending`)."""

    async def offer(self, request: SendRequest) -> SendOffer:
        """What it would cost now. Raises a `PaymentError`."""
        ...


class Paying:
    """The payer's verb, and the maker's who has a phone asked. The same shape as `Buying`."""

    def __init__(
        self,
        offers: Offers,
        database: Database,
        outbox: Outbox,
        keyring: Keyring,
        clock: Clock,
        wakes: Wakes,
        *,
        environment: str,
        refused: Callable[[Person, RequestFault], Drawn],
        allowances: Allowances | None = None,
    ) -> None:
        """`refused` draws what somebody is told whose yes came too late; `allowances` count what is confirmed."""
        self._allowances = allowances
        self._offers = offers
        self._database = database
        self._outbox = outbox
        self._keyring = keyring
        self._clock = clock
        self._wakes = wakes
        self._environment = environment
        self._refused = refused

    async def offer(self, request: SendRequest) -> SendOffer:
        """What it would cost now. Raises `CannotBePaid`, and a `PaymentError` that says what can be done."""
        now = self._clock()
        fault = await self._database.read(lambda session: self._fault(session, request, now))
        if fault is not None:
            raise CannotBePaid(fault)
        return await self._offers.offer(request)

    async def offer_push(self, request: SendRequest) -> SendOffer:
        """What a phone would be asked for. Raises also `AskedTooOften`: its maker, or the phone, has had enough prompts."""
        now = self._clock()
        digest = self._keyring.digest(request.payer.phone, context=PAYER_PHONE)

        def too_often(session: Session) -> bool:
            asked = None if request.request_id is None else request_by_id(session, request.request_id)
            maker = "" if asked is None else asked.customer_id
            by_maker = asked_since(session, customer_id=maker, since=now - AN_HOUR)
            of_phone = phone_asked_since(session, payer_digest=digest, since=now - A_DAY)
            return by_maker >= MOST_PHONES_AN_HOUR or of_phone >= MOST_TIMES_A_DAY

        if await self._database.read(too_often):
            raise AskedTooOften
        return await self.offer(request)

    def stage_confirm(
        self,
        effects: Effects,
        person: Person,
        held: Conversation,
        request: SendRequest,
        offer: SendOffer,
        *,
        agreed: Callable[[str], Drawn],
    ) -> None:
        """Take a use, open the payment and end the conversation, together or not at all.

        Where no use is left the conversation ends as well, and the card says why. Raises `StaleOffer`, as `Buying` says.
        """
        now = self._clock()
        if now >= offer.expires_at:
            raise StaleOffer

        def confirm(session: Session) -> None:
            end_dialogue(session, held.id, held.revision)
            fault = self._fault(session, request, now)
            if fault is None:
                screen = agreed(self._open(session, person, held, request, offer, now).code)
            else:
                screen = self._refused(person, fault)
            self._outbox.say_now(
                session,
                chat_id=person.chat_id,
                screen=screen,
                dedupe_key=f"agreed:{held.confirm_key}",
                slot=held.slot,
            )

        effects.add(confirm)
        effects.after_commit(self._wake)

    def _open(
        self,
        session: Session,
        person: Person,
        held: Conversation,
        request: SendRequest,
        offer: SendOffer,
        now: datetime,
    ) -> OpenedPayment:
        """The payment and its use. `LostRace` when somebody took the last one just now: then it is decided again."""
        yes = Confirmed(
            customer_id=person.id,
            chat_id=person.chat_id,
            confirm_key=held.confirm_key,
            environment=self._environment,
            now=now,
        )
        opened = open_send(session, self._keyring, yes, request=request, offer=offer)
        assert request.request_id is not None
        maker = request_by_id(session, request.request_id)
        pushes = maker is not None and maker.customer_id == person.id
        named = short_name(request.payer.account_name) if held.draft.answers.get(NAMED) else None
        taken = take_use(
            session,
            self._keyring,
            request_id=request.request_id,
            payment_id=opened.payment_id,
            way=UseWay.PUSH if pushes else UseWay.CHAT,
            phone=request.payer.phone,
            named=named,
            now=now,
        )
        if not taken:
            raise LostRace
        if self._allowances is not None:
            self._allowances.hold(session, person, opened, request, offer, now)
        return opened

    def _fault(self, session: Session, request: SendRequest, now: datetime) -> RequestFault | None:
        assert request.request_id is not None
        record = request_record(session, request_by_id(session, request.request_id))
        return RequestFault.UNKNOWN if record is None else why_not(view_from(record, self._keyring), now)

    async def _wake(self) -> None:
        self._wakes.legs.set()
        self._wakes.notices.set()


def short_name(name: str) -> str:
    """A name as it is shown to others: the first, and the initial of the last."""
    words = name.split()
    return words[0] if len(words) < 2 else f"{words[0]} {words[-1][0]}."
