"""Quotes: their arithmetic, their minute of life, their single use."""

from typing import Any

import pytest


async def onramp_quote(caller: Any, amount: object = 1000, **more: object) -> dict[str, Any]:
    body = {"from": "KES", "to": "USDC", "fiatAmount": amount, **more}
    return dict(await caller.post("/api/v3/rate/onramp", body))


async def test_the_onramp_fee_comes_on_top(caller: Any) -> None:
    quote = await onramp_quote(caller)

    assert (quote["fiatAmount"], quote["fee"], quote["transactionAmount"]) == (1000, 25, 1025)
    assert isinstance(quote["value"], str)
    assert 7 < quote["cryptoAmount"] < 8


async def test_an_exact_crypto_amount_costs_whole_shillings(caller: Any) -> None:
    quote = await onramp_quote(caller, 20, source="crypto")

    assert quote["cryptoAmount"] == 20
    assert quote["fiatAmount"] == 2597
    assert quote["transactionAmount"] == 2597 + quote["fee"] == 2597 + 65


async def test_the_offramp_fee_is_deducted(caller: Any) -> None:
    quote = await caller.post("/api/v3/rate/offramp", {"from": "USDC", "to": "KES", "cryptoAmount": 10})

    assert quote["transactionAmount"] == quote["fiatAmount"] - quote["fee"]
    assert (quote["fiatAmount"], quote["fee"]) == (1285, 32)


async def test_an_exact_fiat_amount_arrives_exactly(caller: Any) -> None:
    body = {"from": "USDC", "to": "KES", "cryptoAmount": 1000, "source": "fiat"}
    quote = await caller.post("/api/v3/rate/offramp", body)

    assert quote["transactionAmount"] == 1000
    assert quote["fiatAmount"] - quote["fee"] == 1000
    assert 7 < quote["cryptoAmount"] < 9


async def test_fiat_and_plain_rates_agree(caller: Any) -> None:
    fiat = await caller.post("/api/v3/rate/fiat", {"from": "KES", "to": "UGX", "amount": 1000})
    plain = await caller.get("/api/v3/rate/KES/UGX")
    pairs = (await caller.http.get("/api/v3/public/rate", headers={"Authorization": ""})).json()["data"]

    assert fiat["value"] == plain["value"] == "27.74767802"
    assert (fiat["depositAmount"], fiat["withdrawalAmount"]) == (1000, 27748)
    assert {"from": "USD", "to": "KES", "value": "129.20000000"} in pairs
    assert (await caller.http.get("/api/v3/rate/USD/XYZ")).status_code == 404


async def test_a_changed_rate_shows_in_the_next_quote(caller: Any) -> None:
    before = await onramp_quote(caller)
    answer = await caller.http.patch("/_control/kotani/config", json={"rates": {"KES": 140.5}})
    assert answer.status_code == 200

    assert (await onramp_quote(caller))["cryptoAmount"] < before["cryptoAmount"]


async def test_a_quote_expires_after_a_minute(caller: Any) -> None:
    quote = await onramp_quote(caller)
    await caller.world.advance(60)

    answer = await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001", rateId=quote["id"]))

    assert (answer.status_code, answer.json()["message"]) == (400, "Rate Expired")


async def test_a_quote_holds_for_59_seconds_and_is_used_once(caller: Any) -> None:
    quote = await onramp_quote(caller)
    await caller.world.advance(58)
    await caller.onramp("ref-00001", rateId=quote["id"])

    again = await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00002", rateId=quote["id"]))

    assert (again.status_code, again.json()["message"]) == (400, "Rate has already been used")


@pytest.mark.parametrize("changes", [{"fiatAmount": 999}, {"token": "USDT", "chain": "POLYGON"}])
async def test_a_quote_is_for_its_own_order_only(caller: Any, changes: dict[str, object]) -> None:
    quote = await onramp_quote(caller)

    answer = await caller.http.post(
        "/api/v3/onramp", json=caller.onramp_body("ref-00001", rateId=quote["id"], **changes)
    )

    assert (answer.status_code, answer.json()["message"]) == (400, "Rate does not match the transaction")


async def test_an_unknown_token_has_no_rate(caller: Any) -> None:
    answer = await caller.http.post("/api/v3/rate/onramp", json={"from": "KES", "to": "ADA", "fiatAmount": 1000})

    assert answer.status_code == 400
    assert "to must be one of the following values" in answer.json()["data"]["errors"][0]
