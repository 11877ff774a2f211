"""Talking to a person of the team, from the customer's side: /support, what it is about, their words, and its end.

While a customer talks, what they type is for the team, and nothing else is made of it: a "yes" to a colleague of ours
must not confirm a payment. Any command, key or button of something else ends that.
"""

import re
from dataclasses import replace
from typing import Final

from telegram import Message

from bot.engine.inquiries import Inquiries
from bot.engine.operators.word_results import MOST_WORDS, Inquiry, Topic
from bot.engine.results import PaymentView
from bot.payments.lines import LineProblem, Verb, read_line
from bot.payments.references import read_payment_code
from bot.screens.help import help_screen, payment_help
from bot.screens.inquiries import (
    closed,
    hushed,
    note_slot,
    passed_on,
    reopened,
    still_open,
    told,
    what_about,
    write_now,
)
from bot.screens.operators.inquiries import customer_wrote
from bot.screens.questions import note_with_menu
from bot.screens.taps import RecordTap
from bot.screens.texts import catalogue
from handlers.services import Services
from handlers.turn import Turn

_OFFERED: Final = 3  # payments that it may be about
_MOST_CODES: Final = 10  # of one message that are looked up
_CODE: Final = re.compile(r"(?=\b(\w{4}[-\u2010-\u2015 ]?\w{4})\b)")  # also two words, each of which may begin one


