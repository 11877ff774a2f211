"""The one list of handlers. Everything that a person can do here enters through it.

Groups run in this order: the gate, what stops those who were shut out, the desk of the operators, what closes everything
else for a while, the one handler that fits, and the last word.
"""

from typing import Any, Final

from telegram import Update
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from handlers.barred import Barred
from handlers.commands import Commands, what_was_said
from handlers.free_text import FreeText
from handlers.gate import Gate
from handlers.groups import Groups
from handlers.inline import Inline
from handlers.last import LastWord
from handlers.maintenance import Maintenance
from handlers.operators.desk import Desk
from handlers.photographs import PhotographOfCodes
from handlers.records import Records
from handlers.services import Services
from handlers.talking import FormTalk
from handlers.taps import Taps
from handlers.turn import TurnContext

GATE: Final = -4
BARRED: Final = -3
DESK: Final = -2
CLOSED: Final = -1
MAIN: Final = 0
LAST: Final = 1
ALLOWED_UPDATES: Final = (
    *("message", "edited_message", "callback_query", "my_chat_member"),
    *("inline_query", "chosen_inline_result"),
)
CONTEXT_TYPES: Final = ContextTypes(context=TurnContext)

Handler = BaseHandler[Any, Any, Any]


def build_handlers(services: Services) -> list[tuple[int, Handler]]:
    """All handlers with their groups, for `Application.add_handler`."""
    talk = FormTalk(services)
    records = Records(services, talk)
    made = Commands(services, talk, records)
    free = FreeText(services, talk, made, records)
    photograph = PhotographOfCodes(
        services, talk, records.people, follow=made.start, warn=free.warn, refuses=made.inquiries.refuses
    )

    inline = Inline(services)

    async def command(update: Update, context: TurnContext) -> None:
        assert update.message is not None
        text = update.message.text or ""
        name = text.split()[0].removeprefix("/").split("@", 1)[0].lower()
        run = made.named(name)
        if run is not None:
            if name != "support":
                await made.inquiries.leave(context.turn)
            await run(context.turn, what_was_said(update))

    return [
        (GATE, TypeHandler(Update, Gate(services))),
        (BARRED, TypeHandler(Update, Barred(services, made.inquiries))),
        *_desk(services),
        (CLOSED, TypeHandler(Update, Maintenance(services, made.inquiries))),
        (MAIN, InlineQueryHandler(inline.query)),
        (MAIN, ChosenInlineResultHandler(inline.chosen)),
        (MAIN, MessageHandler(filters.UpdateType.MESSAGE & filters.ChatType.GROUPS, Groups(services))),
        (MAIN, MessageHandler(filters.UpdateType.MESSAGE & filters.Regex(r"^/[A-Za-z0-9_]"), command)),
        (MAIN, MessageHandler(filters.UpdateType.MESSAGE & filters.CONTACT, free.contact)),
        (MAIN, MessageHandler(filters.UpdateType.MESSAGE & filters.TEXT, free.text)),
        (MAIN, MessageHandler(filters.UpdateType.MESSAGE & (filters.PHOTO | filters.Document.IMAGE), photograph)),
        (MAIN, MessageHandler(filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL, free.other)),
        (MAIN, CallbackQueryHandler(Taps(services, talk, made, records))),
        (LAST, TypeHandler(Update, LastWord(services))),
    ]


def _desk(services: Services) -> list[tuple[int, Handler]]:
    """What operators do; nobody else's updates end there."""
    if services.desk is None:
        return []
    desk = Desk(services, services.desk)
    return [
        (DESK, MessageHandler(filters.UpdateType.MESSAGE & filters.TEXT, desk.message)),
        (
            DESK,
            MessageHandler(filters.UpdateType.MESSAGE & filters.Document.ALL & ~filters.Document.IMAGE, desk.document),
        ),
        (DESK, CallbackQueryHandler(desk.tap)),
    ]


def add_handlers(application: Application[Any, Any, Any, Any, Any, Any], services: Services) -> None:
    """Give an application all handlers. It must have been built with `CONTEXT_TYPES`."""
    for group, handler in build_handlers(services):
        application.add_handler(handler, group)
