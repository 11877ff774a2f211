"""The gate in front of all handlers: who acts, in which language, in private only, and not too much at once.

Three things are let through elsewhere: inline mode, the commands that ask for money in a group, and operators in their group.

It is decided here once, for messages and taps alike; what comes after may rely on `context.turn`. Identity is the
numeric Telegram user id. Somebody who had blocked the assistant and writes again is given what was kept for them.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from telegram import Chat, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import ApplicationHandlerStop

from bot.engine.customers import Person
from bot.engine.effects import Effects, effects
from bot.payments.allowances import utc_hour
from bot.screens.gate import group_help, private_only, slow_down
from bot.screens.questions import note
from bot.screens.texts import LANGUAGES, catalogue
from handlers.flood import Verdict
from handlers.groups import asks_in_a_group
from handlers.operators.entry import command_of, is_for_the_desk, is_own
from handlers.services import Services
from handlers.turn import Turn, TurnContext

_GONE = frozenset({ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})


class Gate:
    """Lets a person's update through with a `Turn`, or answers it and stops."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, update: Update, context: TurnContext) -> None:
        """Decide about one update. Raises `ApplicationHandlerStop` when nothing else may handle it."""
        user, chat, staged = update.effective_user, update.effective_chat, effects()
        query = update.callback_query
        if user is None or user.is_bot:
            raise ApplicationHandlerStop
        if update.inline_query is not None or update.chosen_inline_result is not None:
            await self._stop_barred(user)
            return  # wherever they type: strangers are met when they come to the private chat
        if asks_in_a_group(update, self._services.bot_username()):
            self._stem_outside(update, user)
            await self._stop_barred(user)
            return
        if chat is None or chat.type != ChatType.PRIVATE:
            if chat is not None and (turn := await self._desk_turn(update, chat, user, staged)) is not None:
                context.turn = turn
                return
            if chat is not None and _called_by_name(update, self._services.bot_username()) == "help":
                self._stem_outside(update, user)
                await self._stop_barred(user)
                self._help_in_group(update, chat, user, staged)
                raise ApplicationHandlerStop
            self._outside(update, chat, user, staged, removed=await self._was_removed(update, chat, user))
            raise ApplicationHandlerStop
        language = _spoken(user)
        person = await self._services.customers.meet(telegram_id=user.id, chat_id=chat.id, language=language)
        if update.my_chat_member is not None:
            self._came_or_went(update, person, chat, staged)
            raise ApplicationHandlerStop
        self._services.customers.stage_whereabouts(staged, person, chat_id=chat.id)
        if person.had_blocked_us:
            self._services.outbox.welcome_back(staged, chat_id=chat.id)
        turn = Turn(
            update_id=update.update_id,
            person=replace(person, chat_id=chat.id),
            texts=catalogue(person.language),
            effects=staged,
            outbox=self._services.outbox,
            taps=self._services.taps,
            eraser=self._services.eraser,
            query_id=None if query is None else query.id,
            message_id=None if update.message is None else update.message.message_id,
            called=user.first_name,
            services=self._services.offered.services,
        )
        context.turn = turn
        self._stem(update, turn, user)
        if update.edited_message is not None and not person.barred:
            turn.say(note(turn.texts("dialogue.edited")))
            raise ApplicationHandlerStop

    def _stem(self, update: Update, turn: Turn, user: User) -> None:
        """Many updates in a short time are answered once and then dropped; counted by when they were sent."""
        sent = update.message.date if update.message is not None else self._services.clock()
        match self._services.flood.judge(user.id, _aware(sent)):
            case Verdict.PASS:
                return
            case Verdict.TELL:
                turn.answer_tap()
                turn.say(slow_down(turn.texts))
            case Verdict.DROP:
                turn.answer_tap()
        raise ApplicationHandlerStop

    def _stem_outside(self, update: Update, user: User) -> None:
        """As `_stem`, in a group: whoever writes too much there is not answered."""
        sent = update.message.date if update.message is not None else self._services.clock()
        if self._services.flood.judge(user.id, _aware(sent)) is not Verdict.PASS:
            raise ApplicationHandlerStop

    async def _stop_barred(self, user: User) -> None:
        """Outside of the private chat, whoever was shut out is not answered."""
        if await self._services.customers.is_barred(user.id):
            raise ApplicationHandlerStop

    async def _desk_turn(self, update: Update, chat: Chat, user: User, staged: Effects) -> Turn | None:
        """The turn of an operator who works in the operators' own group; None for anybody and anywhere else.

        Telegram's own ids decide, of the group and of the person, and what was forwarded never counts.
        """
        desk = self._services.desk
        if desk is None or chat.id != desk.chat or not is_for_the_desk(update, self._services.bot_username()):
            return None
        operator = await desk.operators.of(user.id)
        if operator is None:
            return None
        self._stem_outside(update, user)
        person = await self._services.customers.meet(telegram_id=user.id, chat_id=user.id, language=_spoken(user))
        self._services.outbox.welcome_back(staged, chat_id=chat.id)  # where it could not be written to for a while
        query = update.callback_query
        return Turn(
            update_id=update.update_id,
            person=replace(person, chat_id=chat.id),
            texts=catalogue(person.language),
            effects=staged,
            outbox=self._services.outbox,
            taps=self._services.taps,
            eraser=self._services.eraser,
            query_id=None if query is None else query.id,
            message_id=None if update.message is None else update.message.message_id,
            called=user.first_name,
            operator=operator,
            thread=_topic_of(update.effective_message),
        )

    async def _was_removed(self, update: Update, chat: Chat | None, user: User) -> bool:
        """Whether this is a press in the operators' group by somebody who was one of them."""
        desk = self._services.desk
        if desk is None or chat is None or chat.id != desk.chat or update.callback_query is None:
            return False
        return await desk.operators.was_removed(user.id)

    def _outside(self, update: Update, chat: Chat | None, user: User, staged: Effects, *, removed: bool) -> None:
        """A group, a channel, a button whose message is out of reach: one answer per chat, and the way to private.

        A command that names us is asked of us: it is answered again once an hour, whoever else was answered before.
        """
        texts = catalogue(_spoken(user))
        moved, desk = update.my_chat_member, self._services.desk
        if moved is not None and moved.new_chat_member.status not in _GONE and chat is not None:
            if desk is not None and chat.id == desk.chat:
                self._services.outbox.welcome_back(staged, chat_id=chat.id)
            return
        if update.callback_query is not None:
            key = "ops.no_operator_any_more" if removed else "gate.private_only"
            self._services.taps.answer(staged, update.callback_query.id, texts.plain(key), alert=removed)
        if chat is None or chat.type == ChatType.CHANNEL or update.effective_message is None:
            return
        if desk is not None and chat.id == desk.chat:  # operators talk to each other there
            return
        name = self._services.bot_username()
        key = f"private_only:{chat.id}"
        if _called_by_name(update, name) is not None:
            key += f":{utc_hour(self._services.clock())}"
        screen = private_only(texts, bot_username=name)
        self._services.outbox.say(staged, chat_id=chat.id, screen=screen, dedupe_key=key, place=_place_of(update))

    def _help_in_group(self, update: Update, chat: Chat, user: User, staged: Effects) -> None:
        """What can be done in a group, told whenever it is asked of us by name."""
        screen = group_help(catalogue(_spoken(user)), bot_username=self._services.bot_username())
        key = f"u{update.update_id}:group"
        self._services.outbox.say(staged, chat_id=chat.id, screen=screen, dedupe_key=key, place=_place_of(update))

    def _came_or_went(self, update: Update, person: Person, chat: Chat, staged: Effects) -> None:
        assert update.my_chat_member is not None
        if update.my_chat_member.new_chat_member.status in _GONE:
            self._services.customers.stage_gone(staged, person)
        else:
            self._services.customers.stage_whereabouts(staged, person, chat_id=chat.id)
            self._services.outbox.welcome_back(staged, chat_id=chat.id)


def _topic_of(message: Message | None) -> int | None:
    """The topic that a message stands in; none for those of General, and where a group has none."""
    return message.message_thread_id if message is not None and message.is_topic_message else None


def _place_of(update: Update) -> Mapping[str, Any]:
    thread = _topic_of(update.effective_message)
    return {} if thread is None else {"thread": thread}


def _called_by_name(update: Update, bot_username: str) -> str | None:
    """The name of a command that is meant for this bot and no other, as `/help@bot` is."""
    message = update.message
    if message is None or not is_own(message) or "@" not in ((message.text or "").split(maxsplit=1) or [""])[0]:
        return None
    return command_of(message, bot_username)


def _spoken(user: User) -> str:
    """The language of somebody's Telegram, as far as it is one of ours."""
    code = (user.language_code or "en").split("-")[0].lower()
    return code if code in LANGUAGES else "en"


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
