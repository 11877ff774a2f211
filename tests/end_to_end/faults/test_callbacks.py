"""Callbacks that are genuine and strange: about nobody, in words that nobody knows, too deep to read, leading elsewhere."""

import json

import httpx
import pytest

from tests.web.conftest import signed, signed_text

from .conftest import Play
from .test_provider import buys, delivered, prompted


async def post(play: Play, body: bytes, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient(base_url=play.address, trust_env=False) as http:
        return (await http.post("/kotani/callbacks/some-token", content=body, headers=headers)).status_code


@pytest.mark.parametrize(
    "data",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 40_000 + "1" + "}" * 40_000,
        "{" + ",".join(f'"k{number}":1' for number in range(18_000)) + "}",
        '{"referenceId":' + "9" * 100_000 + "}",
        '{"referenceId":"r","amount":1e999999999}',
        '{"referenceId":"r","amount":"' + "9" * 100_000 + '"}',
        '{"referenceId":["r"],"status":{"a":1},"amount":{}}',
        '{"referenceId":"\\ud800\\u0000","status":"\\u0000"}',
        "null",
        "[]",
        '"text"',
    ],
    ids=range(11),
)
async def test_what_cannot_be_read_is_put_aside_and_holds_nobody_up(play: Play, data: str) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        body, headers = signed_text(f'{{"event":"x","data":{data}}}', play.kotani.settings.webhook_secret)
        assert await post(play, body, headers) == 200
        await delivered(play, jane)
        await play.quiet()
        ((outcome,),) = await play.ask("SELECT outcome FROM callback_received WHERE token = 'some-token'")
        assert outcome in ("parked", "orphan")


async def test_a_transaction_that_is_not_ours_is_kept_and_touches_nobody(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        secret = play.kotani.settings.webhook_secret
        for reference in ("somebody-elses", None, ""):
            told = {"referenceId": reference, "status": "SUCCESSFUL", "depositStatus": "SUCCESSFUL"}
            assert await post(play, *signed(told, secret)) == 200
        await play.handled()
        await play.until(
            "SELECT 1 FROM (SELECT count(*) AS n FROM callback_received WHERE outcome = 'orphan') WHERE n = 3"
        )
        assert await play.one("SELECT state FROM payment") == "awaiting_payment"
        await delivered(play, jane)


async def test_words_that_nobody_knows_call_a_person_once_and_change_nothing(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        (order,) = play.orders()
        for word in ("QUANTUM_PENDING", "QUANTUM_PENDING ", "quantum_pending"):
            play.kotani.force(order.reference, status=word, depositStatus=word)
        await play.kotani.callbacks.idle()
        await play.until("SELECT 1 FROM attention_case")
        await play.handled()
        assert await play.one("SELECT state FROM payment") == "awaiting_payment"
        cases = await play.ask("SELECT concern FROM attention_case")
        assert cases == [("unknown_status",)]
        await jane.sees("A person from our team is looking")
        play.kotani.force(order.reference, status="INITIATED", depositStatus="INITIATED")
        await delivered(play, jane)


@pytest.mark.parametrize(
    "link",
    [
        "https://169.254.169.254/latest",
        "https://bank.example@evil.example/",
        "http://evil.example/",
        "https://evil.example",
    ],
)
async def test_a_bank_page_on_another_host_is_never_shown_and_goes_to_a_person(play: Play, link: str) -> None:
    answer = {"success": True, "message": "created", "data": {"id": "1", "status": "INITIATED", "redirectUrl": link}}
    play.provider_fault("answer", "onramp.create", status=200, body=json.dumps(answer), processed=True)
    async with play.running():
        thandi = await play.stranger("Thandi", "+27821234567")
        await thandi.says("buy 500 zar usdt on tron")
        await thandi.taps("English")
        await thandi.taps("South Africa")
        await thandi.says("TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW")
        await thandi.shares_contact()
        await thandi.sees("name")
        await thandi.says("Thandi Nkosi")
        await thandi.taps("Confirm")
        await play.kotani.until(lambda: bool(play.orders()), 30)
        await play.until("SELECT 1 FROM leg WHERE state <> 'submitting'")
        await play.until("SELECT 1 FROM attention_case WHERE concern = 'checkout_link'")
        await play.handled()
        for message in play.telegram.messages(thandi.id, by_bot=True):
            assert "evil" not in str(play.telegram.seen(message))
            assert "169.254" not in str(play.telegram.seen(message))
