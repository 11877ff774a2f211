"""A whole purchase, as people do it: by taps, by one line, typed, with detours; and what is on record afterwards."""

from decimal import Decimal
from typing import Any

PHONE = "+254712345678"


async def _to_review(chat: Any, address: str) -> Any:
    """Answer everything, mostly by taps."""
    await chat.say("/buy")
    await chat.press("English")
    await chat.press("Kenya")
    await chat.press("1,000")
    await chat.press("USDC")
    await chat.press("Base")
    await chat.say(address)
    await chat.share(PHONE)
    return await chat.say("Jane Wanjiku")


async def test_a_purchase_by_taps(world: Any, jane: Any, plain: Any, addresses: dict[str, str]) -> None:
    card = await _to_review(jane, addresses["evm"])
    text = plain(card.text)
    assert "7.692308 USDC" in text
    assert "1,020 KES" in text
    assert "20 KES" in text
    assert "Jane Wanjiku" in text
    await jane.press("Confirm")
    payment, leg = (await world.paid())[0], (await world.legs())[0]
    assert (payment.pay_amount, payment.fee_amount, payment.receive_amount) == (
        Decimal(1020),
        Decimal(20),
        Decimal("7.692308"),
    )
    assert (leg.amount, leg.currency, leg.token, leg.chain, leg.quote_id) == (
        Decimal(1000),
        "KES",
        "USDC",
        "BASE",
        "rate-1",
    )
    assert jane.last.kind == "payment_card"
    assert jane.card.buttons == []
    assert payment.code in plain(jane.card.text)
    assert await world.dialogues() == []
