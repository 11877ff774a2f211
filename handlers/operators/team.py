"""/operators and invitations: who operates, by whose invitation, and taking rights away."""

from collections.abc import Callable, Iterable, Sequence

from bot.engine.operators.results import Member, Question, Role
from bot.screens.operators.commands import Listed
from bot.screens.operators.parts import joined, note
from bot.screens.operators.team import (
    invitation_screen,
    joined_screen,
    member_screen,
    sure_to_make,
    sure_to_remove,
    team_screen,
)
from bot.screens.taps import OperatorTap
from bot.screens.texts import catalogue
from handlers.operators.entry import INVITED
from handlers.operators.room import Answer, Command, Press, Shift
from handlers.operators.services import DeskServices
from handlers.services import Services
from handlers.turn import Turn

_SLOT = "o:team"
_MAKE, _REMOVE = "team_role", "team_remove"  # the questions


class TeamRoom:
    """Who operates. Links of invitations are only ever shown to the owner who asked for them, in private."""

    def __init__(self, services: Services, desk: DeskServices, commands: Callable[[Role], Sequence[Listed]]) -> None:
        self._services = services
        self._of_role = commands
        self._operators = desk.operators

    def commands(self) -> Iterable[Command]:
        return (Command("operators", Role.OWNER, self._list),)

    def presses(self) -> Iterable[Press]:
        return (
            Press("team", "list", Role.OWNER, self._show_list),
            Press("team", "show", Role.OWNER, self._show),
            Press("team", "invite", Role.OWNER, self._invite),
            Press("team", "withdraw", Role.OWNER, self._withdraw),
            Press("team", "make-", Role.OWNER, self._sure_to_make),
            Press("team", "remove", Role.OWNER, self._sure_to_remove),
        )

    def answers(self) -> Iterable[Answer]:
        return (
            Answer(_MAKE, Role.OWNER, self._make, by_words=False),
            Answer(_REMOVE, Role.OWNER, self._remove, by_words=False),
        )

    async def join(self, turn: Turn, token: str) -> bool:
        """Somebody opens an invitation. One that we never gave is left alone: it is a link like any other."""
        texts, person = turn.texts, turn.person
        known = await self._operators.of(person.telegram_id)  # before the invitation is judged: they may be removed now
        invited = await self._operators.invitation(token, person=person.telegram_id)
        if invited is None:
            return False
        if known is not None:
            turn.say(note(texts("ops.already_operator", role=texts.plain(f"ops.role.{known.role}"))))
        elif not invited.usable:
            turn.say(note(texts("ops.invitation_over")))
        else:
            self._operators.stage_join(turn.effects, person.telegram_id, turn.called, invited)
            turn.say(joined_screen(texts, invited.role, self._of_role(invited.role)))
        return True

    async def _list(self, shift: Shift, said: str) -> None:
        await self._show_team(shift)

    async def _show_team(self, shift: Shift, *, withdrawn: str | None = None) -> None:
        """`withdrawn`: the id of an invitation that is open until this is written."""
        opened = [one for one in await self._operators.open_invitations() if one.id != withdrawn]
        shift.say(team_screen(shift.turn.texts, await self._operators.team(), opened), slot=_SLOT)

    async def _show_list(self, shift: Shift, tap: OperatorTap) -> None:
        await self._list(shift, "")

    async def _show(self, shift: Shift, tap: OperatorTap) -> None:
        member = await self._member(shift, tap.record)
        if member is not None:
            shift.say(member_screen(shift.turn.texts, member), slot=_SLOT)

    async def _invite(self, shift: Shift, tap: OperatorTap) -> None:
        if tap.record not in tuple(Role):
            return
        role = Role(tap.record)
        token = self._operators.stage_invite(shift.turn.effects, shift.operator, role)
        link = f"https://t.me/{self._services.bot_username()}?start={INVITED}{token}"
        shift.turn.answer_tap("ops.invitation_sent")
        shift.in_private().say(invitation_screen(shift.turn.texts, link, role))

    async def _withdraw(self, shift: Shift, tap: OperatorTap) -> None:
        """Done at once: another one is made as quickly."""
        opened = await self._operators.open_invitations()
        found = next((one for one in opened if one.id == tap.record), None)
        if found is None:
            shift.turn.answer_tap("ops.invitation_gone", alert=True)
        else:
            self._operators.stage_withdraw(shift.turn.effects, shift.operator, found)
            shift.turn.answer_tap("ops.invitation_withdrawn")
        await self._show_team(shift, withdrawn=tap.record)

    async def _sure_to_make(self, shift: Shift, tap: OperatorTap) -> None:
        """Ask once more: a role decides about money, and the button may be an old one."""
        name, member = tap.action.partition("-")[2], await self._member(shift, tap.record)
        if member is None or name not in tuple(Role) or name == member.role:
            return
        about = f"{member.telegram_id} {member.role} {name}"
        asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, _MAKE, about)
        shift.say(sure_to_make(shift.turn.texts, asked.id, member, Role(name)))

    async def _make(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        texts, (record, was, name) = shift.turn.texts, asked.target.split()
        self._operators.stage_answered(shift.turn.effects, asked)
        member = await self._member(shift, record, role=was)
        if member is None:
            return
        self._operators.stage_role(shift.turn.effects, shift.operator, member, Role(name))
        await self._tell(shift, member, "ops.your_role", Role(name))
        role = texts.plain(f"ops.role.{name}")
        shift.say(
            note(texts("ops.role_changed", name=member.name or "–", id=member.telegram_id, role=role)), slot=_SLOT
        )

    async def _sure_to_remove(self, shift: Shift, tap: OperatorTap) -> None:
        member = await self._member(shift, tap.record)
        if member is not None:
            asked = self._operators.stage_ask(shift.turn.effects, shift.operator, shift.chat, _REMOVE, tap.record)
            shift.say(sure_to_remove(shift.turn.texts, asked.id, member))

    async def _remove(self, shift: Shift, asked: Question, choice: str) -> None:
        if choice != "yes":
            return
        self._operators.stage_answered(shift.turn.effects, asked)
        member, texts = await self._member(shift, asked.target), shift.turn.texts
        if member is not None:
            self._operators.stage_remove(shift.turn.effects, shift.operator, member)
            await self._tell(shift, member, "ops.your_removal", member.role)
            gone = texts("ops.removed", name=member.name or "–", id=member.telegram_id)
            shift.say(note(joined([gone, texts("ops.removed_not_from_group")], gap="\n\n")), slot=_SLOT)

    async def _tell(self, shift: Shift, member: Member, key: str, role: Role) -> None:
        """Tell whom it is about, in private and in their language."""
        person = await self._services.customers.known(member.telegram_id)
        texts = catalogue(None if person is None else person.language)
        self._services.outbox.say(
            shift.turn.effects,
            chat_id=member.telegram_id,  # a private chat has the id of its person
            screen=note(texts(key, role=texts.plain(f"ops.role.{role}"))),
            dedupe_key=f"u{shift.turn.update_id}:role",
        )

    async def _member(self, shift: Shift, record: str, *, role: str | None = None) -> Member | None:
        """The operator with this id, if they are one still, were invited, and have this role; else it is said."""
        team = await self._operators.team()
        found = next((one for one in team if str(one.telegram_id) == record and not one.fixed), None)
        if found is None or role not in (None, found.role):
            shift.turn.answer_tap("ops.member_gone", alert=True)
            return None
        return found
