"""Deposits, withdrawals and payment links, and the two balances they move."""

from decimal import Decimal
from typing import Any

import pytest


class TestDeposits:
    async def test_a_deposit_lands_net_in_the_deposit_balance(self, caller: Any) -> None:
        made = await caller.deposit("ref-00001")
        assert made["reference_id"] == "ref-00001"
        caller.world.approve("ref-00001")
        await caller.world.advance(2)

        status = await caller.get("/api/v3/deposit/mobile-money/status/ref-00001")
        assert (status["status"], status["amount"]) == ("SUCCESSFUL", 1000)
        assert (status["transaction_cost"], status["transaction_amount"]) == (25, 975)
        assert (status["initialDepositBalance"], status["finalDepositBalance"]) == (0, 975)
        wallet = await caller.wallet()
        assert (wallet["balance"], wallet["deposit_balance"]) == (10_000_000, 975)

    async def test_the_deposit_balance_is_transferred_to_the_payout_balance(self, caller: Any) -> None:
        await caller.deposit("ref-00001")
        caller.world.approve("ref-00001")
        await caller.world.advance(2)
        wallet = await caller.wallet()
        path = "/api/v3/wallet/transfer/deposit-balance"

        part = await caller.post(path, {"walletId": wallet["id"], "amount": 900})
        assert (part["balance"], part["deposit_balance"]) == (10_000_900, 75)
        rest = await caller.post(path, {"walletId": wallet["id"]})
        assert (rest["balance"], rest["deposit_balance"]) == (10_000_975, 0)
        more = await caller.http.post(path, json={"walletId": wallet["id"], "amount": 1})
        assert (more.status_code, more.json()["message"]) == (400, "Insufficient Funds")

    async def test_a_declined_deposit_says_why(self, caller: Any) -> None:
        await caller.deposit("ref-00001")
        caller.world.decline("ref-00001")

        status = await caller.get("/api/v3/deposit/mobile-money/status/ref-00001")
        assert (status["status"], status["error_code"]) == ("FAILED", "CUSTOMER_CANCELLED")
        assert (await caller.wallet())["deposit_balance"] == 0

    async def test_a_wallet_of_another_currency_is_refused(self, caller: Any) -> None:
        body = {
            "customer_key": await caller.customer(),
            "amount": 10,
            "wallet_id": (await caller.wallet("GHS"))["id"],
            "reference_id": "ref-00001",
        }

        answer = await caller.http.post("/api/v3/deposit/mobile-money", json=body)

        assert (answer.status_code, answer.json()["message"]) == (400, "Invalid phone number for GHS")

    async def test_a_checkout_returns_to_the_customers_page(self, caller: Any) -> None:
        body = {
            "fullName": "Thabo",
            "phoneNumber": "+27821234567",
            "paymentMethod": "CARD",
            "currency": "ZAR",
            "amount": 150.5,
            "referenceId": "ref-00001",
            "customerRedirectUrl": "https://shop.example/done",
        }
        page = (await caller.post("/api/v3/deposit/bank/checkout", body))["redirectUrl"]

        answer = await caller.http.post(f"{page}/pay")
        await caller.world.advance(2)

        assert (answer.status_code, answer.headers["location"]) == (303, "https://shop.example/done")
        status = await caller.get("/api/v3/deposit/bank/checkout/status/ref-00001")
        assert (status["status"], status["amount"]) == ("SUCCESSFUL", 150.5)

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "//elsewhere"])
    async def test_a_checkout_never_returns_to_odd_addresses(self, caller: Any, address: str) -> None:
        body = {
            "fullName": "Thabo",
            "phoneNumber": "+27821234567",
            "paymentMethod": "CARD",
            "currency": "ZAR",
            "amount": 150,
            "customerRedirectUrl": address,
        }

        answer = await caller.http.post("/api/v3/deposit/bank/checkout", json=body)

        assert answer.json()["data"]["errors"] == ["customerRedirectUrl must be a URL address"]


