"""Selling crypto: escrow, payout, refunds and their retries."""

from decimal import Decimal
from typing import Any

import pytest


async def sell(caller: Any, reference: str = "ref-00001", **changes: object) -> dict[str, Any]:
    return dict(await caller.offramp(reference, **changes))


async def test_crypto_in_escrow_pays_the_phone(caller: Any) -> None:
    made = await sell(caller)
    assert (made["status"], made["usingIntegratedWallet"]) == ("PENDING", False)
    assert str(made["escrowAddress"]).startswith("0x")

    assert caller.world.send_crypto("ref-00001")
    assert not caller.world.send_crypto("ref-00001")
    assert caller.status("ref-00001")["status"] == "CRYPTO_RECEIVED"
    await caller.world.advance(5)

    sold = await caller.get("/api/v3/offramp/ref-00001")
    assert (sold["status"], sold["onchainStatus"]) == ("SUCCESSFUL", "SUCCESSFUL")
    assert sold["telcoId"]
    assert sold["transactionHashAmount"] == sold["cryptoAmount"] == 10
    assert (await caller.wallet())["balance"] == 10_000_000 - sold["fiatAmount"]


async def test_a_failed_payout_is_refunded_after_five_minutes(caller: Any) -> None:
    caller.world.fail_next(withdrawals=1)
    await sell(caller)
    caller.world.send_crypto("ref-00001")
    await caller.world.advance(10)
    assert caller.status("ref-00001")["status"] == "FAILED"
    assert (await caller.wallet())["balance"] == 10_000_000

    await caller.world.advance(280)
    assert caller.status("ref-00001")["status"] == "FAILED"
    await caller.world.advance(13)
    assert caller.status("ref-00001")["status"] == "REFUND_PENDING"
    await caller.world.advance(10)

    refund = await caller.get("/api/v3/offramp/refund-status/ref-00001")
    assert (refund["status"], refund["refundStatus"], refund["refundAmount"]) == ("REFUNDED", "SUCCESSFUL", 10)
    assert refund["refundTransactionHash"]


async def test_a_failed_refund_is_retried_three_times_at_most(caller: Any) -> None:
    caller.world.fail_next(withdrawals=1, refunds=4)
    await sell(caller)
    caller.world.send_crypto("ref-00001")
    await caller.world.advance(320)
    retry = "/api/v3/offramp/retry-refund/ref-00001"

    for _ in range(3):
        assert caller.status("ref-00001")["status"] == "REFUND_FAILED"
        assert (await caller.http.post(retry)).status_code == 200
        await caller.world.advance(10)
    last = await caller.http.post(retry)

    assert (last.status_code, last.json()["message"]) == (400, "Cannot retry refund")
    assert (await caller.get("/api/v3/offramp/refund-status/ref-00001"))["totalRetries"] == 3


@pytest.mark.parametrize("amount", ["9.99", "10.01"])
async def test_a_wrong_amount_is_refunded(caller: Any, amount: str) -> None:
    await sell(caller)
    caller.world.send_crypto("ref-00001", Decimal(amount))
    await caller.world.advance(400)

    sold = await caller.get("/api/v3/offramp/ref-00001")
    assert (sold["status"], sold["transactionError"]["code"]) == ("REFUNDED", "AMOUNT_MISMATCH")


async def test_a_sale_is_cancelled_only_before_crypto_comes(caller: Any) -> None:
    await sell(caller)
    await sell(caller, "ref-00002")
    caller.world.send_crypto("ref-00002")

    assert (await caller.get("/api/v3/offramp/cancel/ref-00001"))["status"] == "CANCELLED"
    assert (await caller.http.get("/api/v3/offramp/cancel/ref-00002")).status_code == 400
    assert (await caller.http.get("/api/v3/offramp/cancel/nobody")).json()["message"] == "Reference Id not found"


async def test_a_sale_without_crypto_expires_and_late_crypto_goes_back(caller: Any) -> None:
    await sell(caller)
    await caller.world.advance(1801)
    assert caller.status("ref-00001")["status"] == "EXPIRED"

    caller.world.send_crypto("ref-00001")
    await caller.world.advance(400)

    assert caller.status("ref-00001")["status"] == "REFUNDED"


async def test_without_a_sender_the_own_wallet_pays(caller: Any) -> None:
    made = await sell(caller, senderAddress=None)
    assert made["usingIntegratedWallet"] is True

    await caller.world.advance(10)

    assert caller.status("ref-00001")["status"] == "SUCCESSFUL"


async def test_a_short_wallet_refuses_a_sale_and_keeps_the_quote(caller: Any) -> None:
    quote = await caller.post("/api/v3/rate/offramp", {"from": "USDC", "to": "KES", "cryptoAmount": 10})
    wallet = caller.world.wallets.of_currency("KES")
    wallet.balance = Decimal(5)
    body = caller.offramp_body("ref-00001", rateId=quote["id"])
    refused = await caller.http.post("/api/v3/offramp", json=body)
    assert (refused.status_code, refused.json()["message"]) == (400, "Insufficient Funds")

    wallet.balance = Decimal(50_000)

    assert (await caller.http.post("/api/v3/offramp", json=body)).status_code == 200


async def test_a_lightning_refund_waits_for_an_invoice(caller: Any) -> None:
    caller.world.fail_next(withdrawals=1)
    await sell(caller, chain="LIGHTNING", token="MSAT", cryptoAmount=10_000_000, senderAddress="somebody")
    caller.world.send_crypto("ref-00001")
    await caller.world.advance(400)
    path = "/api/v3/offramp/submit-refund-invoice/ref-00001"
    assert caller.status("ref-00001")["refundStatus"] == "INVOICE_NEEDED"

    assert (await caller.http.post(path, json={"bolt11": "lnbc1", "amount_msat": 5})).status_code == 400
    assert (await caller.http.post(path, json={"bolt11": "lnbc1", "amount_msat": 10_000_000})).status_code == 200
    await caller.world.advance(10)

    assert caller.status("ref-00001")["status"] == "REFUNDED"


async def test_a_bank_account_receives_too(caller: Any) -> None:
    bank = {
        "name": "Thabo",
        "address": "1 Long Street",
        "phoneNumber": "+27821234567",
        "bankCode": 2500,
        "accountNumber": "62000000",
        "country": "ZA",
    }
    await sell(caller, mobileMoneyReceiver=None, bankReceiver=bank, currency="ZAR")
    caller.world.send_crypto("ref-00001")
    await caller.world.advance(10)

    assert caller.status("ref-00001")["status"] == "SUCCESSFUL"
    both = caller.offramp_body("ref-00002", bankReceiver=bank)
    assert (await caller.http.post("/api/v3/offramp", json=both)).json()["message"] == "Provide exactly one receiver"
