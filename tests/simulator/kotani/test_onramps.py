"""Buying crypto: prompts, magic numbers, delivery, and the fiat back in the wallet when delivery fails."""

import re
from typing import Any

import pytest

from bot.simulator.kotani import Choice
from bot.simulator.kotani.core import Ids

PHONE = "+254712345678"


async def test_an_approved_prompt_ends_in_a_delivery(caller: Any) -> None:
    made = await caller.onramp("ref-00001")
    assert made["referenceId"] == "ref-00001"
    assert "redirectUrl" not in made
    assert caller.status("ref-00001")["depositStatus"] == "PENDING"
    (prompt,) = caller.world.prompts(PHONE)
    assert (prompt.amount, prompt.currency) == (1025, "KES")

    assert caller.world.approve(prompt.id)
    await caller.world.advance(10)

    status = await caller.get("/api/v3/onramp/ref-00001")
    assert (status["depositStatus"], status["onchainStatus"]) == ("SUCCESSFUL", "SUCCESSFUL")
    assert re.fullmatch("0x[0-9a-f]{64}", str(status["transactionHash"]))
    assert (status["fiatAmount"], status["fiatFee"], status["fiatAmountToSend"]) == (1000, 25, 1025)
    assert status["cryptoAmountReceived"] == status["cryptoAmount"]


async def test_statuses_pass_in_order(caller: Any) -> None:
    await caller.onramp("ref-00001")
    await caller.world.advance(1)
    caller.world.approve("ref-00001")
    await caller.world.advance(10)

    history = [
        (c.statuses["depositStatus"], c.statuses["onchainStatus"])
        for c in caller.world.transaction("ref-00001").history
    ]
    assert history == [
        ("PENDING", "PENDING"),
        ("INITIATED", "PENDING"),
        ("IN_PROGRESS", "PENDING"),
        ("SUCCESSFUL", "PENDING"),
        ("SUCCESSFUL", "IN_PROGRESS"),
        ("SUCCESSFUL", "SUCCESSFUL"),
    ]


async def test_a_declined_prompt_fails_the_payment(caller: Any) -> None:
    await caller.onramp("ref-00001")
    caller.world.decline("ref-00001", Choice.INSUFFICIENT)

    status = await caller.get("/api/v3/onramp/ref-00001")
    assert (status["depositStatus"], status["onchainStatus"]) == ("FAILED", "CANCELLED")
    assert status["error"] == {
        "message": "Insufficient funds in the customer's account",
        "code": "INSUFFICIENT_FUNDS",
        "details": {},
    }
    assert not caller.world.approve("ref-00001")


@pytest.mark.parametrize(
    ("chain", "token", "receiver", "shape"),
    [
        ("TRON", "USDT", "THMe8HVBgDnzw8bfzWqhR8qoTS631gA6CS", "[0-9a-f]{64}"),
        ("STELLAR", "USDC", "GAS5GWC2SUXFDWV4PCS5LSOE5NGG2TFLCAZNVTI56ZOH2U4JUQTBYAKX", "[0-9a-f]{64}"),
        ("SOLANA", "USDC", "3PvHZqEa3qVedZPpkQ8piRcE8son8SpQttsx6cy5gzXK", "[1-9A-HJ-NP-Za-km-z]{87,88}"),
    ],
)
async def test_each_chain_names_transactions_in_its_own_way(
    caller: Any, chain: str, token: str, receiver: str, shape: str
) -> None:
    await caller.onramp("ref-00001", chain=chain, token=token, receiverAddress=receiver)
    caller.world.approve("ref-00001")
    await caller.world.advance(10)

    status = await caller.get("/api/v3/onramp/ref-00001")
    assert re.fullmatch(shape, str(status["transactionHash"]))


def test_chains_that_are_not_served_yet_have_shapes_too() -> None:
    ids = Ids(1)

    assert re.fullmatch("[0-9a-f]{64}", ids.chain_hash("CARDANO"))
    assert re.fullmatch(r"0\.0\.\d+@\d{10}\.\d{9}", ids.chain_hash("HEDERA"))
    assert re.fullmatch("0x[0-9a-f]{64}", ids.chain_hash("STABLE"))


