"""Callbacks: signatures over JavaScript's bytes, retries, holding, reversing, duplicating, forging, staying at home."""

import hashlib
import hmac
import json
from typing import Any

import pytest

SECRET = "test-webhook-secret"


def names(listener: Any) -> list[tuple[object, object]]:
    """The pairs of deposit and on-chain status that were told, in order of arrival."""
    data = [body.get("data", body) for body in listener.bodies()]
    return [(entry["depositStatus"], entry["onchainStatus"]) for entry in data]


async def bought(caller: Any, reference: str = "ref-00001") -> None:
    await caller.onramp(reference)
    await caller.world.advance(1)
    caller.world.approve(reference)
    await caller.world.advance(10)


ALL = [
    ("INITIATED", "PENDING"),
    ("IN_PROGRESS", "PENDING"),
    ("SUCCESSFUL", "PENDING"),
    ("SUCCESSFUL", "IN_PROGRESS"),
    ("SUCCESSFUL", "SUCCESSFUL"),
]


async def test_without_a_secret_the_data_comes_bare_at_every_change(caller: Any, listener: Any) -> None:
    await bought(caller)

    assert names(listener) == ALL
    headers, _ = listener.calls[-1]
    assert not any(name.startswith("x-kotani") for name in headers)
    last = listener.bodies()[-1]
    assert "event" not in last
    assert (last["referenceId"], last["status"], last["fiatAmountToSend"]) == ("ref-00001", "SUCCESSFUL", 1025)
    assert last["transactionHash"]


async def test_only_the_end_is_told_when_told_so(caller: Any, listener: Any) -> None:
    caller.world.configure(callback_on="terminal")
    await bought(caller)

    assert names(listener) == ALL[-1:]


async def test_with_a_secret_the_envelope_is_signed(caller: Any, listener: Any) -> None:
    answer = await caller.http.patch(
        "/api/v3/integrator/webhook", json={"webhook_url": caller.callback_url, "webhook_secret": SECRET}
    )
    assert "webhook_secret" not in answer.json()["data"]
    await bought(caller)

    for headers, raw in listener.calls:
        envelope = json.loads(raw, parse_float=str)
        assert list(envelope) == ["event", "data", "signature"]
        unsigned = raw[: raw.rindex(b',"signature":')] + b"}"
        expected = "sha256=" + hmac.new(SECRET.encode(), unsigned, hashlib.sha256).hexdigest()
        assert headers["x-kotani-signature"] == envelope["signature"] == expected
        assert headers["x-kotani-event"] == envelope["event"] == "transaction.onramp.status.updated"
        assert headers["x-kotani-integrator"]
        assert headers["content-type"] == "application/json"


async def test_the_signed_text_is_what_javascript_would_print(caller: Any, listener: Any) -> None:
    caller.world.configure(webhook_secret=SECRET)
    await caller.deposit("réf-é😀/1")
    caller.world.approve("réf-é😀/1")
    await caller.world.advance(5)

    headers, raw = listener.calls[-1]
    envelope = json.loads(raw)
    del envelope["signature"]
    # every number in this event is whole, so Python's compact form is JavaScript's
    printed = json.dumps(envelope, separators=(",", ":"), ensure_ascii=False).encode()
    assert headers["x-kotani-signature"] == "sha256=" + hmac.new(SECRET.encode(), printed, hashlib.sha256).hexdigest()
    assert "réf-é😀/1".encode() in raw
    assert envelope["data"]["transaction_amount"] == 975


async def test_what_is_not_acknowledged_comes_again_until_it_is(caller: Any, listener: Any) -> None:
    caller.world.configure(callback_on="terminal")
    listener.answers = [500, 401, 302]
    await bought(caller)
    assert len(listener.calls) == 1

    await caller.world.advance(3600)

    assert len(listener.calls) == 4
    assert len({raw for _, raw in listener.calls}) == 1
    (delivery,) = caller.world.callbacks.all
    assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("delivered", [500, 401, 302, 200])
    waits = [(b.at - a.at).total_seconds() for a, b in zip(delivery.attempts, delivery.attempts[1:], strict=False)]
    assert waits == pytest.approx([10, 20, 40], abs=2)


async def test_after_a_day_it_gives_up(caller: Any, listener: Any) -> None:
    caller.world.configure(callback_on="terminal")
    listener.answers = [500] * 100
    await bought(caller)
    await caller.world.advance(86_400 + 7200)

    (delivery,) = caller.world.callbacks.all
    assert delivery.state == "given up"
    assert len(listener.calls) == len(delivery.attempts) > 24


async def test_none_are_sent_when_switched_off(caller: Any, listener: Any) -> None:
    caller.world.configure(callback_mode="none")
    await bought(caller)
    caller.world.configure(callback_mode="normal", disable_webhooks=True)
    await bought(caller, "ref-00002")

    assert listener.calls == []
    assert caller.status("ref-00002")["status"] == "SUCCESSFUL"


