"""Each fault as a client meets it, and what the provider did behind it."""

import logging
import time
from typing import Any

import httpx
import pytest

from bot.simulator.kotani import KotaniWorld, Match, Rule, create_app


async def fault(caller: Any, **rule: object) -> None:
    await caller.http.post("/_control/kotani/faults", json={"match": {"operation": "onramp.create"}, **rule})


async def create(caller: Any, reference: str = "ref-00001") -> httpx.Response:
    answer: httpx.Response = await caller.http.post("/api/v3/onramp", json=caller.onramp_body(reference))
    return answer


async def test_a_refusal_says_what_it_was_told_and_does_nothing(caller: Any) -> None:
    await fault(caller, action="refuse", status=422, message="No", errors=["fiatAmount is odd"])

    answer = await create(caller)

    assert (answer.status_code, answer.json()["data"]) == (422, {"errors": ["fiatAmount is odd"]})
    assert caller.world.creates("ref-00001").accepted == 0
    assert (await create(caller)).status_code == 200


@pytest.mark.parametrize(("action", "accepted"), [("accept_then_drop", 1), ("drop_before", 0)])
async def test_a_dropped_connection_gives_no_answer(
    caller: Any, action: str, accepted: int, caplog: pytest.LogCaptureFixture
) -> None:
    await fault(caller, action=action)

    with caplog.at_level(logging.INFO, "uvicorn"), pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await create(caller)

    assert caller.world.creates("ref-00001").accepted == accepted
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    found = await caller.http.get("/api/v3/onramp/ref-00001")
    assert found.status_code == (200 if accepted else 404)


async def test_a_500_hides_an_accepted_order(caller: Any) -> None:
    await fault(caller, action="accept_then_500")

    answer = await create(caller)

    assert (answer.status_code, answer.json()["success"]) == (500, False)
    assert caller.world.creates("ref-00001").accepted == 1


@pytest.mark.parametrize("after", [False, True])
async def test_a_delay_holds_the_answer_back(caller: Any, after: bool) -> None:
    await fault(caller, action="delay", seconds=0.3, after=after)
    started = time.monotonic()

    assert (await create(caller)).status_code == 200

    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(("after", "accepted"), [(False, 0), (True, 1)])
async def test_a_delay_is_before_or_after_the_work(caller: Any, after: bool, accepted: int) -> None:
    await fault(caller, action="delay", seconds=1, after=after)

    with pytest.raises(httpx.ReadTimeout):
        await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001"), timeout=0.2)

    assert caller.world.creates("ref-00001").accepted == accepted


@pytest.mark.parametrize("processed", [False, True])
async def test_a_timeout_never_answers(caller: Any, processed: bool, caplog: pytest.LogCaptureFixture) -> None:
    await fault(caller, action="timeout", processed=processed)

    with pytest.raises(httpx.ReadTimeout):
        await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001"), timeout=0.2)

    assert caller.world.creates("ref-00001").accepted == int(processed)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_malformed_answer_is_no_json(caller: Any) -> None:
    await fault(caller, action="malformed")

    answer = await create(caller)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r".+"):
        answer.json()
    assert caller.world.creates("ref-00001").accepted == 1


async def test_a_redirect_points_elsewhere(caller: Any) -> None:
    await fault(caller, action="redirect", location="https://elsewhere.example/")

    answer = await create(caller)

    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")
    assert caller.world.creates("ref-00001").accepted == 0


@pytest.mark.parametrize("wait", [7, None])
async def test_a_rate_limit_with_or_without_a_time(caller: Any, wait: int | None) -> None:
    await fault(caller, action="rate_limit", retry_after=wait)

    answer = await create(caller)

    assert answer.status_code == 429
    assert answer.json()["data"] == ({} if wait is None else {"retryAfter": 7})
    assert answer.headers.get("retry-after") == (None if wait is None else "7")


async def test_any_answer_can_be_put_in_the_providers_mouth(caller: Any) -> None:
    await fault(caller, action="answer", status=200, body='{"success":false,"message":"No"}', processed=True)

    assert (await create(caller)).json() == {"success": False, "message": "No"}
    assert caller.world.creates("ref-00001").accepted == 1


async def test_rules_count_skip_and_match(caller: Any) -> None:
    world: KotaniWorld = caller.world
    world.inject(Rule(action="refuse", status=400, times=2, skip=1, match=Match(path=r"/onramp$", method="POST")))
    world.inject(Rule(action="refuse", status=418, times=0, match=Match(reference="ref-99999")))

    statuses = [(await create(caller, f"ref-0000{n}")).status_code for n in range(5)]

    assert statuses == [200, 400, 400, 200, 200]
    assert [(await create(caller, "ref-99999")).status_code for _ in range(3)] == [418] * 3
    await caller.http.delete("/_control/kotani/faults")
    assert (await create(caller, "ref-99999")).status_code == 200


@pytest.mark.parametrize(
    "rule", [{"action": "explode"}, {"action": "refuse", "match": {"path": "("}}, {"action": "refuse", "often": 2}, {}]
)
async def test_a_rule_that_makes_no_sense_is_refused(caller: Any, rule: dict[str, object]) -> None:
    answer = await caller.http.post("/_control/kotani/faults", json=rule)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert caller.world.faults.rules == []


async def test_without_a_server_the_caller_sees_the_connection_break(world: KotaniWorld) -> None:
    world.inject(Rule(action="drop_before"))
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://provider") as http:
        with pytest.raises(ConnectionResetError):
            await http.get("/health")
