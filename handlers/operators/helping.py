"""/help of operators: what each of them may do, out of the commands that the rooms declare, so that none is missing."""

from collections.abc import Callable, Iterable, Sequence

from bot.engine.operators.results import Role
from bot.screens.operators.commands import Listed, Part, commands_screen
from bot.screens.taps import OperatorTap
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices

_PARTS = {Role.VIEWER: Part.LOOK, Role.OPERATOR: Part.DO, Role.OWNER: Part.DECIDE}
_DECIDE = {  # by whom; others only look
    **dict.fromkeys(("approvals", "pause", "resume", "maintenance"), Role.OPERATOR),
    **dict.fromkeys(("limits", "limit", "fees"), Role.OWNER),
}


class HelpRoom:
    """What there is. `commands` are all that the desk takes."""

    def __init__(self, desk: DeskServices, commands: Callable[[], Iterable[Command]]) -> None:
        self._operators = desk.operators
        self._commands = commands

    def commands(self) -> Iterable[Command]:
        return (Command("help", Role.VIEWER, self._help, words=(0, 100)),)

    def presses(self) -> Iterable[Press]:
        return (Press("help", "show", Role.VIEWER, self._show),)

    def answers(self) -> Iterable[Answer]:
        return ()

    def listed(self, role: Role) -> Sequence[Listed]:
        """The commands of a role, in their parts."""
        return listed(self._commands(), role)

    async def _help(self, shift: Shift, said: str) -> None:
        shift.say(commands_screen(shift.turn.texts, self.listed(shift.role), private=shift.is_private))
        self._operators.stage_told(shift.turn.effects, shift.operator.telegram_id)  # their menu, in their language now

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        await self._help(shift, "")


def listed(commands: Iterable[Command], role: Role) -> Sequence[Listed]:
    """What somebody of this role may do, each in the part where it is looked for."""
    return [Listed(one.name, _part(one, role)) for one in commands if role.may(one.needs)]


def _part(command: Command, role: Role) -> Part:
    decides = _DECIDE.get(command.name)
    return Part.DECIDE if decides is not None and role.may(decides) else _PARTS[command.needs]
