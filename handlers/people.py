"""The people that a customer sends money to: listed, found by a name, looked at, changed and forgotten; and new ones.

A tap carries the id of a record and what to do with it; whose it is and whether it is still there is looked up each time.
"""

from dataclasses import replace
from typing import Final

from bot.engine.recipients import KnownRecipient
from bot.payments.phones import PhoneProblem, read_phone
from bot.screens.foreign import Html
from bot.screens.people import KIND, nobody_found, nobody_yet, people_found, people_list, person_gone, sure_to_forget
from bot.screens.questions import note_with_keyboard
from bot.screens.taps import RecordTap
from handlers.dialogue.destinations import packed_recipient
from handlers.dialogue.form import Problem, SharedContact
from handlers.dialogue.found_errand import FoundPhone
from handlers.dialogue.journey import Filled
from handlers.dialogue.people_cards import PEOPLE, card_of, entry_of
from handlers.dialogue.record_errands import payable_phone
from handlers.services import Services
from handlers.talking import FormTalk
from handlers.turn import Turn

PAGE: Final = 6
_MOST: Final = 300


class People:
    """What can be done with recipients. Everything is of the person who asks."""

    def __init__(self, services: Services, talk: FormTalk) -> None:
        self._services = services
        self._talk = talk

    async def show(self, turn: Turn, said: str) -> None:
        """The list, or those whose name is like what was said."""
        if not said:
            await self._list(turn, 1, fresh=True)
        elif not await self.find(turn, said):
            turn.say(nobody_found(turn.texts, said), slot=PEOPLE, fresh=True)

    async def find(self, turn: Turn, words: str) -> bool:
        """Show whoever is called something like `words`; False when nobody is."""
        found = await self._services.recipients.search(turn.person.id, words)
        if not found:
            return False
        if len(found) == 1:
            turn.say(card_of(found[0], await self._talk.looking(turn)), slot=PEOPLE, fresh=True)
        else:
            entries = [entry_of(one, turn.texts) for one in found[:PAGE]]
            turn.say(people_found(turn.texts, words, entries), slot=PEOPLE, fresh=True)
        return True

    async def contact(self, turn: Turn, contact: SharedContact) -> None:
        """Somebody from the phone's address book, while no question is open: send them money, or save them."""
        if contact.own:
            turn.say(note_with_keyboard(turn.texts, turn.texts("dialogue.contact_not_needed")))
            return
        # Telegram shares numbers in international form, with or without the plus sign
        phone = read_phone("+" + contact.phone.strip().lstrip("+"), country=None)
        if isinstance(phone, PhoneProblem):
            turn.say(note_with_keyboard(turn.texts, turn.texts("people.unusable_number")))
            return
        await self.found(turn, FoundPhone(phone, contact.name))

    async def found(self, turn: Turn, *people: FoundPhone) -> None:
        """Ask what to do with numbers that came along; of one that cannot be paid, say why."""
        talk = await self._talk.looking(turn)
        judged = [(one, payable_phone(one.phone.e164, talk)) for one in people]
        usable = [one for one, verdict in judged if not isinstance(verdict, Problem)]
        if not usable:
            problem = next(verdict for _, verdict in judged if isinstance(verdict, Problem))
            turn.say(note_with_keyboard(turn.texts, turn.texts(problem.key, **problem.values)))
            return
        await self._talk.start(turn, "found", Filled({"found": [one.packed() for one in usable]}))

    async def tap(self, turn: Turn, tap: RecordTap) -> None:
        """A button of the list or of a card. Leaves an unknown one unanswered."""
        if tap.action == "page":
            turn.answer_tap()
            await self._list(turn, int(tap.record) if tap.record.isascii() and tap.record.isdigit() else 1)
            return
        known = await self._services.recipients.by_id(turn.person.id, tap.record)
        if known is None:
            turn.answer_tap()
            turn.say(person_gone(turn.texts), slot=PEOPLE)
            return
        await self._act(turn, tap.action, known)

    async def _act(self, turn: Turn, action: str, known: KnownRecipient) -> None:
        texts, recipients, customer = turn.texts, self._services.recipients, turn.person.id
        record = {"kind": KIND, "id": known.id, "called": known.name, "country": known.destination.country}
        match action:
            case "show":
                turn.say(card_of(known, await self._talk.looking(turn)), slot=PEOPLE)
            case "send":
                turn.answer_tap()
                await self._talk.start(turn, "send", Filled({"where": packed_recipient(known)}))
            case "save":
                await recipients.stage_save(turn.effects, customer, known.destination)
                saved = replace(known, saved=True)
                lead = texts("people.saved", name=known.name)
                turn.say(card_of(saved, await self._talk.looking(turn), lead=lead), slot=PEOPLE)
            case "rename":
                turn.answer_tap()
                await self._talk.start(turn, "rename", Filled({"record": record}))
            case "number":
                turn.answer_tap()
                await self._talk.start(turn, "number", Filled({"record": record}))
            case "forget":
                turn.say(sure_to_forget(texts, known.id, known.name), slot=PEOPLE)
            case "forgotten":
                recipients.stage_delete(turn.effects, customer, known.id)
                await self._list(turn, 1, lead=texts("people.forgotten", name=known.name), without=known.id)
            case _:
                return
        turn.answer_tap()

    async def _list(
        self, turn: Turn, page: int, *, lead: Html | None = None, without: str | None = None, fresh: bool = False
    ) -> None:
        everybody = await self._services.recipients.of(turn.person.id, limit=_MOST)
        kept = [one for one in everybody if one.id != without]
        if not kept:
            turn.say(nobody_yet(turn.texts, lead=lead), slot=PEOPLE, fresh=fresh)
            return
        pages = -(-len(kept) // PAGE)
        page = min(max(page, 1), pages)
        entries = [entry_of(one, turn.texts) for one in kept[(page - 1) * PAGE : page * PAGE]]
        screen = people_list(turn.texts, entries, page=page, pages=pages, count=len(kept), lead=lead)
        turn.say(screen, slot=PEOPLE, fresh=fresh)
