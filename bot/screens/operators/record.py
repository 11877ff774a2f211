"""The record behind /audit: who did what to whom and why, in words that a person understands.

Rows of the record name things by our ids. What such a thing is called by people is said in its place, and an id that
nobody can look up is cut to a short code by which two of a kind are told apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.engine.operators.results import Action, Page
from bot.screens.foreign import Html, escaped
from bot.screens.operators.parts import (
    FIRST,
    LONGEST_NOTE,
    NAMELESS,
    Names,
    button,
    joined,
    moment,
    named,
    page_row,
    scope_name,
    who,
)
from bot.screens.screen import Screen
from bot.screens.texts import Texts

LOOKS: Final = "looks"  # of the record: who looked at whom
NOTHING_ORDERED: Final[Mapping[str, Html]] = MappingProxyType({})
_ORDER: Final = "order:"  # what the target of an act begins with that is about an order
_ASKED_BY: Final = "asked by"
_PEOPLE: Final = frozenset({_ASKED_BY, "invited_by"})  # facts that are operators' ids
_IDS: Final = frozenset({"order", "inquiry", "message", "case", "leg"})  # facts that name rows of ours
_OF_ORDERS: Final = frozenset({"amount", "what"})  # facts that are said with what was ordered
_SHORT: Final = slice(18, 22)  # of an id: the part of its counter that differs between those of one day
_SPACES: Final = MappingProxyType(  # of the catalogue, in which values of a fact have names
    {
        **{"role": "role", "concern": "concern", "list": "gap", "account": "account", "what": "order_name"},
        **{"state": "ordered", "blocked": "said_so", "audience": "scope"},
    }
)


def audit_screen(
    texts: Texts,
    actions: Sequence[Action],
    page: Page,
    *,
    looks: bool = False,
    names: Names = NAMELESS,
    ordered: Mapping[str, Html] = NOTHING_ORDERED,
) -> Screen:
    """A page of what operators did; or (`looks`) of whose whole numbers they were shown, which would hide the rest.

    `ordered` says what orders do, by their ids.
    """
    record, other = (LOOKS, FIRST) if looks else (FIRST, LOOKS)
    way = button(texts, "ops.button_acts" if looks else "ops.button_looks", "audit", other, "page-1")
    rows = (*page_row(texts, page, "audit", record, keys=("newer", "older")), (way,))
    if not actions:
        return Screen(text=texts("ops.looks_none" if looks else "ops.audit_none"), rows=rows)
    entries = [_action(texts, one, names, ordered) for one in actions]
    head = texts("ops.looks" if looks else "ops.audit", page=page.number)
    return Screen(text=joined([head, *entries], gap="\n\n"), rows=rows)


def order_of(one: Action) -> str | None:
    """The id of the order that a line of the record is about, if it is about one."""
    return dict(one.after).get("order")


def _action(texts: Texts, one: Action, names: Names, ordered: Mapping[str, Html]) -> Html:
    """One act, in lines. What was ordered is said in place of the order's id, where it is known."""
    head = texts(
        "ops.audit_line",
        time=moment(one.at),
        role=named(texts, "role", one.role),
        who=who(names, one.operator),
        action=named(texts, "action", one.action),
    )
    lines = [head]
    order = ordered.get(order_of(one) or "")
    if one.target is not None and not (order and one.target.startswith(_ORDER)):
        lines.append(_target(texts, one.target, names))
    if order:
        lines.append(order)
    if asked := dict(one.before).get(_ASKED_BY):
        lines.append(texts("ops.audit_asked", who=_person(names, asked)))
    if one.reason is not None:
        lines.append(texts("ops.audit_reason", reason=escaped(one.reason, longest=LONGEST_NOTE)))
    for key, facts in (("ops.audit_before", one.before), ("ops.audit_after", one.after)):
        told = ", ".join(_facts(texts, facts, names, ordered=bool(order)))
        if told:
            lines.append(texts(key, facts=escaped(told, longest=LONGEST_NOTE)))
    return joined(lines)


def _target(texts: Texts, target: str, names: Names) -> Html:
    """To what something was done, by what people call it."""
    kind, _, record = target.partition(":")
    match kind:
        case "payment" | "customer" | "bulk":
            return texts(f"ops.target.{kind}", id=record)
        case "broadcast" | "case" | "order":
            return texts(f"ops.target.{kind}", id=record[_SHORT] or record)
        case "operator":
            said = _person(names, record)
        case "alerts":
            said = texts.plain(f"alert.title.{record}") if f"alert.title.{record}" in texts else record
        case "pause":
            said = scope_name(texts, record)
        case _:  # a limit, a fee, days: their names are words
            said = record.replace(":", " ") or kind
    return texts("ops.audit_target", target=said)


def _facts(texts: Texts, facts: Iterable[tuple[str, str]], names: Names, *, ordered: bool) -> Iterable[str]:
    for name, value in facts:
        if name not in _IDS and name != _ASKED_BY and not (ordered and name in _OF_ORDERS):
            yield f"{named(texts, 'fact', name)} {_value(texts, name, value, names)}"


def _value(texts: Texts, name: str, value: str, names: Names) -> str:
    """What a fact says, by our words for the engine's."""
    if name in _PEOPLE:
        return _person(names, value)
    if name == "mode":
        return texts.plain(f"alert.mode.{value}") if f"alert.mode.{value}" in texts else value
    if name == "audience" and value.isupper():
        return scope_name(texts, value)
    space = _SPACES.get(name)
    return ("–" if value == "-" else value) if space is None else named(texts, space, value.lower())


def _person(names: Names, telegram_id: str) -> str:
    return who(names, int(telegram_id)) if telegram_id.isdecimal() else telegram_id
