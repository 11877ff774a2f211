"""Purchases over real HTTP on both sides, and what holds for all journeys; once on each database."""

import socket

import httpx
from pydantic import SecretStr

from bot.demo import Demo
from bot.tour.buying import BUYING
from bot.tour.customer import Customer
from bot.tour.parts import WALLET, Journey, completed, says_who_pays, settles_in
from bot.tour.stage import Stage

from .touring import assistant, each, travel

PREVIOUS = "the secret that was valid before the present one"


async def order(stage: Stage, customer: Customer, line: str = "buy 20 usdc on base") -> None:
    """From nothing to the tap on Confirm."""
    await customer.says(line)
    await settles_in(customer)
    await customer.sees("Where shall the USDC go?")
    await customer.says(WALLET)
    await says_who_pays(customer, f"{customer.name} Wanjiru")
    await customer.sees("Check before you confirm")
    await customer.taps("Confirm")


@each(BUYING)
async def test_journey(journey: Journey, demo: Demo, stage: Stage) -> None:
    await travel(journey, demo, stage)


async def test_updates_and_callbacks_arrive_by_webhook_alike(demo: Demo, stage: Stage) -> None:
    secret = SecretStr("a-webhook-secret-of-the-tests")
    changes = {"telegram_mode": "webhook", "telegram_webhook_secret": secret, "port": _free_port()}
    settings = demo.settings.model_copy(update=changes)
    settings = settings.model_copy(update={"public_url": f"http://127.0.0.1:{settings.port}"})
    async with assistant(settings):
        amina = await stage.arrives("Amina", "+254712345678")
        await order(stage, amina)
        await amina.approves()
        await completed(amina)
    assert not demo.world.telegram.called("getUpdates")


async def test_callbacks_signed_with_the_secret_before_are_accepted_while_it_is_changed(
    demo: Demo, stage: Stage
) -> None:
    demo.world.kotani.configure(webhook_secret=PREVIOUS)
    settings = demo.settings.model_copy(update={"kotani_webhook_secret_previous": SecretStr(PREVIOUS)})
    async with assistant(settings) as address:
        amina = await stage.arrives("Amina", "+254712345678")
        await order(stage, amina)
        await amina.approves()
        await completed(amina)
        async with httpx.AsyncClient(trust_env=False) as http:
            metrics = (await http.get(f"{address}/metrics")).text
    assert 'assistant_callbacks_total{outcome="stored"}' in metrics
    assert 'outcome="forged"' not in metrics


async def test_a_secure_key_signs_every_request(demo: Demo, stage: Stage) -> None:
    demo.world.kotani.configure(secure=True, api_secret="the secret of a secure key")
    settings = demo.settings.model_copy(update={"kotani_api_secret": SecretStr("the secret of a secure key")})
    async with assistant(settings):
        amina = await stage.arrives("Amina", "+254712345678")
        await order(stage, amina)
        await amina.approves()
        await completed(amina)


async def test_two_people_never_see_each_others_payments(demo: Demo, stage: Stage) -> None:
    async with assistant(demo.settings):
        amina = await stage.arrives("Amina", "+254712345678")
        mallory = await stage.arrives("Mallory", "+254712999888")
        await order(stage, amina)
        await amina.approves()
        done = await completed(amina)
        code = done.text.split("Reference ")[1].split()[0]
        await mallory.says(f"/status {code}")
        seen = await mallory.sees("")
        assert "20 USDC" not in seen.text
        for message in list(amina.messages.values()):
            for _, data in message.buttons:
                if data is not None:
                    await mallory.http.post(f"/_control/telegram/people/{mallory.id}/forge", json={"data": data})
        await mallory.says("/status")
        await mallory.sees("")
        assert mallory.count("20 USDC") == 0
        assert len(await stage.transactions(amina.phone, "onramp")) == 1


async def test_what_the_card_says_is_what_is_paid_recorded_and_told(demo: Demo, stage: Stage) -> None:
    async with assistant(demo.settings):
        amina = await stage.arrives("Amina", "+254712345678")
        await order(stage, amina, "buy 1,234 kes of usdc on base")
        prompt = await amina.approves()
        done = await completed(amina)
        review = next(message for message in amina.messages.values() if "You pay" in message.text)
        (ordered,) = await stage.transactions(amina.phone, "onramp")
    paid = review.text.split("You pay ")[1].split(" KES")[0].replace(",", "")
    received = review.text.split("You receive ")[1].split(" USDC")[0].replace(",", "")
    assert str(prompt["amount"]) == paid == str(ordered["fiatAmountToSend"])
    assert str(ordered["cryptoAmount"]) == received
    assert f"{received} USDC" in done.text


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
