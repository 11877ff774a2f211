"""The wallet addresses that a customer used before: listed, looked at whole, named, used again and forgotten."""

from typing import Final

from bot.engine.addresses import KnownAddress
from bot.payments.lines import BuyLine
from bot.screens.foreign import Html
from bot.screens.saved_addresses import (
    KIND,
    Wallet,
    no_wallets,
    sure_to_forget_wallet,
    wallet_card,
    wallet_gone,
    wallet_label,
    wallets_list,
)
from bot.screens.taps import RecordTap
from handlers.dialogue.journey import Filled
from handlers.dialogue.people_cards import WALLETS
from handlers.services import Services
from handlers.talking import FormTalk
from handlers.turn import Turn

PAGE: Final = 6


class SavedAddresses:
    """What can be done with saved addresses. Everything is of the person who asks."""

    def __init__(self, services: Services, talk: FormTalk) -> None:
        self._services = services
        self._talk = talk

    async def show(self, turn: Turn, said: str) -> None:
        """The list."""
        await self._list(turn, 1, fresh=True)

    async def tap(self, turn: Turn, tap: RecordTap) -> None:
        """A button of the list or of a card. Leaves an unknown one unanswered."""
        if tap.action == "page":
            turn.answer_tap()
            await self._list(turn, int(tap.record) if tap.record.isascii() and tap.record.isdigit() else 1)
            return
        known = await self._services.addresses.by_id(turn.person.id, tap.record)
        if known is None:
            turn.answer_tap()
            turn.say(wallet_gone(turn.texts), slot=WALLETS)
            return
        await self._act(turn, tap.action, known)

    async def _act(self, turn: Turn, action: str, known: KnownAddress) -> None:
        texts, one = turn.texts, _wallet(known)
        match action:
            case "show":
                turn.say(wallet_card(texts, one), slot=WALLETS)
            case "buy":
                turn.answer_tap()
                await self._talk.begin(turn, BuyLine(chain=one.chain, address=one.address))
            case "rename":
                turn.answer_tap()
                called = wallet_label(one.chain, one.address, one.name)
                await self._talk.start(
                    turn, "rename", Filled({"record": {"kind": KIND, "id": one.id, "called": called}})
                )
            case "forget":
                turn.say(sure_to_forget_wallet(texts, one), slot=WALLETS)
            case "forgotten":
                self._services.addresses.stage_delete(turn.effects, turn.person.id, one.id)
                await self._list(turn, 1, lead=texts("wallets.forgotten"), without=one.id)
            case _:
                return
        turn.answer_tap()

    async def _list(
        self, turn: Turn, page: int, *, lead: Html | None = None, without: str | None = None, fresh: bool = False
    ) -> None:
        kept = [_wallet(one) for one in await self._services.addresses.of(turn.person.id) if one.id != without]
        if not kept:
            turn.say(no_wallets(turn.texts, lead=lead), slot=WALLETS, fresh=fresh)
            return
        pages = -(-len(kept) // PAGE)
        page = min(max(page, 1), pages)
        shown = kept[(page - 1) * PAGE : page * PAGE]
        screen = wallets_list(turn.texts, shown, page=page, pages=pages, count=len(kept), lead=lead)
        turn.say(screen, slot=WALLETS, fresh=fresh)


def _wallet(known: KnownAddress) -> Wallet:
    return Wallet(known.id, known.chain, known.value, known.name)
