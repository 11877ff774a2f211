"""Who operates, and what is closed: the lists behind /operators and /pause."""

from collections.abc import Sequence
from typing import Final

from bot.engine.operators.results import Member, OpenInvitation, Pause, Role
from bot.screens.foreign import Html, code, escaped
from bot.screens.operators.commands import Listed, commands_list
from bot.screens.operators.parts import (
    FIRST,
    NAMELESS,
    Choice,
    Names,
    about_scope,
    button,
    joined,
    label_of,
    moment,
    note,
    question,
    scope_name,
    who,
)
from bot.screens.screen import Button, Screen
from bot.screens.taps import OperatorTap
from bot.screens.texts import Texts

_LONGEST_WORDS = 400
_MOST_INVITATIONS: Final = 20  # on one card, the oldest: what is withdrawn makes room for the next


def team_screen(texts: Texts, members: Sequence[Member], invitations: Sequence[OpenInvitation] = ()) -> Screen:
    """Everybody, with the invitations that are open, the way to withdraw each, and the ways to invite somebody."""
    lines = [_member(texts, one) for one in members]
    rows: list[tuple[Button, ...]] = [
        (
            Button(
                label_of(f"{one.name} · {texts.plain(f'ops.role.{one.role}')}"),
                data=OperatorTap("team", str(one.telegram_id), "show").pack(),
            ),
        )
        for one in members
        if not one.fixed
    ]
    invite = tuple(
        (button(texts, "ops.button_invite", "team", str(role), "invite", role=texts.plain(f"ops.role.{role}")),)
        for role in Role
    )
    names = {one.telegram_id: one.name for one in members if one.name}
    opened = [texts("ops.invitations", count=len(invitations))] if invitations else []
    for one in invitations[:_MOST_INVITATIONS]:
        said = {"role": texts.plain(f"ops.role.{one.role}"), "time": moment(one.expires_at)}
        opened.append(texts("ops.invitation_open", who=who(names, one.invited_by), **said))
        rows.append(
            (button(texts, "ops.button_withdraw_invitation", "team", one.id, "withdraw", style="danger", **said),)
        )
    text = joined([joined([texts("ops.team", count=len(members)), *lines]), joined(opened)], gap="\n\n")
    return Screen(text=text, rows=(*rows, *invite))


def member_screen(texts: Texts, one: Member) -> Screen:
    """One operator who was invited."""
    record = str(one.telegram_id)
    since = "–" if one.added_at is None else moment(one.added_at)
    role = texts.plain(f"ops.role.{one.role}")
    text = texts("ops.member_card", name=one.name or "–", id=record, role=role, since=since)
    others = [
        (button(texts, "ops.button_make", "team", record, f"make-{role}", role=texts.plain(f"ops.role.{role}")),)
        for role in Role
        if role is not one.role
    ]
    remove = (button(texts, "ops.button_remove", "team", record, "remove", style="danger"),)
    back = (button(texts, "ops.button_team", "team", FIRST, "list"),)
    return Screen(text=text, rows=(*others, remove, back))


def sure_to_make(texts: Texts, asked: str, one: Member, role: Role) -> Screen:
    """Asked before somebody is given another role."""
    named, own = (texts.plain(f"ops.role.{each}") for each in (role, one.role))
    yes: Choice = (texts.plain("ops.button_make", role=named), "yes", "danger")
    about = texts("ops.sure_make", name=one.name or "–", id=str(one.telegram_id), role=named, own=own)
    return question(texts, asked, about, choices=[yes])


def sure_to_remove(texts: Texts, asked: str, one: Member) -> Screen:
    """Asked before somebody's rights are taken away."""
    yes: Choice = (texts.plain("ops.button_remove"), "yes", "danger")
    about = texts("ops.sure_remove", name=one.name or "–", id=str(one.telegram_id))
    return question(texts, asked, about, choices=[yes])


def invitation_screen(texts: Texts, link: str, role: Role) -> Screen:
    """The link, for the owner who asked for it."""
    text = joined([texts("ops.invitation", role=texts.plain(f"ops.role.{role}")), code(link)])
    return Screen(text=text, rows=((Button(texts.plain("request.copy_link"), copy=link),),))


