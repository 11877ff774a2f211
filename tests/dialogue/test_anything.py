"""Whatever a person does, in whatever order: it is answered, there is a way on, and only what was shown is confirmed.

The payment on record equals the card that was confirmed, to the last decimal. What is done in groups and inline pays
nothing and leaves the conversation alone.
"""

import asyncio
import itertools
import re
from collections.abc import Awaitable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from bot.engine.results import BuyRequest, SellRequest, SendRequest
from bot.kotani.errors import NotSent
from bot.payments.money import Money
from bot.payments.parties import Way
from bot.payments.phones import phone_from_e164
from bot.payments.requests import RequestView, why_not
from bot.screens.formats import money
from bot.screens.taps import MenuTap, RequestTap
from storage.request_tables import PaymentRequest
from tests.dialogue.conftest import code

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
USDC_ON_BASE = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
OTHER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
FORMS = ("buy", "sell", "send", "request", "pay", "push")
ELSEWHERE = ("group", "inline")
SENSIBLE = {
    "language": "english",
    "country": "kenya",
    "amount": "1500",
    "token": "usdc",
    "chain": "base",
    "address": ADDRESS,
    "phone": "0712 345 678",
    "network": "mpesa",
    "name": "Jane Wanjiku",
    "where": "0722 111 222",
    "to_country": "uganda",
    "to_phone": "0722 111 222",
    "to_network": "mpesa",
    "to_name": "Mary Atieno",
    "bank": "equity",
    "account": "0110012345678",
    "number": "174379",
    "paybill_account": "INV-1042",
    "sender_address": ADDRESS,
    "refund_address": OTHER,
    "ending": "1222",
    "note": "lunch",
    "request_amount": "1500",
    "request_title": "lunch",
    "request_note": "lunch",
    "paying_amount": "1500",
    "payer_name": "Jane Wanjiku",
    "pushed_name": "Grace Njeri",
}
TEXTS = (
    *SENSIBLE.values(),
    *("buy 20 usdc", "buy 20 usdc on base", "buy 1,500", "buy", "⬅ Back", "✖ Cancel", "🛒 Buy", "❓ Help", "yes", "no"),
    *("20", "20 usdc", "1,500", "0x12", "ghana", "airtel", "+256772123456", "back", "cancel", "confirm", "hi", "sned"),
    f"buy 20 usdt on polygon to {ADDRESS}",
    *("sell 20 usdc", "sell 10 usdt on tron to 0722 111 222", "sell 5000 kes of usdc to my phone", "sell 1,500", "uza"),
    *("send 500 kes to 0722 111 222", "send 500", "send 20 usdc to 0722 111 222", "pay 700 kes to till 174379", "tuma"),
    *("500 kes to +256 772 123 456", "send 600 kes to mary", "send 500 kes to 0712 345 678", "mary", "0722111222"),
    *("request 1500 kes for lunch", "request 500-2000 for church x10", "split 3000 4 taxi", "omba", "sotp"),
    *("stop", "💵 Sell", "📤 Send", "📥 Request", "5000 kes", "ugx 20000", "1222", "gulu"),
)
COMMANDS = (
    *("/start", "/buy", "/buy 20 usdc", "/sell", "/sell 20 usdc on base", "/send", "/send 500 kes to 0722 111 222"),
    *("/request", "/request 700 kes for books", "/split 3000 4", "/start r_nothing"),
    *("/help", "/status", "/cancel", "/language", "/language fr", "/settings", "/recipients", "/addresses", "/xyz"),
    *("/support", "/support my money is gone"),
)
IN_GROUPS = (
    *("/request 500 lunch x10", "/split 3000 4 taxi", "/request@assistant_bot 250 tea", "/request lunch", "/split"),
    *("/request@another_bot 500 lunch", "/buy 20 usdc", "/start r_nothing", "lunch?", "confirm", "1500"),
)
INLINE = ("", "5", "500 kes lunch", "750 taxi x3", "500-2000 church", "split 3000 4", "lunch", "10 usdc", "x" * 250)
CODES = (
    *(ADDRESS, OTHER, f"ethereum:{USDC_ON_BASE}@8453/transfer?address={ADDRESS}&uint256=20000000", "hello"),
    *("tel:+254722111222", "MECARD:N:Njeri,Grace;TEL:+254733000111;;", "https://t.me/assistant_bot?start=r_abc"),
    *("bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq?amount=0.1", "+254712345678"),
)
_forward = st.sampled_from([("forward", form) for form in FORMS])
_action = st.one_of(
    _forward,
    _forward,
    _forward,
    st.tuples(st.just("text"), st.sampled_from(TEXTS) | st.text(min_size=1, max_size=30)),
    st.tuples(st.just("command"), st.sampled_from(COMMANDS)),
    st.tuples(st.just("press"), st.integers(0, 30)),
    st.tuples(st.just("press"), st.integers(0, 30)),
    st.tuples(st.just("old"), st.integers(0, 200)),
    st.tuples(st.just("share"), st.sampled_from(["254712345678", "+27821234567", "1"])),
    st.tuples(st.just("steal"), st.sampled_from(["254712345678", "254722111222", "233241234567", "4915112345678"])),
    st.tuples(st.just("open"), st.integers(0, 5)),
    st.tuples(st.just("group"), st.sampled_from(IN_GROUPS)),
    st.tuples(st.just("inline"), st.sampled_from(INLINE) | st.text(max_size=30)),
    st.tuples(st.just("choose"), st.integers(0, 3)),
    st.tuples(st.just("photograph"), st.sampled_from(CODES)),
    st.tuples(st.just("time"), st.sampled_from([1, 20, 51, 2000, 700_000])),
    st.tuples(st.just("price"), st.sampled_from(["121.7", "130", "1333.3"])),
    st.tuples(st.just("away"), st.booleans()),
    st.just(("renew", "")),
    st.just(("repeat", "")),
)
_outing = st.tuples(  # in the middle of a conversation, or after one
    st.tuples(st.just("group"), st.sampled_from(IN_GROUPS)),
    st.tuples(st.just("inline"), st.sampled_from(INLINE)),
    st.tuples(st.just("choose"), st.integers(0, 3)),
)
_people = itertools.count(10_000)