async def test_events_that_are_not_subscribed_stay_away(caller: Any, listener: Any) -> None:
    await caller.http.patch(
        "/api/v3/integrator/webhook",
        json={"webhook_secret": SECRET, "webhook_events": ["transaction.deposit.status.updated"]},
    )
    await bought(caller)

    assert listener.calls == []


async def test_held_callbacks_leave_in_reverse(caller: Any, listener: Any) -> None:
    caller.world.configure(callback_mode="hold")
    await bought(caller)
    assert listener.calls == []

    assert caller.world.release("reversed") == len(ALL)
    await caller.world.callbacks.idle()

    assert names(listener) == ALL[::-1]


async def test_every_callback_comes_as_often_as_told(caller: Any, listener: Any) -> None:
    caller.world.configure(callback_duplicates=2)
    await bought(caller)

    assert names(listener) == [status for status in ALL for _ in range(3)]


async def test_an_old_callback_is_repeated_byte_for_byte(caller: Any, listener: Any) -> None:
    caller.world.configure(webhook_secret=SECRET)
    await bought(caller)
    sent = [raw for _, raw in listener.calls]
    await caller.world.advance(30 * 86_400)

    assert caller.world.repeat("ref-00001", 2) == 2 * len(ALL)
    await caller.world.callbacks.idle()

    assert [raw for _, raw in listener.calls] == sent * 3


@pytest.mark.parametrize("how", ["wrong_secret", "altered", "unsigned", "empty"])
async def test_a_forgery_never_carries_the_right_signature(caller: Any, listener: Any, how: str) -> None:
    caller.world.configure(webhook_secret=SECRET, callback_mode="none")
    await caller.onramp("ref-00001")
    listener.answers = [401]

    answer = await caller.control("/callbacks/ref-00001/forge", {"how": how})

    assert answer["attempts"][0]["status"] == 401
    ((headers, raw),) = listener.calls
    assert json.loads(raw)["data"]["status"] == "SUCCESSFUL"
    unsigned = raw[: raw.rindex(b',"signature":')] + b"}"
    right = "sha256=" + hmac.new(SECRET.encode(), unsigned, hashlib.sha256).hexdigest()
    assert headers.get("x-kotani-signature") != right
    assert caller.status("ref-00001")["status"] != "SUCCESSFUL"
    await caller.world.advance(7200)
    assert len(listener.calls) == 1


async def test_refunds_have_events_of_their_own(caller: Any, listener: Any) -> None:
    caller.world.fail_next(withdrawals=1, refunds=1)
    caller.world.configure(webhook_secret=SECRET)
    await caller.offramp("ref-00001")
    caller.world.send_crypto("ref-00001")
    await caller.world.advance(400)
    await caller.http.post("/api/v3/offramp/retry-refund/ref-00001")
    await caller.world.advance(10)

    refunds = [body for body in listener.bodies() if str(body["event"]).startswith("refund")]
    assert [body["event"] for body in refunds] == ["refund.failed", "refund.completed"]
    assert refunds[0]["data"] == {
        "referenceId": "ref-00001",
        "refundStatus": "FAILED",
        "error": "Refund transfer failed",
        "totalRetries": 0,
    }
    assert refunds[1]["data"]["status"] == "REVERSED"


async def test_withdrawals_and_deposits_spell_their_fields_their_own_way(caller: Any, listener: Any) -> None:
    await caller.deposit("dep-00001")
    caller.world.approve("dep-00001")
    await caller.world.advance(2)
    await caller.withdraw("out-00001")
    await caller.world.advance(3)

    bodies = listener.bodies()
    deposit = next(
        body for body in bodies if body.get("reference_id") == "dep-00001" and body["status"] == "SUCCESSFUL"
    )
    payout = next(body for body in bodies if body.get("referenceId") == "out-00001" and body["status"] == "SUCCESSFUL")
    assert (deposit["amount"], deposit["transaction_amount"], deposit["transaction_cost"]) == (1000, 975, 25)
    assert str(deposit["reference_number"]).startswith("MP")
    assert (payout["amount"], payout["transactionAmount"], payout["errorMessage"]) == (1000, 1010, None)
    assert payout["telcoId"]


@pytest.mark.parametrize(
    "url", ["https://bot.example/hook", "http://10.0.0.1/", "http://169.254.169.254/", "http://127.0.0.1.example/"]
)
async def test_nothing_is_sent_beyond_this_machine(caller: Any, url: str) -> None:
    await caller.onramp("ref-00001", callbackUrl=url)
    caller.world.decline("ref-00001")
    await caller.world.advance(100)

    assert {(entry.state, len(entry.attempts)) for entry in caller.world.callbacks.all} == {("refused", 0)}


async def test_a_listener_that_is_gone_is_tried_again(caller: Any) -> None:
    await caller.onramp("ref-00001", callbackUrl="http://127.0.0.1:9/")
    caller.world.decline("ref-00001")
    await caller.world.callbacks.idle()

    (delivery,) = caller.world.callbacks.all
    assert (delivery.state, delivery.attempts[0].status, delivery.attempts[0].error) == (
        "retrying",
        None,
        "ConnectError",
    )