def joined_screen(texts: Texts, role: Role, commands: Sequence[Listed]) -> Screen:
    """The greeting of somebody who took an invitation: all that they can do."""
    return Screen(
        text=joined(
            [texts("ops.joined", role=texts.plain(f"ops.role.{role}")), commands_list(texts, commands)], gap="\n\n"
        )
    )


def pauses_screen(texts: Texts, pauses: Sequence[Pause], names: Names = NAMELESS) -> Screen:
    """What is closed, with the ways to open it, and how to close something."""
    lines = [texts("ops.pauses" if pauses else "ops.pauses_none"), *(_pause(texts, one, names) for one in pauses)]
    rows = tuple(
        (button(texts, "ops.button_reopen", "pause", one.scope, "resume", scope=scope_name(texts, one.scope)),)
        for one in pauses
    )
    return Screen(text=joined([*lines, texts("ops.usage_pause")], gap="\n\n"), rows=rows)


def sure_to_pause(texts: Texts, asked: str, scope: str, words: str) -> Screen:
    """Asked before something is closed, with what customers will read."""
    told = Html(f"<blockquote>{escaped(words, longest=_LONGEST_WORDS)}</blockquote>")
    yes: Choice = (texts.plain("ops.button_yes"), "yes", "danger")
    return question(texts, asked, about_scope(texts, "sure_close", scope), texts("ops.sure_pause"), told, choices=[yes])


def sure_to_resume(texts: Texts, asked: str, scope: str) -> Screen:
    """Asked before something is opened again."""
    yes: Choice = (texts.plain("ops.button_yes"), "yes", "success")
    return question(texts, asked, about_scope(texts, "sure_open", scope), choices=[yes])


def ask_pause(texts: Texts, asked: str, scope: str) -> Screen:
    """The question for the words that customers read meanwhile."""
    return question(texts, asked, about_scope(texts, "sure_close", scope), texts("ops.ask_pause"))


def scope_stands(texts: Texts, scope: str, *, closed: bool, already: bool = False) -> Screen:
    """That a part is closed now, or open; `already`: it was so before, and nothing was done."""
    stands = about_scope(texts, "closed" if closed else "open", scope)
    return note(joined([stands, texts("ops.unchanged") if already else Html("")]))


def open_but_for_maintenance(texts: Texts, scope: str, maintenance: Pause, names: Names, *, already: bool) -> Screen:
    """That a part has no pause of its own (any more), but everything is closed for maintenance; how that ends.

    `already`: it had none before, and nothing was done.
    """
    lead = Html("") if already else about_scope(texts, "open", scope)
    return note(joined([lead, _pause(texts, maintenance, names), texts("ops.maintenance_still")], gap="\n\n"))


def maintenance_stands(texts: Texts, one: Pause, names: Names = NAMELESS) -> Screen:
    """That everything is closed, since when, by whom, with which words."""
    return Screen(text=_pause(texts, one, names))


def sure_of_maintenance(texts: Texts, asked: str, words: str) -> Screen:
    """Asked before everything is closed, with what customers will read."""
    told = Html(f"<blockquote>{escaped(words, longest=_LONGEST_WORDS)}</blockquote>")
    yes: Choice = (texts.plain("ops.button_yes"), "yes", "danger")
    return question(texts, asked, texts("ops.sure_maintenance"), told, choices=[yes])


def _member(texts: Texts, one: Member) -> Html:
    role = texts.plain(f"ops.role.{one.role}")
    if one.fixed:
        return texts("ops.member_fixed", role=role, who=one.name or "–", id=one.telegram_id)
    return texts("ops.member", role=role, name=one.name or "–", id=one.telegram_id)


def _pause(texts: Texts, one: Pause, names: Names) -> Html:
    words = Html(f"<i>{escaped(one.words, longest=_LONGEST_WORDS)}</i>")
    return texts(
        "ops.pause_line",
        scope=scope_name(texts, one.scope),
        time=moment(one.paused_at),
        who=who(names, one.paused_by),
        words=words,
    )
