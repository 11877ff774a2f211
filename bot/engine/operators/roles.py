"""Who operates the business, with which rights, by whose invitation; and the one way to write down what they did.

Rights belong to people, by their numeric Telegram id, and are looked up at every press. Whatever an operator does is
written with its record in one transaction, which also looks once more whether they still have the role: somebody who was
removed a moment ago changes nothing. Owners of the settings cannot be removed here, so nobody can lock everybody out.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from bot.engine.clock import Clock
from bot.engine.effects import Effects
from bot.engine.operators.leaving import withdraw_orders
from bot.engine.operators.naming import OwnerNames
from bot.engine.operators.newcomers import one_person_until
from bot.engine.operators.owners_hear import hearing_rows, is_heard
from bot.engine.operators.results import (
    Action,
    Invitation,
    Member,
    OpenInvitation,
    Operator,
    Page,
    Question,
    Role,
)
from bot.engine.outbox import write_notice_rows
from bot.payments.identifiers import new_id
from storage import operators as queries
from storage.crypto import Keyring
from storage.database import Database
from storage.operator_tables import OperatorQuestion
from storage.payments import LostRace

INVITATION_LIFE: Final = timedelta(hours=24)
QUESTION_LIFE: Final = timedelta(minutes=5)
PAGE: Final = 8
LOOK: Final = queries.LOOK
MOST_WORDS: Final = 500  # characters of a reason
_ID: Final = 16  # characters of an invitation's digest: enough to tell the open ones apart
_NAME: Final = "operator.name"
_TOKEN: Final = "operator.invitation"  # noqa: S105 - the context of its digest


class Operators:
    """Finds out who somebody is, and changes who operates. `owners`: of the settings. `changed` hears whose rights did."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        clock: Clock,
        *,
        owners: frozenset[int],
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._owners = owners
        self._changed = changed
        self.owner_names = OwnerNames(database, keyring, owners)

    async def of(self, telegram_id: int) -> Operator | None:
        """The operator with this Telegram user id, with the role they have now; None for everybody else."""
        if telegram_id in self._owners:
            return Operator(telegram_id, Role.OWNER)
        role = await self._database.read(lambda session: queries.operator_role(session, telegram_id))
        return None if role is None else Operator(telegram_id, Role(role))

    async def was_removed(self, telegram_id: int) -> bool:
        """Whether somebody was an operator once whose rights were taken away; not of owners of the settings."""
        return await self._database.read(lambda session: queries.was_removed(session, telegram_id))

    async def team(self) -> list[Member]:
        """Everybody: the owners of the settings first, then those who were invited."""
        names = await self.owner_names.known()
        fixed = [Member(one, Role.OWNER, names.get(one), None, fixed=True) for one in sorted(self._owners)]
        rows = await self._database.read(queries.operators)
        return fixed + [
            Member(
                row.telegram_id,
                Role(row.role),
                self._keyring.open(row.name_sealed, context=_NAME),
                row.added_at,
                fixed=False,
            )
            for row in rows
            if row.telegram_id not in self._owners
        ]

    async def names(self) -> dict[int, str]:
        """What operators are called, where that is known, by their Telegram ids; also of those who were removed."""
        rows = await self._database.read(lambda session: queries.operators(session, removed=True))
        invited = {row.telegram_id: self._keyring.open(row.name_sealed, context=_NAME) for row in rows}
        return invited | await self.owner_names.known()

    def one_person_until(self, session: Session, first: int, second: int) -> datetime | None:
        """Until when two operators (Telegram ids) count as one, since one of them has just come; None: they are two."""
        return one_person_until(session, first, second, owners=self._owners, now=self._clock())

    def stage_invite(self, effects: Effects, owner: Operator, role: Role) -> str:
        """An invitation to become `role`; its token, which is told once and never kept."""
        token, now = secrets.token_urlsafe(24), self._clock()
        row = {
            "token_digest": self._digest(token),
            "role": str(role),
            "invited_by": owner.telegram_id,
            "created_at": now,
            "expires_at": now + INVITATION_LIFE,
        }
        effects.add(lambda session: queries.add_invitation(session, row))
        self.stage_act(effects, owner, "invite", target=None, after={"role": role})
        return token

    async def invitation(self, token: str, *, person: int) -> Invitation | None:
        """The invitation behind a token, as it is for this person; None for a token that we never gave.

        Whoever was removed does not come back by one that was given out before: it takes a new one.
        """
        found = await self._database.read(lambda session: queries.invitation(session, self._digest(token)))
        if found is None:
            return None
        inviter, given_at = await self.of(found.invited_by), found.created_at
        removed = await self._database.read(lambda session: queries.was_removed_since(session, person, given_at))
        usable = (
            found.used_at is None
            and not removed
            and self._clock() < found.expires_at
            and inviter is not None
            and inviter.role is Role.OWNER  # what somebody gave out who was removed since is worth nothing
        )
        return Invitation(found.token_digest, Role(found.role), found.invited_by, usable=usable)

    async def open_invitations(self) -> list[OpenInvitation]:
        """Every invitation that can still be taken, the oldest first; none of somebody who is no owner any more."""
        now = self._clock()
        rows = await self._database.read(lambda session: queries.open_invitations(session, now=now))
        owners = {one.telegram_id for one in await self.team() if one.role is Role.OWNER}
        return [
            OpenInvitation(row.token_digest[:_ID], row.token_digest, Role(row.role), row.invited_by, row.expires_at)
            for row in rows
            if row.invited_by in owners
        ]

    def stage_withdraw(self, effects: Effects, owner: Operator, invitation: OpenInvitation) -> None:
        """Nobody can take an invitation any more. The transaction raises `LostRace` when somebody took it meanwhile."""
        now = self._clock()

        def withdraw(session: Session) -> None:
            if not queries.withdraw_invitation(session, invitation.token_digest, now=now):
                raise LostRace

        before = {"role": invitation.role, "asked by": invitation.invited_by}
        self.stage_act(effects, owner, "withdraw_invitation", target=None, before=before)
        effects.add(withdraw)

    def stage_join(self, effects: Effects, telegram_id: int, name: str, invited: Invitation) -> None:
        """Somebody takes an invitation. The transaction raises `LostRace` when it was taken meanwhile."""
        now = self._clock()
        row = {
            "telegram_id": telegram_id,
            "role": str(invited.role),
            "name_sealed": self._keyring.seal(name[:100] or "?", context=_NAME),
            "invited_by": invited.invited_by,
            "added_at": now,
        }

        def join(session: Session) -> None:
            self._require(session, Operator(invited.invited_by, Role.OWNER))
            if not queries.use_invitation(session, invited.token_digest, person=telegram_id, now=now):
                raise LostRace
            queries.put_operator(session, row)

        effects.add(join)
        self.stage_told(effects, telegram_id)
        self.stage_act(
            effects, Operator(telegram_id, invited.role), "join", target=None, after={"invited_by": invited.invited_by}
        )

    def stage_remove(self, effects: Effects, owner: Operator, member: Member) -> None:
        """Take all rights away, at once, and withdraw what they invited others with, and what they asked for.

        The transaction raises `LostRace` when they had none any more.
        """
        now = self._clock()

        def remove(session: Session) -> None:
            if not queries.remove_operator(session, member.telegram_id, now=now):
                raise LostRace
            queries.withdraw_invitations_of(session, member.telegram_id, now=now)
            withdraw_orders(session, self._keyring, member.telegram_id, by=owner.telegram_id, now=now)

        self.stage_act(effects, owner, "remove", target=f"operator:{member.telegram_id}", before={"role": member.role})
        effects.add(remove)
        self.stage_told(effects, member.telegram_id)

    def stage_role(self, effects: Effects, owner: Operator, member: Member, role: Role) -> None:
        """Give somebody another role. The transaction raises `LostRace` when theirs changed meanwhile.

        Only owners invite: what an owner gave out who becomes something else is withdrawn; viewers order nothing either.
        """
        now = self._clock()

        def change(session: Session) -> None:
            if not queries.change_role(session, member.telegram_id, was=str(member.role), role=str(role)):
                raise LostRace
            if role is not Role.OWNER:
                queries.withdraw_invitations_of(session, member.telegram_id, now=now)
            if not role.may(Role.OPERATOR):
                withdraw_orders(session, self._keyring, member.telegram_id, by=owner.telegram_id, now=now)

        self.stage_act(
            effects,
            owner,
            "role",
            target=f"operator:{member.telegram_id}",
            before={"role": member.role},
            after={"role": role},
        )
        effects.add(change)
        self.stage_told(effects, member.telegram_id)

    def stage_told(self, effects: Effects, telegram_id: int) -> None:
        """Have it known, once it is committed, that what somebody may do here is to be shown anew."""

        async def tell() -> None:
            self._changed(telegram_id)

        effects.after_commit(tell)

    def stage_act(
        self,
        effects: Effects,
        operator: Operator,
        action: str,
        *,
        target: str | None,
        reason: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> str:
        """Write down what an operator does, with what it does: the one way to do so. The id of the row that says it.

        The transaction raises `LostRace` when they have lost the role by then.
        """
        action_id = new_id()
        row = {
            "id": action_id,
            "at": self._clock(),
            "operator": operator.telegram_id,
            "role": str(operator.role),
            "action": action,
            "target": target,
            "reason": None if reason is None else reason[:MOST_WORDS],
            "before": _written(before),
            "after": _written(after),
        }

        def act(session: Session) -> None:
            self._require(session, operator)
            queries.add_action(session, row)
            if is_heard(action, target):
                write_notice_rows(session, hearing_rows(self._keyring, row, self._every_owner(session)))

        effects.add(act)
        return action_id

    def stage_require(self, effects: Effects, operator: Operator) -> None:
        """Have the transaction raise `LostRace` unless somebody has this role still."""
        effects.add(lambda session: self._require(session, operator))

    def stage_look(
        self, effects: Effects, operator: Operator, target: str, *, payment: str | None = None, daily: bool = False
    ) -> None:
        """Write down that somebody was shown whole numbers of `target`; whoever sees masked ones is not noted.

        `payment`: on the card of the one with this code. `daily`: once in a day (UTC) is enough for who looks again.
        """
        if not operator.role.may(Role.OPERATOR):
            return
        about = None if payment is None else {"payment": payment}
        look, since = Effects(), self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        self.stage_act(look, operator, LOOK, target=target, after=about)

        def write(session: Session) -> None:
            written = _written(about)
            if not daily or not queries.has_looked(session, operator.telegram_id, target, written, since=since):
                look.write(session)

        effects.add(write)

    async def audit(self, page: int, *, looks: bool = False) -> tuple[list[Action], Page]:
        """A page of the record, the newest first: of what was done, or (`looks`) of who looked at whom."""
        rows = await self._database.read(
            lambda session: queries.actions(session, limit=PAGE + 1, offset=(page - 1) * PAGE, looks=looks)
        )
        return [_action(row) for row in rows[:PAGE]], Page(page, more=len(rows) > PAGE)

    async def action(self, action_id: str) -> Action | None:
        """One line of the record."""
        row = await self._database.read(lambda session: queries.action(session, action_id))
        return None if row is None else _action(row)

    def stage_ask(self, effects: Effects, operator: Operator, chat_id: int, action: str, target: str) -> Question:
        """Ask an operator for words, in this chat; their next message there is the answer."""
        asked = Question(new_id(), action, target)
        row = {
            "operator": operator.telegram_id,
            "chat_id": chat_id,
            "id": asked.id,
            "action": action,
            "target": target,
            "expires_at": self._clock() + QUESTION_LIFE,
        }
        effects.add(lambda session: queries.put_question(session, row))
        return asked

    async def question(self, telegram_id: int, chat_id: int, *, even_over: bool = False) -> Question | None:
        """What somebody is asked for in this chat, while its time is not over; `even_over`: also after that."""
        found = await self._database.read(lambda session: queries.question(session, telegram_id, chat_id))
        asked = self._question(found)
        return None if asked is None or (asked.over and not even_over) else asked

    async def asked(self, question_id: str) -> Question | None:
        """The question with this id, whoever is asked, while nobody answered it; its time may be over."""
        return self._question(await self._database.read(lambda session: queries.question_by_id(session, question_id)))

    def _question(self, found: OperatorQuestion | None) -> Question | None:
        if found is None:
            return None
        return Question(found.id, found.action, found.target, over=found.expires_at <= self._clock())

    def stage_forget(self, effects: Effects, telegram_id: int, chat_id: int) -> None:
        """Nothing is asked there any more."""
        effects.add(lambda session: queries.forget_question(session, telegram_id, chat_id))

    def stage_answered(self, effects: Effects, asked: Question) -> None:
        """A question is answered. The transaction raises `LostRace` when it was answered before."""

        def take(session: Session) -> None:
            if not queries.take_question(session, asked.id):
                raise LostRace

        effects.add(take)

    def _require(self, session: Session, operator: Operator) -> None:
        """Raises `LostRace` unless they have the role still; it stays theirs until the transaction ends."""
        if operator.telegram_id in self._owners:
            return
        held = queries.operator_role(session, operator.telegram_id, hold=True)
        if held is None or not Role(held).may(operator.role):
            raise LostRace

    def _every_owner(self, session: Session) -> frozenset[int]:
        invited = (row.telegram_id for row in queries.operators(session) if row.role == Role.OWNER)
        return self._owners.union(invited)

    def _digest(self, token: str) -> str:
        return self._keyring.digest(token, context=_TOKEN)


def _action(row: queries.ActionRecord) -> Action:
    before, after = _read(row.before), _read(row.after)
    return Action(row.at, row.operator, row.role, row.action, row.target, row.reason, before, after)


def _written(what: Mapping[str, Any] | None) -> str | None:
    return None if what is None else json.dumps({name: str(value) for name, value in what.items()}, ensure_ascii=False)


def _read(text: str | None) -> tuple[tuple[str, str], ...]:
    return () if text is None else tuple((name, str(value)) for name, value in json.loads(text).items())