class InquiryTalk:
    """What customers do to reach a person. Everything is of the customer who asks."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def heard(self) -> bool:
        """Whether there is a person to talk to."""
        return self._services.inquiries is not None and self._services.inquiries.heard

    async def command(self, turn: Turn, said: str) -> None:
        """/support: ask what it is about, or go on with what is open; words behind it are passed on at once."""
        inquiries = self._heard()
        if inquiries is None:
            support, home = self._services.support, turn.person.country
            turn.say(help_screen(turn.texts, support=support, services=turn.services, country=home))
            return
        held = await inquiries.of(turn.person.id)
        if said:
            await self._words(turn, inquiries, held, said)
        elif held is None:
            await self._begin(turn, inquiries, None)
        else:
            inquiries.stage_talk(turn.effects, turn.person.id)
            self._say_open(turn, held)

    async def about(self, turn: Turn, view: PaymentView) -> None:
        """The button below the help with a payment."""
        inquiries = self._heard()
        if inquiries is None:
            turn.say(payment_help(turn.texts, view, support=self._services.support))
            return
        held = await inquiries.of(turn.person.id)
        if held is None:
            await self._begin(turn, inquiries, view)
            return
        inquiries.stage_about(turn.effects, held, payment_id=view.id)
        if held.posted:
            await inquiries.stage_card(turn.effects, held.id, f"u{turn.update_id}")
        self._say_open(turn, replace(held, code=view.code))

    async def takes(self, turn: Turn, message: Message) -> bool:
        """Whether a typed message is for the team: it is passed on then.

        It is while its writer talks, and when it is a reply to what the team wrote.
        """
        inquiries, text = self._heard(), message.text or ""
        if inquiries is None:
            return False
        answered = await self._answered(turn, inquiries, message.reply_to_message)
        if answered is None and not inquiries.talks(turn.person):
            return False
        held = await inquiries.of(turn.person.id)
        if held is None and answered is not None:  # it was closed, and goes on
            inquiries.stage_reopen(turn.effects, answered, None)
            held = answered
        await self._words(turn, inquiries, held, text)
        return True

    async def is_answered_by(self, turn: Turn, message: Message) -> bool:
        """Whether a typed message replies to what the team wrote."""
        inquiries = self._heard()
        if inquiries is None or not message.text:
            return False
        return await self._answered(turn, inquiries, message.reply_to_message) is not None

    async def _answered(self, turn: Turn, inquiries: Inquiries, replied: Message | None) -> Inquiry | None:
        """The inquiry in which the team wrote what this customer replies to."""
        if replied is None or replied.from_user is None or not replied.from_user.is_bot:
            return None
        behind = await inquiries.behind(turn.person.chat_id, replied.message_id)
        found = None if behind is None else await inquiries.by_id(behind)
        return None if found is None or found.customer_id != turn.person.id else found

    async def catches(self, turn: Turn, text: str) -> bool:
        """Whether the customer has something open with the team: what nothing else was made of is passed on then."""
        inquiries = self._heard()
        held = None if inquiries is None else await inquiries.of(turn.person.id)
        if inquiries is None or held is None or not held.posted:
            return False
        await self._words(turn, inquiries, held, text)
        return True

    async def refuses(self, turn: Turn) -> bool:
        """Whether what is no words (a picture, a recording) was meant for the team, which is told to be impossible."""
        inquiries = self._heard()
        if inquiries is None or not inquiries.talks(turn.person):
            return False
        held = await inquiries.of(turn.person.id)
        if held is None:
            return False
        turn.say(told(turn.texts, turn.texts("inquiry.only_words"), held.id), slot=note_slot(held.id), fresh=True)
        return True

    def talks(self, turn: Turn) -> bool:
        """Whether what they write now is for the team."""
        inquiries = self._heard()
        return inquiries is not None and inquiries.talks(turn.person)

    def hush(self, turn: Turn) -> None:
        """They do something else: what they write next is for that."""
        inquiries = self._heard()
        if inquiries is not None and inquiries.talks(turn.person):
            inquiries.stage_hush(turn.effects, turn.person)

    async def leave(self, turn: Turn) -> None:
        """As `hush`, for a command or a key that they type: it is said above its answer, with the way back to the team."""
        inquiries = self._heard()
        held = await inquiries.of(turn.person.id) if inquiries is not None and inquiries.talks(turn.person) else None
        self.hush(turn)
        if held is not None:
            turn.say(hushed(turn.texts, held), slot=note_slot(held.id), fresh=True)

    async def tap(self, turn: Turn, tap: RecordTap) -> None:
        """One of the buttons. Leaves an unknown one unanswered."""
        inquiries = self._heard()
        if inquiries is None:
            return
        inquiry = await inquiries.by_id(tap.record)
        if inquiry is None or inquiry.customer_id != turn.person.id:
            turn.answer_tap("inquiry.gone", alert=True)
            return
        verb, _, choice = tap.action.partition("-")
        if verb == "again":
            await self._again(turn, inquiries, inquiry)
        elif inquiry.closed_at is not None:
            turn.answer_tap("inquiry.gone", alert=True)
        else:
            await self._act(turn, inquiries, inquiry, verb, choice)

    async def _act(self, turn: Turn, inquiries: Inquiries, inquiry: Inquiry, verb: str, choice: str) -> None:
        texts, slot = turn.texts, note_slot(inquiry.id)
        match verb:
            case "topic" if choice in tuple(Topic):
                inquiries.stage_about(turn.effects, inquiry, topic=Topic(choice))
                recent = await self._services.payments.recent(turn.person.id, limit=_OFFERED)
                turn.say(write_now(texts, inquiry, recent), slot=slot)
            case "pay":
                view = await self._services.payments.by_code(turn.person.id, choice)
                if view is None:
                    return
                inquiries.stage_about(turn.effects, inquiry, payment_id=view.id)
                turn.say(told(texts, texts("inquiry.about", code=view.code), inquiry.id), slot=slot)
            case "talk":
                inquiries.stage_talk(turn.effects, turn.person.id)
                self._say_open(turn, inquiry)
            case "done":
                inquiries.stage_hush(turn.effects, turn.person)
                turn.say(hushed(texts, inquiry), slot=slot)
            case "solved":
                inquiries.stage_close(turn.effects, inquiry, None)
                if inquiry.posted:
                    await inquiries.stage_card(turn.effects, inquiry.id, f"u{turn.update_id}")
                turn.say(closed(texts, inquiry.id, by_team=False), slot=slot, fresh=True)
            case _:
                return
        turn.answer_tap()

    async def _again(self, turn: Turn, inquiries: Inquiries, inquiry: Inquiry) -> None:
        held = await inquiries.of(turn.person.id)
        if held is not None:  # this one, or another by now
            inquiries.stage_talk(turn.effects, turn.person.id)
            self._say_open(turn, held)
        else:
            inquiries.stage_reopen(turn.effects, inquiry, None)
            await inquiries.stage_card(turn.effects, inquiry.id, f"u{turn.update_id}")
            turn.say(reopened(turn.texts, inquiry.id), slot=note_slot(inquiry.id), fresh=True)
        turn.answer_tap()

    async def _begin(self, turn: Turn, inquiries: Inquiries, view: PaymentView | None) -> None:
        if not await inquiries.may_open(turn.person.id):
            turn.say(note_with_menu(turn.texts, turn.texts("inquiry.too_many_today")))
            return
        payment_id = None if view is None else view.id
        opened = inquiries.stage_open(turn.effects, turn.person, payment_id=payment_id, topic=None)
        asked = what_about(turn.texts, opened, None if view is None else view.code)
        turn.say(asked, slot=note_slot(opened), fresh=True)

    async def _words(self, turn: Turn, inquiries: Inquiries, held: Inquiry | None, text: str) -> None:
        """Pass words on; what was not open is opened by them."""
        texts = turn.texts
        if held is None and not await inquiries.may_open(turn.person.id):
            inquiries.stage_hush(turn.effects, turn.person)
            turn.say(note_with_menu(texts, texts("inquiry.too_many_today")))
            return
        if held is not None and not await inquiries.may_write(turn.person.id):
            turn.say(told(texts, texts("inquiry.too_many"), held.id), slot=note_slot(held.id), fresh=True)
            return
        named = await self._named(turn, text)
        payment_id = None if named is None else named.id
        if held is None:
            opened = inquiries.stage_open(turn.effects, turn.person, payment_id=payment_id, topic=None)
        else:
            opened = held.id
            if payment_id is not None and held.code is None:
                inquiries.stage_about(turn.effects, held, payment_id=payment_id)
        message = inquiries.stage_words(turn.effects, turn.person, opened, text)
        if held is None or held.waits_since is None or (named is not None and held.code is None):
            await inquiries.stage_card(turn.effects, opened, f"u{turn.update_id}")
        if held is not None and held.posted:
            await inquiries.stage_post(
                turn.effects,
                held.id,
                message,
                lambda language: customer_wrote(
                    catalogue(language), held, text[:MOST_WORDS], code=None if named is None else named.code
                ),
            )
        turn.say(passed_on(texts, opened, _wanted(turn, text)), slot=note_slot(opened), fresh=True)

    async def _named(self, turn: Turn, text: str) -> PaymentView | None:
        """The payment of theirs whose reference stands in what they write."""
        spelled = sorted(_CODE.findall(text), key=lambda found: " " in found)  # those that look most like one first
        codes = dict.fromkeys(code for found in spelled if (code := read_payment_code(found)) is not None)
        for code in list(codes)[:_MOST_CODES]:
            view = await self._services.payments.by_code(turn.person.id, code)
            if view is not None:
                return view
        return None

    def _say_open(self, turn: Turn, held: Inquiry) -> None:
        texts = turn.texts
        screen = still_open(texts, held) if held.posted else what_about(texts, held.id, held.code)
        turn.say(screen, slot=note_slot(held.id), fresh=True)

    def _heard(self) -> Inquiries | None:
        return self._services.inquiries if self.heard else None


def _wanted(turn: Turn, text: str) -> Verb | None:
    """What a message would have begun elsewhere, where it says plainly how much: words to a person begin nothing."""
    line = read_line(text, country=turn.person.country)
    return None if line is None or isinstance(line, LineProblem) or line.amount is None else line.verb