async def test_an_ignored_prompt_can_be_opened_again_while_it_waits(caller: Any) -> None:
    await caller.onramp("ref-00001")
    (prompt,) = caller.world.prompts()
    assert (await caller.control(f"/prompts/{prompt.id}/ignore"))["ignored"]
    assert not (await caller.control(f"/prompts/{prompt.id}/reopen"))["ignored"]

    assert caller.world.approve(prompt.id)
    assert not caller.world.reopen(prompt.id)


async def test_an_ignored_prompt_expires(caller: Any) -> None:
    await caller.onramp("ref-00001")
    assert caller.world.ignore("ref-00001")

    await caller.world.advance(119)
    assert caller.status("ref-00001")["depositStatus"] == "INITIATED"
    await caller.world.advance(2)
    assert caller.status("ref-00001")["depositStatus"] == "EXPIRED"
    assert caller.world.prompts() == []


@pytest.mark.parametrize(
    ("phone", "after", "deposit"),
    [
        ("+254700000001", 4, "INITIATED"),
        ("+254700000001", 6, "SUCCESSFUL"),
        ("+254700000010", 6, "FAILED"),
        ("+254700000013", 6, "FAILED"),
        ("+254700000020", 100_000, "INITIATED"),
        ("+254700000021", 55, "INITIATED"),
        ("+254700000021", 62, "SUCCESSFUL"),
    ],
)
async def test_magic_numbers_answer_by_themselves(caller: Any, phone: str, after: int, deposit: str) -> None:
    payer = {"phoneNumber": phone, "accountName": "Jane", "providerNetwork": "MPESA"}
    await caller.onramp("ref-00001", mobileMoney=payer)

    await caller.world.advance(after)

    assert caller.status("ref-00001")["depositStatus"] == deposit


async def test_any_number_approves_by_itself_when_told_so(caller: Any) -> None:
    caller.world.configure(auto_approve=True)
    await caller.onramp("ref-00001")

    await caller.world.advance(10)

    assert caller.status("ref-00001")["status"] == "SUCCESSFUL"


async def test_a_failed_delivery_credits_what_was_paid_to_the_wallet(caller: Any) -> None:
    caller.world.fail_next(deliveries=1)
    await caller.onramp("ref-00001")
    await caller.onramp("ref-00002")
    caller.world.approve("ref-00001")
    await caller.world.advance(10)

    status = await caller.get("/api/v3/onramp/ref-00001")
    assert (status["depositStatus"], status["onchainStatus"]) == ("SUCCESSFUL", "FAILED")
    assert status["error"]["code"] == "CRYPTO_TRANSFER_FAILED"
    assert (await caller.wallet())["balance"] == 10_000_000 + 1025
    caller.world.approve("ref-00002")
    await caller.world.advance(10)
    assert caller.status("ref-00002")["status"] == "SUCCESSFUL"


async def test_delivery_waits_to_be_decided_when_told_so(caller: Any) -> None:
    caller.world.configure(auto_deliver=False)
    await caller.onramp("ref-00001")
    assert not caller.world.deliver("ref-00001")
    caller.world.approve("ref-00001")
    await caller.world.advance(3600)
    assert caller.status("ref-00001")["onchainStatus"] == "IN_PROGRESS"

    assert caller.world.deliver("ref-00001", succeed=False)

    assert caller.status("ref-00001")["onchainStatus"] == "FAILED"


async def test_time_passes_by_itself(caller: Any) -> None:
    caller.world.clock.speed = 50.0
    await caller.onramp("ref-00001")
    caller.world.approve("ref-00001")

    await caller.world.until(lambda: caller.world.transaction("ref-00001").status == "SUCCESSFUL")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chain": "TRON", "token": "USDC"}, "Token USDC is not supported on TRON"),
        ({"receiverAddress": "0x12"}, "Invalid receiver address"),
        ({"currency": "GHS"}, "Invalid phone number for GHS"),
        ({"fiatAmount": 100.5}, "amount must be a whole number for KES"),
        ({"fiatAmount": 250_001}, "Amount exceeds the maximum of 250000 KES per transaction"),
        ({"rateId": "nobody"}, "Rate not found"),
        ({"mobileMoney": None}, "Provide either mobileMoney or bankCheckout"),
        (
            {"mobileMoney": {"phoneNumber": PHONE, "accountName": "J", "providerNetwork": "MTN"}},
            "Network MTN is not supported in KE",
        ),
    ],
)
async def test_orders_that_cannot_be_are_refused(caller: Any, changes: dict[str, object], message: str) -> None:
    answer = await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001", **changes))

    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert caller.world.creates("ref-00001").accepted == 0