class TestWithdrawals:
    async def test_the_wallet_is_debited_at_once(self, caller: Any) -> None:
        assert (await caller.withdraw("ref-00001")).status_code == 200
        assert (await caller.wallet())["balance"] == 10_000_000 - 1010

        await caller.world.advance(3)

        status = await caller.get("/api/v3/withdraw/status/ref-00001")
        assert (status["status"], status["transactionCost"], status["transactionAmount"]) == ("SUCCESSFUL", 10, 1010)
        assert len(str(status["telcoId"])) == 10
        words = [change.statuses["status"] for change in caller.world.transaction("ref-00001").history]
        assert words == ["INITIATED", "PENDING", "IN_PROGRESS", "SUCCESSFUL"]

    async def test_a_failed_payout_gives_the_money_back(self, caller: Any) -> None:
        caller.world.fail_next(withdrawals=1)
        await caller.withdraw("ref-00001")
        await caller.world.advance(3)

        status = await caller.get("/api/v3/withdraw/status/ref-00001")
        assert (status["status"], status["errorMessage"]) == ("FAILED", "The payout was rejected by the network")
        assert (await caller.wallet())["balance"] == 10_000_000

    async def test_magic_numbers_decide_payouts_too(self, caller: Any) -> None:
        await caller.withdraw("ref-00001", phone="+254700000010")
        await caller.withdraw("ref-00002", phone="+254700000020")
        await caller.world.advance(5000)

        assert caller.status("ref-00001")["status"] == "FAILED"
        assert caller.status("ref-00002")["status"] == "IN_PROGRESS"

    async def test_a_short_wallet_refuses(self, caller: Any) -> None:
        caller.world.wallets.of_currency("KES").balance = Decimal(1009)

        answer = await caller.withdraw("ref-00001")

        assert (answer.status_code, answer.json()["message"]) == (400, "Insufficient Funds")
        assert caller.world.transaction("ref-00001") is None

    async def test_a_locked_wallet_refuses(self, caller: Any) -> None:
        caller.world.wallets.of_currency("KES").locked = True

        assert (await caller.withdraw("ref-00001")).json()["message"] == "Wallet is locked"

    async def test_banks_tills_and_paybills_are_paid(self, caller: Any) -> None:
        kes = (await caller.wallet())["id"]
        key = await caller.customer()
        account = {"account_bank": "ABSA", "account_name": "Jane", "account_number": "1234"}
        south_african = {
            "name": "Thabo",
            "address": "1 Long Street",
            "phoneNumber": "+27821234567",
            "bankCode": "2500",
            "accountNumber": "62000000",
            "country": "ZA",
        }
        bodies: dict[str, dict[str, object]] = {
            "bank": {"customer_key": key, "walletId": kes, "bankDetails": account},
            "v2/bank": {"currency": "ZAR", "bankDetails": south_african},
            "lipa-na-mpesa": {"walletId": kes, "lipaNaMpesaDetails": {"businessShortcode": "174379"}},
            "paybill": {"walletId": kes, "paybillDetails": {"paybillNumber": "400200", "accountNumber": "A1"}},
        }
        for path, body in bodies.items():
            reference = f"ref-{path.replace('/', '-')}"
            await caller.post(f"/api/v3/withdraw/{path}", body | {"amount": 100, "referenceId": reference})
            await caller.world.advance(3)
            assert (await caller.get(f"/api/v3/withdraw/status/{reference}"))["status"] == "SUCCESSFUL"
        assert (await caller.wallet())["balance"] == 10_000_000 - 3 * 101


