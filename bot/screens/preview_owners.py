"""Every screen about what owners hear of each other, and of a role that was taken, for the preview page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.engine.operators.results import Action, CustomerFile, Pause, Role
from bot.payments.pauses import MAINTENANCE
from bot.payments.states import PaymentState
from bot.screens.operators.customer import customer_unknown, sure_to_bar
from bot.screens.operators.owners import decided_screen
from bot.screens.operators.parts import note
from bot.screens.operators.team import open_but_for_maintenance
from bot.screens.preview_orders import Sample
from bot.screens.samples import NOW
from bot.screens.texts import Texts

_NAMES: Final = {1002: "Olu", 1003: "Pat Okello", 1004: "Mary"}
_ACT: Final = Action(NOW, 1002, "owner", "join", None, None, (), ())
_FILE: Final = CustomerFile(
    id="c",
    telegram_id=123456789,
    name="Jane Wanjiku",
    phone="+254712345678",
    country="KE",
    language="en",
    since=NOW,
    barred_at=None,
    unreachable=False,
    states=((PaymentState.COMPLETED, 4), (PaymentState.CONFIRMED, 2)),
    payments=(),
)


def owner_samples(texts: Texts) -> Iterator[Sample]:
    """What owners are told of each other, and the questions and answers beside it."""
    acts = (
        replace(_ACT, operator=1003, role="operator", after=(("invited_by", "1002"),)),
        replace(_ACT, action="role", target="operator:1003", before=(("role", "viewer"),), after=(("role", "owner"),)),
        replace(_ACT, action="remove", target="operator:1003", before=(("role", "operator"),)),
        replace(_ACT, action="limit", target="limit:day:KES", before=(("limit", "-"),), after=(("limit", "5000"),)),
        replace(_ACT, action="fee", target="fee:send:KES", before=(("fee", "1%"),), after=(("fee", "1%+10"),)),
        replace(_ACT, action="pause", target="pause:maintenance", after=(("words", "Back at 22:00"),)),
        replace(_ACT, action="resume", target="pause:maintenance"),
        replace(
            _ACT, action="broadcast", target="broadcast:b", after=(("people", "1240"), ("words", "Closed on Sunday"))
        ),
    )
    for act in acts:
        yield Sample(f"owners hear: {act.action}", decided_screen(texts, act, _NAMES))
    for key in ("ops.your_role", "ops.your_removal"):
        yield Sample(f"told whose role it is: {key}", note(texts(key, role=texts.plain(f"ops.role.{Role.OPERATOR}"))))
    for action in ("block", "unblock"):
        yield Sample(f"customer: sure to {action}", sure_to_bar(texts, "x", _FILE, action, "stolen phone"))
    yield Sample("customer: unknown", customer_unknown(texts, "0799<b>"))
    closed = Pause(MAINTENANCE, "Back at 22:00", 1002, NOW)
    for already in (False, True):
        screen = open_but_for_maintenance(texts, "buy", closed, _NAMES, already=already)
        yield Sample(f"pause: over, but for maintenance {already}", screen)