class TestDuplicates:
    async def test_a_used_reference_is_refused(self, caller: Any) -> None:
        await caller.onramp("ref-00001")

        answer = await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001"))

        assert answer.status_code == 400
        assert "Duplicate reference" in answer.json()["message"]
        counted = caller.world.creates("ref-00001")
        assert (counted.attempted, counted.accepted) == (2, 1)
        assert len(caller.world.prompts()) == 1

    async def test_or_answers_with_a_duplicate_record(self, caller: Any) -> None:
        caller.world.configure(duplicate_reference="record")
        await caller.onramp("ref-00001")

        again = await caller.onramp("ref-00001")

        assert again["status"] == "DUPLICATE"
        assert caller.world.creates("ref-00001").accepted == 1

    async def test_or_is_taken_as_new_so_that_a_double_shows(self, caller: Any) -> None:
        caller.world.configure(duplicate_reference="accept")
        await caller.onramp("ref-00001")
        await caller.onramp("ref-00001")

        assert caller.world.creates("ref-00001").accepted == 2
        assert len(caller.world.prompts()) == 2


class TestCheckout:
    PAYER = {"fullName": "Thabo <M>", "phoneNumber": "+27821234567", "paymentMethod": "PAYBYBANK"}  # noqa: RUF012

    async def page(self, caller: Any) -> str:
        made = await caller.onramp(
            "ref-00001", mobileMoney=None, bankCheckout=self.PAYER, currency="ZAR", fiatAmount=200
        )
        return str(made["redirectUrl"])

    async def test_pay_on_the_hosted_page_delivers(self, caller: Any) -> None:
        page = await self.page(caller)
        shown = await caller.http.get(page)
        assert "ZAR 205.00" in shown.text
        assert f'action="{httpx_path(page)}/pay"' in shown.text

        assert "Payment received" in (await caller.http.post(f"{page}/pay")).text
        await caller.world.advance(10)

        assert caller.status("ref-00001")["status"] == "SUCCESSFUL"

    async def test_decline_on_the_hosted_page_fails(self, caller: Any) -> None:
        page = await self.page(caller)

        assert "declined" in (await caller.http.post(f"{page}/decline")).text

        assert caller.status("ref-00001")["depositStatus"] == "FAILED"
        assert "declined" in (await caller.http.post(f"{page}/pay")).text
        assert (await caller.http.post(f"{page}/other")).status_code == 404

    async def test_a_page_left_alone_expires(self, caller: Any) -> None:
        page = await self.page(caller)
        await caller.world.advance(901)

        assert "expired" in (await caller.http.get(page)).text
        assert caller.status("ref-00001")["depositStatus"] == "EXPIRED"


async def test_crypto_is_sent_from_the_own_wallet(caller: Any) -> None:
    body = {
        "receiverAddress": "0x000000000000000000000000000000000000beef",
        "chain": "BASE",
        "token": "USDC",
        "cryptoAmount": 2.5,
        "referenceId": "send-0001",
    }
    await caller.post("/api/v3/onramp/crypto", body)
    assert (await caller.get("/api/v3/onramp/crypto/send-0001"))["status"] == "PENDING"

    await caller.world.advance(5)

    sent = await caller.get("/api/v3/onramp/crypto/send-0001")
    assert (sent["status"], sent["cryptoAmountReceived"]) == ("SUCCESSFUL", 2.5)


async def test_an_unknown_reference_is_not_found(caller: Any) -> None:
    answer = await caller.http.get("/api/v3/onramp/nobody")

    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def httpx_path(url: str) -> str:
    return "/" + url.split("/", 3)[3]
