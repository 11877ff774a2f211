"""The control interface over HTTP, and the world's clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.simulator.kotani import KotaniWorld, WorldClock

CONTROL = "/_control/kotani"
PHONE = "+254712345678"


async def test_a_purchase_is_played_through_the_control_interface(caller: Any) -> None:
    await caller.onramp("ref-00001")
    prompts = (await caller.http.get(f"{CONTROL}/prompts", params={"phone": PHONE, "wait": 5})).json()
    assert [(prompt["amount"], prompt["state"]) for prompt in prompts] == [(1025, "waiting")]
    assert "KES 1025" in prompts[0]["text"]

    assert (await caller.control(f"/prompts/{prompts[0]['id']}/approve"))["state"] == "approved"
    await caller.control("/clock/advance", {"seconds": 10})

    found = (await caller.http.get(f"{CONTROL}/transactions/ref-00001")).json()
    assert (found["status"], found["history"][-1]["onchainStatus"]) == ("SUCCESSFUL", "SUCCESSFUL")
    assert (await caller.http.get(f"{CONTROL}/prompts")).json() == []
    assert len((await caller.http.get(f"{CONTROL}/prompts", params={"all": 1})).json()) == 1


async def test_the_state_shows_everything_but_secrets(caller: Any) -> None:
    caller.world.configure(webhook_secret="test-webhook-secret", api_secret="api-secret", callback_on="terminal")
    await caller.onramp("ref-00001")
    await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001"))
    await caller.control("/prompts/ref-00001/decline", {"reason": "wrong_pin"})
    await caller.world.callbacks.idle()

    answer = await caller.http.get(f"{CONTROL}/state")

    state = answer.json()
    assert state["creates"] == [{"family": "onramp", "reference": "ref-00001", "attempted": 2, "accepted": 1}]
    assert state["transactions"][0]["failure"]["code"] == "WRONG_PIN"
    assert [attempt["status"] for attempt in state["callbacks"][0]["attempts"]] == [200]
    assert [(seen["operation"], seen["reference"], seen["status"]) for seen in state["requests"]] == [
        ("onramp.create", "ref-00001", 200),
        ("onramp.create", "ref-00001", 400),
    ]
    assert state["wallets"][0]["balance"] == 10_000_000
    for secret in ("test-webhook-secret", "api-secret", "test-key"):
        assert secret not in answer.text


async def test_sales_payouts_and_odd_words_are_steered(caller: Any) -> None:
    await caller.offramp("sale-0001")
    assert (await caller.control("/transactions/sale-0001/crypto", {"amount": 10}))["status"] == "CRYPTO_RECEIVED"
    assert (await caller.http.post(f"{CONTROL}/transactions/sale-0001/crypto")).status_code == 409
    await caller.withdraw("out-00001")
    assert (await caller.control("/transactions/out-00001/settle", {"succeed": False}))["status"] == "FAILED"
    await caller.onramp("ref-00001")
    odd = await caller.control("/transactions/ref-00001/force", {"status": "WEIRD", "depositStatus": "ON_THE_MOON"})
    assert (odd["status"], odd["depositStatus"]) == ("WEIRD", "ON_THE_MOON")


async def test_failures_are_ordered_ahead(caller: Any) -> None:
    await caller.control("/fail-next", {"withdrawals": 1})
    await caller.withdraw("out-00001")
    await caller.control("/clock/advance", {"seconds": 5})

    assert caller.status("out-00001")["status"] == "FAILED"


async def test_held_callbacks_are_released_and_repeated(caller: Any, listener: Any) -> None:
    await caller.http.patch(f"{CONTROL}/config", json={"callback_mode": "hold"})
    await caller.onramp("ref-00001")
    await caller.control("/prompts/ref-00001/decline")

    assert await caller.control("/callbacks/release", {"order": "reversed"}) == {"released": 1}
    assert await caller.control("/callbacks/ref-00001/repeat", {"copies": 2}) == {"repeated": 2}
    await caller.world.callbacks.idle()

    assert len(listener.calls) == 3
    assert len((await caller.http.get(f"{CONTROL}/callbacks")).json()) == 3


async def test_a_link_is_paid(caller: Any) -> None:
    link = await caller.post(
        "/api/v3/payment-links",
        {
            "title": "Lunch",
            "pricingType": "CUSTOMER_CHOICE",
            "currency": "KES",
            "paymentMethods": ["MOBILE_MONEY"],
            "usageType": "UNLIMITED",
        },
    )

    paid = await caller.control(f"/links/{link['shortCode']}/pay", {"phone": PHONE, "amount": 150})

    assert (paid["family"], paid["amount"], len(caller.world.prompts(PHONE))) == ("deposit", 150, 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/prompts/nobody/approve", {}, 404),
        ("POST", "/transactions/nobody/crypto", {}, 404),
        ("POST", "/callbacks/nobody/forge", {}, 404),
        ("POST", "/callbacks/nobody/forge", {"how": "well"}, 400),
        ("POST", "/clock/advance", {}, 400),
        ("POST", "/clock/speed", {"factor": 0}, 400),
        ("PATCH", "/config", {"speed_of_light": 1}, 400),
        ("PATCH", "/config", {"prompt_ttl": "soon"}, 400),
        ("PATCH", "/config", {"callback_mode": "sometimes"}, 400),
        ("POST", "/links/nobody/pay", {"phone": PHONE}, 404),
    ],
)
async def test_what_cannot_be_done_says_why(
    caller: Any, method: str, path: str, body: dict[str, object], status: int
) -> None:
    answer = await caller.http.request(method, CONTROL + path, json=body)

    assert answer.status_code == status, answer.text
    assert answer.json()["error"]


async def test_a_refused_setting_changes_nothing(world: KotaniWorld) -> None:
    with pytest.raises(ValueError, match="callback_mode"):
        world.configure(prompt_ttl=5.0, callback_mode="sometimes")

    assert world.settings.prompt_ttl == 120.0


async def test_the_same_seed_makes_the_same_world() -> None:
    first, second, other = KotaniWorld(seed=7), KotaniWorld(seed=7), KotaniWorld(seed=8)

    assert list(first.wallets.all) == list(second.wallets.all)
    assert list(first.wallets.all) != list(other.wallets.all)


class TestClock:
    START = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def clock(self) -> WorldClock:
        return WorldClock(wall=lambda: self.START)

    async def test_due_actions_run_in_order_at_their_time(self) -> None:
        clock = self.clock()
        ran: list[tuple[str, float]] = []

        def note(name: str) -> None:
            ran.append((name, (clock.now() - self.START).total_seconds()))

        clock.after(30, lambda: note("late"))

        def early() -> None:
            note("early")
            clock.after(5, lambda: note("nested"))

        clock.after(10, early)
        clock.after(10, lambda: note("second"))
        clock.after(20, lambda: note("never")).cancel()
        await clock.advance(25)

        assert ran == [("early", 10), ("second", 10), ("nested", 15)]
        assert clock.now() == self.START + timedelta(seconds=25)

    async def test_speed_multiplies_the_wall(self) -> None:
        wall = [self.START]
        clock = WorldClock(wall=lambda: wall[0], speed=60)

        wall[0] += timedelta(seconds=2)
        assert clock.now() == self.START + timedelta(minutes=2)
        clock.speed = 1
        wall[0] += timedelta(seconds=2)
        assert clock.now() == self.START + timedelta(minutes=2, seconds=2)
