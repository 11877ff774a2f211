"""The emulated Telegram as plain values, for the control interface and the page."""

from collections import Counter

from bot.simulator.telegram.params import Json
from bot.simulator.telegram.records import Chat, Person
from bot.simulator.telegram.settings import shown
from bot.simulator.telegram.world import Call, TelegramWorld


def everything(world: TelegramWorld) -> Json:
    """People, chats, updates, calls, webhook, rules, settings."""
    return {
        "now": world.clock.now().isoformat(),
        "speed": world.clock.speed,
        "bot": world.me(),
        "settings": shown(world.settings),
        "people": [person(one) for one in world.chats.people.values()],
        "chats": [one.to_api() | {"messages": len(one.messages)} for one in world.chats.all.values()],
        "updates": updates(world),
        "webhook": world.webhook.info(),
        "deliveries": [
            {"at": tried.at.isoformat(), "update": tried.update, "status": tried.status, "error": tried.error}
            for tried in world.webhook.attempts
        ],
        "statistics": statistics(world),
        "faults": faults(world),
    }


def person(one: Person) -> Json:
    """One person."""
    standing = {"started": one.started, "blocked": one.blocked, "deactivated": one.deactivated}
    return one.to_api() | {"phone": one.phone} | standing


def chat(world: TelegramWorld, place: Chat, since: int) -> Json:
    """A chat as a person sees it: everything, but only those messages and toasts that are newer than a revision."""
    now = world.clock.now()
    changed = [message for message in place.messages.values() if message.revision > since]
    return {
        "revision": place.revision,
        "chat": place.to_api(),
        "person": person(place.person) if place.person else None,
        "bot": world.me() | {"description": world.profile.texts.get(("description", ""), "")},
        "messages": [world.seen(message) for message in changed],
        "keyboard": place.keyboard.value if place.keyboard else None,
        "typing": place.typing_until is not None and place.typing_until > now,
        "toasts": [
            {"query": one.query, "person": one.person, "text": one.text, "alert": one.alert, "url": one.url}
            for one in place.toasts
            if one.revision > since
        ],
        "members": [person(world.chats.people[one]) for one in place.members],
        "commands": world.profile.commands_for(place, place.person),
        "now": now.isoformat(),
    }


def updates(world: TelegramWorld) -> Json:
    """What waits for the bot, and which kinds it wants."""
    return {
        "allowed": sorted(world.updates.allowed),
        "waiting": [pending.to_api() for pending in world.updates.waiting()],
        "log": sorted(world.updates.log),
    }


def call(one: Call) -> Json:
    """One call of the Bot API; files by their size."""
    return {
        "at": one.at.isoformat(), "method": one.method, "chat": one.chat, "params": one.params, "ok": one.ok,
        "files": {name: len(content) for name, content in one.files.items()}, "code": one.code,
        "description": one.description, "result": one.result, "fault": one.fault,
    }  # fmt: skip


def statistics(world: TelegramWorld) -> Json:
    """How often which method was called, and how often it was refused."""
    called = Counter(one.method for one in world.calls)
    refused = Counter(one.method for one in world.calls if not one.ok)
    return {method: {"calls": count, "refused": refused[method]} for method, count in called.items()}


def faults(world: TelegramWorld) -> list[Json]:
    """The rules in force."""
    return [{"action": rule.action, "met": rule.met, "spent": rule.spent()} for rule in world.faults.rules]