class _Neighbour:
    """Somebody else, who asks for money whenever there is nothing to pay."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.chat = world.chat(next(_people))

    async def settle(self) -> None:
        """Say once who they are."""
        await self.chat.say("/request")
        await self.chat.press("English")
        await self.chat.press("Kenya")
        for said in ("700", "books"):
            await self.chat.say(said)
        await self.chat.press("Once")
        await self.chat.press("7 days")
        await self.chat.share("+254733999888")
        await self.chat.say("Njeri Kamau")
        await self.chat.press("Confirm")

    async def asks(self) -> RequestView:
        """An open request of theirs."""
        person = await _person(self.world, self.chat)
        found = [view for view in await _open_requests(self.world) if view.customer_id == person.id]
        if not found:
            await self.chat.say("request 700 kes for books x500")
            found = [view for view in await _open_requests(self.world) if view.customer_id == person.id]
        return found[0]


class _Watcher:
    """One person, everything they ever saw, and what must hold after every step. `reached` is where they came."""

    def __init__(self, world: Any, neighbour: _Neighbour, reached: set[str]) -> None:
        self.world = world
        self.neighbour = neighbour
        self.reached = reached
        self.chat = world.chat(next(_people))
        self.group = world.chat(-self.chat.user_id)
        self.offered: tuple[str, tuple[Any, ...]] = ("", ())  # the last inline query, and what could be chosen
        self.others: int | None = None  # payments of everybody else
        self.id: str | None = None  # of the customer that they become
        self.buttons: list[str] = []  # all that were ever seen
        self.cards: dict[str, str] = {}  # review cards by what confirming them is called
        self.repeat: Any = None

    async def do(self, action: tuple[str, Any]) -> None:
        kind, what = action
        acted = True
        match kind:
            case "forward":
                await self._forward(what)
            case "text":
                await self.chat.say(what)
            case "command":
                await self.chat.say(what)
            case "press" if visible := self._visible():
                await self._tap(visible[what % len(visible)])
            case "old" if self.buttons:
                await self._tap(self.buttons[what % len(self.buttons)])
            case "share":
                await self.chat.share(what)
            case "steal":
                await self.chat.share(what, owner=1)
            case "open" if codes := await _request_codes(self.world):
                await self.chat.say(f"/start r_{codes[what % len(codes)]}")
            case "group":
                await self._elsewhere(kind, self._write_in_group(what))
                acted = False
            case "inline":
                await self._elsewhere(kind, self._type_inline(what))
                acted = False
            case "choose" if self.offered[1]:
                await self._elsewhere(kind, self._choose(what))
                acted = False
            case "photograph":
                await self.chat.photograph(code(what))
            case "repeat" if self.repeat is not None:
                await self._tap(self.repeat)
            case "time":
                self.world.pass_time(seconds=what)
                acted = False
            case "price":
                self.world.market.price["KES"] = Decimal(what)
                acted = False
            case "away":
                self.world.market.error = NotSent("connect") if what else None
                acted = False
            case "renew":
                await self.world.renewer.step()
                await self.world.deliver(self.chat)
                acted = False
            case _:
                return
        self._remember()
        if acted:
            assert self.chat.said or any(self.chat.popped), f"{action} was left without an answer"
        await self._check()

    async def _tap(self, data: str) -> None:
        self.repeat = data
        await self.chat.tap(data, on=self.chat.messages[-1] if self.chat.messages else None)

    async def _forward(self, form: str) -> None:
        """The sensible thing to do; `form` is begun where nothing is open."""
        dialogue = await self._dialogue()
        if dialogue is None:
            await self._begin(form)
        elif dialogue.question == "review":
            ways = [data for data in self._visible() if data.endswith((":confirm", ":refresh", ":resume"))]
            await (self._tap(ways[-1]) if ways else self.chat.say("back"))
        elif dialogue.question in SENSIBLE:
            await self.chat.say(SENSIBLE[dialogue.question])
        elif dialogue.question == "pushed_phone":  # each is asked a few times a day only
            await self.chat.say(f"0733 {self.chat.user_id + len(self.buttons):06}")
        else:
            offered = [data for data in self._visible() if f":{dialogue.id}:{dialogue.revision}:" in data]
            await (self._tap(offered[0]) if offered else self.chat.say("back"))

    async def _begin(self, form: str) -> None:
        if form == "pay":
            view = await self.neighbour.asks()
            await self.chat.say(f"/start r_{view.code}")
            await self._tap(RequestTap(view.code, "pay").pack())
            return
        person = await _person(self.world, self.chat)
        own = [view for view in await _open_requests(self.world) if person and view.customer_id == person.id]
        if form == "push" and own:
            await self._tap(RequestTap(own[0].code, "push").pack())
        elif form == "push":
            await self.chat.say("request 1500 kes for lunch x50")  # a form, for who is not known yet
        else:
            await self.chat.say(f"/{form}")
        if form == "request" and await self._dialogue() is None:  # the ones there are were shown
            await self._tap(MenuTap("request-new").pack())

    async def _elsewhere(self, kind: str, doing: Awaitable[None]) -> None:
        """Something outside of the private chat: it makes one request at most, and no step of the conversation."""
        before, known = await self._dialogue(), await _request_codes(self.world)
        await doing
        after, new = await self._dialogue(), set(await _request_codes(self.world)) - set(known)
        assert (before and (before.id, before.revision)) == (after and (after.id, after.revision))
        assert len(new) <= (kind != "inline"), "typing makes nothing, and choosing one request"
        if new:
            self.reached.add("inline" if kind == "choose" else kind)

    async def _write_in_group(self, text: str) -> None:
        chat = {"id": self.group.user_id, "type": "group", "title": "Friends"}
        first = not self.group.messages
        body = self.chat._message(text=text)["message"] | {"chat": chat}
        await self.world.handle({"update_id": next(self.world.numbers), "message": body}, self.group, self.chat)
        for_us = text.startswith(("/request", "/split")) and "another" not in text
        assert self.group.said or not (for_us or first), f"{text} was left without an answer in a group"
        assert all(button.url for message in self.group.said for button in message.buttons), "nothing is paid there"

    async def _type_inline(self, text: str) -> None:
        query = {"id": f"i{next(self.world.numbers)}", "from": self.chat._user(None), "query": text, "offset": ""}
        await self.world.handle({"update_id": next(self.world.numbers), "inline_query": query}, self.chat)
        self.offered = (text, self.world.offers.answers[query["id"]].results)
        assert self.offered[1], f"{text!r} offers nothing to choose"
        buttons = [button for one in self.offered[1] for row in one.screen.rows for button in row]
        assert all(button.url for button in buttons), "a card that is posted leads to the private chat"

    async def _choose(self, number: int) -> None:
        text, results = self.offered
        place = f"m{next(self.world.numbers)}"
        chosen = {"result_id": results[number % len(results)].name, "query": text, "inline_message_id": place}
        body = {"from": self.chat._user(None), **chosen}
        await self.world.handle({"update_id": next(self.world.numbers), "chosen_inline_result": body}, self.chat)

    def _visible(self) -> list[str]:
        return [b.data for message in self.chat.messages for b in message.buttons if b.data is not None]

    def _remember(self) -> None:
        for message in self.chat.said:
            for button in message.buttons:
                if button.data is None:
                    continue
                self.buttons.append(button.data)
                _, _, *parts = button.data.split(":")
                if parts[-1] == "confirm":
                    self.cards[f"{parts[0]}:{parts[1]}"] = _plain(message.text)

    async def _dialogue(self) -> Any:
        if self.id is None:
            person = await _person(self.world, self.chat)
            self.id = person and person.id
        found = [d for d in await self.world.dialogues() if d.customer_id == self.id]
        return found[0] if found else None

    async def _check(self) -> None:
        dialogue = await self._dialogue()
        if dialogue is not None:
            self.reached.add(dialogue.form)
        if dialogue is not None and self.world.now < dialogue.expires_at:
            (card,) = [m for m in self.chat.messages if m.slot == f"d:{dialogue.id}"]
            belongs = f":{dialogue.id}:{dialogue.revision}:"
            ways = [b.data for b in card.buttons]
            keys = card.screen is not None and card.screen.keys is not None
            assert keys or (ways and all(data is not None and belongs in data for data in ways))
        paid = await self.world.paid()
        own = [payment for payment in paid if payment.chat_id == self.chat.user_id]
        others, self.others = self.others, len(paid) - len(own)
        assert others in (None, self.others), "somebody else pays for what this person did"
        for payment in own:
            card_text = self.cards[payment.confirm_key]
            for amount, currency in (
                (payment.pay_amount, payment.pay_currency),
                (payment.fee_amount, payment.fee_currency),
                (payment.receive_amount, payment.receive_currency),
            ):
                shown = (_plain(money(Money(amount, currency), language)) for language in ("en", "sw", "fr"))
                assert amount == 0 or any(figure in card_text for figure in shown)
            view = await self.world.payments.view(payment.id)
            for told in _told(view.request):
                assert told in card_text, f"{told} was not on the card"


def _told(request: Any) -> Iterator[str]:
    """What the card must have said of where money or crypto goes, to the last sign."""
    match request:
        case BuyRequest():
            yield request.address
        case SellRequest():
            yield from (request.sender_address, request.refund_address)
    if isinstance(request, SendRequest) and request.payer.account_name == SENSIBLE["pushed_name"]:
        yield _plain(phone_from_e164(request.payer.phone).whole)  # somebody else's phone is asked to pay
    if isinstance(request, SellRequest | SendRequest):
        to = request.destination
        asked = isinstance(request, SendRequest) and request.request_id is not None  # its maker's number is theirs
        if to.way is Way.PHONE and not to.own and not asked:
            yield _plain(phone_from_e164(str(to.phone)).whole)
        yield from (part for part in (to.account, to.number) if part is not None)


async def _person(world: Any, chat: Any) -> Any:
    return next((person for person in await world.people() if person.telegram_id == chat.user_id), None)


async def _request_codes(world: Any) -> list[str]:
    """The newest requests of anybody, as their links carry them."""
    newest = select(PaymentRequest.code).order_by(col(PaymentRequest.id).desc()).limit(6)
    return list(await world.database.read(lambda session: list(session.execute(newest).scalars())))


async def _open_requests(world: Any) -> list[RequestView]:
    views = [await world.requests.by_code(code) for code in await _request_codes(world)]
    return [view for view in views if view is not None and why_not(view, world.now) is None]


def _plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ").replace("\u202f", " ").replace("\u2060", "")


def test_anything(busy_world: tuple[Any, asyncio.Runner]) -> None:
    world, runner = busy_world
    reached: set[str] = set()
    neighbour = _Neighbour(world)
    runner.run(neighbour.settle())

    @settings(max_examples=32, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(
        form=st.sampled_from(FORMS),
        ahead=st.sampled_from([0, 3, 7, 9, 10, 14, 18]),
        outing=_outing,
        actions=st.lists(_action, min_size=5, max_size=25),
    )
    def whatever(form: str, ahead: int, outing: tuple[tuple[str, Any], ...], actions: list[tuple[str, Any]]) -> None:
        world.market.price["KES"], world.market.error = Decimal(130), None

        async def play() -> None:
            watcher = _Watcher(world, neighbour, reached)
            for action in (*[("forward", form)] * ahead, *outing, *actions):
                await watcher.do(action)

        runner.run(play())

    whatever()
    assert reached >= {*FORMS, *ELSEWHERE}, "the run is worth something only where people get about"


@pytest.mark.parametrize("form", FORMS)
def test_the_straight_way_leads_to_its_end(busy_world: tuple[Any, asyncio.Runner], form: str) -> None:
    """The test above is worth something only if its sensible steps lead to payments, and to requests."""
    world, runner = busy_world
    kind = "request" if form in ("pay", "push") else form

    async def play() -> set[str]:
        neighbour = _Neighbour(world)
        await neighbour.settle()
        watcher = _Watcher(world, neighbour, set())
        for _ in range(30):
            await watcher.do(("forward", form))
        assert form in watcher.reached
        if form == "request":
            assert len(await _request_codes(world)) >= 3
            return {kind}
        paid = await world.paid()
        assert len(paid) >= 3
        return {payment.kind for payment in paid}

    assert runner.run(play()) == {kind}
