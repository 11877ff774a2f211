"""What owners are told of each other: one short line each, who did what, and where to look or to act."""

from bot.engine.operators.results import Action
from bot.screens.foreign import Html, escaped
from bot.screens.operators.parts import LONGEST_NOTE, Names, named, note, who
from bot.screens.screen import Screen
from bot.screens.texts import Texts


def decided_screen(texts: Texts, one: Action, names: Names) -> Screen:
    """An act of another owner, or of whoever came by an invitation."""
    kind, _, rest = (one.target or "").partition(":")
    before, after = dict(one.before), dict(one.after)
    actor = who(names, one.operator)
    match one.action:
        case "join":
            role = named(texts, "role", one.role)
            return note(texts("ops.heard.join", who=actor, role=role, by=_person(names, after.get("invited_by", ""))))
        case "role":
            roles = {"role": named(texts, "role", after["role"]), "was": named(texts, "role", before["role"])}
            return note(texts("ops.heard.role", who=actor, whom=_person(names, rest), **roles))
        case "remove":
            was = named(texts, "role", before["role"])
            return note(texts("ops.heard.remove", who=actor, whom=_person(names, rest), was=was))
        case "broadcast":
            count = after.get("people", "–")
            return note(texts("ops.heard.broadcast", who=actor, count=count, words=_words(after.get("words"))))
        case "pause":
            return note(texts("ops.heard.maintenance_on", who=actor, words=_words(after.get("words"))))
        case "resume":
            return note(texts("ops.heard.maintenance_off", who=actor))
        case _:  # a limit or a fee, whose name is that of what it was and is
            what = rest.replace(":", " ")
            figures = {"before": _figure(before.get(kind)), "after": _figure(after.get(kind))}
            return note(texts(f"ops.heard.{one.action}", who=actor, what=what, **figures))


def _person(names: Names, telegram_id: str) -> str:
    return who(names, int(telegram_id)) if telegram_id.isdecimal() else telegram_id


def _figure(said: str | None) -> str:
    return "–" if said in (None, "-") else str(said)


def _words(words: str | None) -> Html:
    return Html(f"<i>{escaped(words or '–', longest=LONGEST_NOTE)}</i>")
