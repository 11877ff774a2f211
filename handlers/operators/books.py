"""/books: what stands on every account, and what is owed to whom."""

from collections.abc import Iterable

from bot.engine.operators.results import Role
from bot.screens.operators.books import books_screen
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift, page_of
from handlers.operators.services import DeskServices


class BooksRoom:
    """Looks into the books; nothing is done here."""

    def __init__(self, desk: DeskServices) -> None:
        self._books = desk.books
        self._reconciling = desk.reconciling

    def commands(self) -> Iterable[Command]:
        return (Command("books", Role.VIEWER, self._show),)

    def presses(self) -> Iterable[Press]:
        return (Press("books", "page-", Role.VIEWER, self._turn),)

    def answers(self) -> Iterable[Answer]:
        return ()

    async def _show(self, shift: Shift, said: str) -> None:
        await self._page(shift, 1)

    async def _turn(self, shift: Shift, tap: OperatorTap) -> None:
        await self._page(shift, page_of(tap))

    async def _page(self, shift: Shift, number: int) -> None:
        books = self._books
        seen, compared = await books.look(), await self._reconciling.look()
        screen = books_screen(shift.turn.texts, books.environment, seen, books.now, number, compared=compared)
        shift.say(screen, slot="o:books")
