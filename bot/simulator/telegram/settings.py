"""How the emulated Telegram behaves: everything that a test or the demo may change while it runs."""

from typing import Literal

import msgspec


class Settings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Durations are seconds of the world's clock unless it says real.

    The names of Telegram's own limits are in brackets: they are not settings, since a client cannot rely on others.
    """

    # the bot
    token: str = "4242:simulated"  # noqa: S105
    username: str = "simulated_bot"
    name: str = "Kotani assistant"

    # what its owner has set with BotFather, whose defaults are: no inline mode, no feedback, privacy
    inline_mode: bool = True
    inline_feedback: bool = True
    privacy_mode: bool = True

    # how long things last: an update that nobody fetches, a tap that nobody fetches, a tap or an
    # inline query that nobody answers
    update_ttl: float = 86_400.0
    tap_ttl: float = 150.0
    answer_ttl: float = 900.0
    inline_ttl: float = 30.0
    delete_ttl: float = 172_800.0

    # flood limits: off; on (short bursts to one chat are let through); strict (not one message too early)
    limits: Literal["off", "on", "strict"] = "off"
    burst: int = 20
    per_second: int = 30
    group_per_minute: int = 20

    # webhook: distance of the first repetition, doubling up to an hour; real seconds for one delivery
    webhook_retry: float = 1.0
    webhook_timeout: float = 10.0

    # real seconds that getUpdates waits at most, whatever the client asks for
    longest_poll: float = 50.0


def apply(settings: Settings, changes: object) -> None:
    """Change the named settings in place. Raises `ValueError` for an unknown name or a value of the wrong kind."""
    if not isinstance(changes, dict):
        raise ValueError("settings are an object of names and values")
    try:
        checked = msgspec.convert(msgspec.to_builtins(settings) | changes, Settings)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    for name in changes:
        setattr(settings, name, getattr(checked, name))


def shown(settings: Settings) -> dict[str, object]:
    """The settings as plain values, the token left out."""
    values: dict[str, object] = msgspec.to_builtins(settings)
    return {name: value for name, value in values.items() if name != "token"}
