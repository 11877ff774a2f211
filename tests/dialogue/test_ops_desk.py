"""The desk itself: what is to be copied is exact, what is over has no buttons, and words reach what asked for them."""

from typing import TYPE_CHECKING

import pytest

from bot.engine.operators.check_results import well
from bot.screens.checks import checks_screen
from bot.screens.texts import catalogue
from tests.dialogue.test_operators import Business, business, paid
from tests.dialogue.test_ops_approvals import alone, ordered, wallets

if TYPE_CHECKING:
    from tests.dialogue.conftest import World

__all__ = ["alone", "business", "ordered", "paid", "wallets"]


async def test_an_invitation_is_copied_as_it_is(world: "World", business: Business) -> None:
    owner = business.owner
    await owner.say("/operators")
    await owner.press("Invite: viewer")
    link = owner.button("Copy link").copy
    assert link is not None
    assert link.startswith("https://t.me/assistant_bot?start=op_")
    assert f"<code>{link}</code>" in owner.said[-1].text
    vera = world.chat(702)
    await vera.say(f"/start {link.partition('start=')[2]}")
    assert "You are now viewer" in vera.text


@pytest.mark.usefixtures("wallets")
async def test_commands_and_addresses_of_ours_are_exact(business: Business) -> None:
    owner = business.owner
    await owner.say("/transfer XOF 5000 much")
    assert "<code>/transfer XOF CI 5000</code>, <code>/transfer XOF SN 5000</code>" in owner.said[-1].text
    url = "https://pay.example.com/callbacks"
    screen = checks_screen(catalogue("en"), [well("public_url", "check.public_url_ok", url=url)], may_set=False)
    assert f"<code>{url}</code>" in screen.text