class TestLinks:
    BODY = {  # noqa: RUF012
        "title": "Lunch",
        "pricingType": "FIXED",
        "currency": "KES",
        "amount": 500,
        "paymentMethods": ["MOBILE_MONEY"],
        "usageType": "SINGLE_USE",
    }

    async def test_an_empty_link_is_told_its_fields(self, caller: Any) -> None:
        answer = await caller.http.post("/api/v3/payment-links", json={})

        errors = answer.json()["data"]["errors"]
        assert "pricingType should not be empty" in errors
        assert "usageType should not be empty" in errors

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"amount": None}, "amount should not be empty when pricingType is FIXED"),
            ({"usageType": "MULTIPLE_USE"}, "maxUses should not be empty when usageType is MULTIPLE_USE"),
            ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt must be in the future"),
            ({"paymentMethods": []}, "paymentMethods should not be empty"),
            ({"customerInfo": {"name": "MAYBE"}}, "customerInfo.name must be one of the following values"),
            ({"packages": [{"name": "S"}]}, "packages.0.amount must be a number conforming"),
        ],
    )
    async def test_a_wrong_link_is_told_why(self, caller: Any, changes: dict[str, object], error: str) -> None:
        answer = await caller.http.post("/api/v3/payment-links", json=self.BODY | changes)

        assert answer.status_code == 400
        assert answer.json()["data"]["errors"][0].startswith(error)

    async def test_a_payment_on_the_page_closes_a_single_use_link(self, caller: Any, listener: Any) -> None:
        link = await caller.post("/api/v3/payment-links", self.BODY | {"callbackUrl": caller.callback_url})
        assert link["url"].endswith(f"/l/{link['shortCode']}")
        assert "KES 500" in (await caller.http.get(link["url"])).text

        paid = await caller.http.post(link["url"], data={"phone": "+254712345678", "name": "Ann & Co"})
        assert "Check your phone" in paid.text
        (prompt,) = caller.world.prompts("+254712345678")
        caller.world.approve(prompt.id)
        await caller.world.advance(2)

        assert (await caller.get(f"/api/v3/payment-links/{link['id']}"))["status"] == "COMPLETED"
        payments = (await caller.http.get(f"/api/v3/payment-links/{link['id']}/transactions")).json()["data"]
        assert [(payment["status"], payment["amount"]) for payment in payments] == [("SUCCESSFUL", 500)]
        assert listener.bodies()[-1]["paymentLinkId"] == link["id"]
        again = await caller.http.post(link["url"], data={"phone": "+254712345678"})
        assert (again.status_code, "no longer active" in again.text) == (400, True)

    async def test_limits_and_packages_hold(self, caller: Any) -> None:
        ranged = await caller.post(
            "/api/v3/payment-links",
            self.BODY | {"pricingType": "VARIABLE", "amount": None, "minAmount": 100, "maxAmount": 200},
        )
        packed = await caller.post(
            "/api/v3/payment-links",
            self.BODY | {"pricingType": "PACKAGE", "amount": None, "packages": [{"name": "Small", "amount": 50}]},
        )
        form = {"phone": "+254712345678"}

        assert (await caller.http.post(ranged["url"], data=form | {"amount": "201"})).status_code == 400
        assert (await caller.http.post(ranged["url"], data=form | {"amount": "lots"})).status_code == 400
        assert (await caller.http.post(ranged["url"], data=form | {"amount": "150"})).status_code == 200
        assert (await caller.http.post(packed["url"], data=form | {"amount": "51"})).status_code == 400
        assert (await caller.http.post(packed["url"], data=form | {"amount": "50"})).status_code == 200

    async def test_a_link_is_closed_and_expires(self, caller: Any) -> None:
        link = await caller.post("/api/v3/payment-links", self.BODY)
        path = f"/api/v3/payment-links/{link['id']}"
        closed = await caller.http.patch(path, json={"status": "INACTIVE"})
        assert closed.json()["data"]["status"] == "INACTIVE"
        assert "no longer active" in (await caller.http.get(link["url"])).text

        soon = caller.world.clock.now().replace(microsecond=0).isoformat()
        assert (
            await caller.http.post("/api/v3/payment-links", json=self.BODY | {"expiresAt": soon})
        ).status_code == 400
        assert len((await caller.http.get("/api/v3/payment-links")).json()["data"]) == 1

    async def test_titles_are_escaped_on_the_page(self, caller: Any) -> None:
        link = await caller.post("/api/v3/payment-links", self.BODY | {"title": "<script>alert(1)</script>"})

        assert "<script>" not in (await caller.http.get(link["url"])).text
