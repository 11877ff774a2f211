"""The client against the simulated provider over real HTTP: the two were written apart, from the same documentation."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from msgspec import structs

from bot.kotani.callbacks import read_callback, verify
from bot.kotani.client import Kotani
from bot.kotani.errors import (
    CustomerSuspended,
    DuplicateReference,
    InsufficientFunds,
    KotaniError,
    NotFound,
    RateExpired,
    RateLimited,
    Refused,
    ServiceNotEnabled,
    Unauthorised,
    Unknown,
)
from bot.kotani.links import LinkRequest
from bot.kotani.requests import (
    BankAccount,
    BankCheckout,
    BankPayout,
    BankReceiver,
    CheckoutRequest,
    CustomerRequest,
    DepositRequest,
    MobileMoneyPayer,
    MobileMoneyReceiver,
    OfframpRequest,
    OnrampRequest,
    PaybillPayout,
    PaybillReceiver,
    Payout,
    SouthAfricanPayout,
    TillPayout,
    TillReceiver,
    WithdrawalRequest,
)
from bot.kotani.results import Quote
from bot.simulator.kotani import KotaniWorld, Match, Rule, Settings

PHONE, NAME = "+254712345678", "Jane Ñandú"
ADDRESS = "0x000000000000000000000000000000000000beef"
URL = "http://127.0.0.1:9/callbacks"  # nobody listens there
SECRET = "whsec_0123456789abcdef"


@pytest.fixture(params=["plain", "secure"])
def world(request: pytest.FixtureRequest) -> KotaniWorld:
    return KotaniWorld(settings=Settings(secure=request.param == "secure", api_secret="api-secret"))


@pytest.fixture
async def kotani(provider: str) -> AsyncIterator[Kotani]:
    """Signs always: the simulator looks at signatures in secure mode only."""
    async with Kotani(base_url=provider, api_key="test-key", api_secret="api-secret", deadline=2) as kotani:
        yield kotani


async def quoted(kotani: Kotani, amount: int = 1000) -> Quote:
    return await kotani.quote_onramp(currency="KES", token="USDC", fiat_amount=Decimal(amount))


def onramp(
    reference: str, quote: Quote | None = None, payer: MobileMoneyPayer | BankCheckout | None = None
) -> OnrampRequest:
    return OnrampRequest(
        payer=payer or MobileMoneyPayer(PHONE, NAME, "MPESA"),
        fiat_amount=quote.fiat_amount if quote else Decimal(1000),
        currency="KES",
        chain="BASE",
        token="USDC",
        receiver_address=ADDRESS,
        reference=reference,
        callback_url=URL,
        rate_id=quote.id if quote else None,
    )


async def withdrawal(kotani: Kotani, reference: str, amount: str = "1000") -> WithdrawalRequest:
    customer = await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)
    wallet = await kotani.wallet_for("KES", "KE")
    return WithdrawalRequest(customer.key, Decimal(amount), wallet.id, reference, URL)


async def test_buying_from_quote_to_delivery(kotani: Kotani, world: KotaniWorld) -> None:
    quote = await quoted(kotani)
    assert quote.fiat_amount + quote.fee == quote.transaction_amount

    created = await kotani.create_onramp(onramp("bot-00001", quote))
    assert created.report.reference == "bot-00001"
    assert created.report.provider_id
    assert (await kotani.onramp("bot-00001")).deposit_status in ("PENDING", "INITIATED")

    await world.advance(1)
    assert world.approve("bot-00001")
    await world.advance(60)

    report = await kotani.onramp("bot-00001")
    assert (report.deposit_status, report.onchain_status) == ("SUCCESSFUL", "SUCCESSFUL")
    assert (report.gross, report.fee, report.to_pay) == (quote.fiat_amount, quote.fee, quote.transaction_amount)
    assert report.crypto_received == report.crypto_amount == quote.crypto_amount
    assert report.tx_hash
    assert report.receiver == ADDRESS


async def test_a_quote_for_an_exact_amount_of_crypto(kotani: Kotani) -> None:
    quote = await kotani.quote_onramp(currency="KES", token="USDC", crypto_amount=Decimal("20.123456"))

    assert quote.crypto_amount == Decimal("20.123456")
    assert (await kotani.create_onramp(onramp("bot-00001", quote))).report.provider_id


async def test_a_delivery_that_fails(kotani: Kotani, world: KotaniWorld) -> None:
    world.fail_next(deliveries=1)
    await kotani.create_onramp(onramp("bot-00001"))
    await world.advance(1)
    world.approve("bot-00001")
    await world.advance(60)

    report = await kotani.onramp("bot-00001")

    assert (report.deposit_status, report.onchain_status) == ("SUCCESSFUL", "FAILED")
    assert report.error_code == "CRYPTO_TRANSFER_FAILED"
    assert report.error_text


async def test_buying_on_the_banks_page(kotani: Kotani) -> None:
    quote = await kotani.quote_onramp(currency="ZAR", token="USDC", fiat_amount=Decimal("500.50"))
    request = OnrampRequest(
        BankCheckout(NAME, "+27712345678"),
        quote.fiat_amount,
        "ZAR",
        "BASE",
        "USDC",
        ADDRESS,
        "bot-00001",
        URL,
        quote.id,
    )

    created = await kotani.create_onramp(request)

    assert created.report.redirect_url
    assert created.report.redirect_url.startswith("http://127.0.0.1:")


async def test_quotes_run_out(kotani: Kotani, world: KotaniWorld) -> None:
    quote = await quoted(kotani)
    await world.advance(61)

    with pytest.raises(RateExpired):
        await kotani.create_onramp(onramp("bot-00001", quote))
    assert world.creates("bot-00001").accepted == 0


async def test_a_quote_serves_one_order(kotani: Kotani) -> None:
    quote = await quoted(kotani)
    await kotani.create_onramp(onramp("bot-00001", quote))

    # it may have been an earlier attempt of ours that used it
    with pytest.raises(DuplicateReference):
        await kotani.create_onramp(onramp("bot-00002", quote))


@pytest.mark.parametrize("mode", ["refuse", "record"])
async def test_a_reference_that_was_used(kotani: Kotani, world: KotaniWorld, mode: str) -> None:
    world.configure(duplicate_reference=mode)
    payout = await withdrawal(kotani, "bot-00002")
    await kotani.create_onramp(onramp("bot-00001"))
    await kotani.create_withdrawal(payout)

    with pytest.raises(DuplicateReference):
        await kotani.create_onramp(onramp("bot-00001"))
    with pytest.raises(DuplicateReference):
        await kotani.create_withdrawal(payout)


FAULTS = [
    (Rule(action="accept_then_drop"), Unknown, 1),
    (Rule(action="drop_before"), Unknown, 0),
    (Rule(action="accept_then_500"), Unknown, 1),
    (Rule(action="timeout", processed=True), Unknown, 1),
    (Rule(action="timeout"), Unknown, 0),
    (Rule(action="delay", seconds=5, after=True), Unknown, 1),
    (Rule(action="malformed"), Unknown, 1),
    (Rule(action="answer", status=200, body='{"success":true,"message":"ok","data":{}}', processed=True), Unknown, 1),
    (Rule(action="redirect"), Unknown, 0),
    (Rule(action="rate_limit", retry_after=7), RateLimited, 0),
    (Rule(action="refuse", status=422, message="No"), Refused, 0),
]


@pytest.mark.parametrize("world", ["plain"], indirect=True)
@pytest.mark.parametrize(
    ("rule", "expected", "accepted"), FAULTS, ids=[f"{rule.action}-{accepted}" for rule, _, accepted in FAULTS]
)
async def test_a_create_that_goes_wrong_is_made_once_and_can_be_asked_about(
    provider: str, world: KotaniWorld, rule: Rule, expected: type[KotaniError], accepted: int
) -> None:
    deadline = 0.5 if rule.action in ("timeout", "delay") else 5
    async with (
        Kotani(base_url=provider, api_key="test-key", deadline=deadline) as hasty,
        Kotani(base_url=provider, api_key="test-key") as patient,
    ):
        payout = await withdrawal(patient, "bot-00002")
        creates = {
            "onramp.create": lambda: hasty.create_onramp(onramp("bot-00001")),
            "withdraw.create": lambda: hasty.create_withdrawal(payout),
        }
        for operation, create in creates.items():
            world.inject(structs.replace(rule, match=Match(operation=operation)))

            with pytest.raises(expected) as raised:
                await create()

            assert type(raised.value) is expected
            assert raised.value.money_may_have_moved or accepted == 0

        for reference, read in (("bot-00001", patient.onramp), ("bot-00002", patient.withdrawal)):
            assert world.creates(reference).accepted == accepted
            if accepted:
                assert (await read(reference)).reference == reference
            else:
                with pytest.raises(NotFound):
                    await read(reference)


async def test_a_read_survives_one_bad_answer(kotani: Kotani, world: KotaniWorld) -> None:
    await kotani.create_onramp(onramp("bot-00001"))
    for action in ("drop_before", "accept_then_500", "malformed"):
        world.inject(Rule(action=action, match=Match(operation="onramp.status")))

        assert (await kotani.onramp("bot-00001")).reference == "bot-00001"


async def test_the_rate_limit_of_the_provider_is_heard(kotani: Kotani, world: KotaniWorld) -> None:
    world.configure(rate_limit=2)
    await kotani.wallets()
    await kotani.wallets()

    with pytest.raises(RateLimited) as limited:
        await kotani.wallets()

    assert 55 <= limited.value.retry_after <= 61


async def test_wrong_keys_and_signatures(provider: str, world: KotaniWorld) -> None:
    async with Kotani(base_url=provider, api_key="of-another-environment", api_secret="api-secret") as kotani:
        assert (await kotani.health()).ok
        with pytest.raises(Unauthorised):
            await kotani.wallets()
    if not world.settings.secure:
        return
    for secret in ("wrong", None):
        async with Kotani(base_url=provider, api_key="test-key", api_secret=secret) as kotani:
            with pytest.raises(Unauthorised):
                await kotani.create_onramp(onramp("bot-00001"))


async def test_what_is_not_enabled(kotani: Kotani, world: KotaniWorld) -> None:
    world.configure(disabled_services=["onramp", "payment_links"])

    with pytest.raises(ServiceNotEnabled) as raised:
        await kotani.create_onramp(onramp("bot-00001"))
    assert raised.value.service == "onramp"
    with pytest.raises(ServiceNotEnabled):
        await kotani.payment_links()


async def test_wallets_of_currencies_that_countries_share(kotani: Kotani, world: KotaniWorld) -> None:
    ivory, senegal = await kotani.wallet_for("XOF", "CI"), await kotani.wallet_for("XOF", "SN")

    assert ivory.id != senegal.id
    assert (ivory.country, senegal.country) == ("CI", "SN")
    world.wallets.all[ivory.id].balance = Decimal("12.50")
    assert (await kotani.wallet_for("XOF", "CI")).balance == Decimal("12.5")
    assert [seen.operation for seen in world.requests].count("wallet.of_currency") == 2
    del world.wallets.all[ivory.id]
    with pytest.raises(NotFound):
        await kotani.wallet_for("XOF", "CI")


async def test_a_country_that_the_provider_overlooks_is_found_in_the_list(kotani: Kotani, world: KotaniWorld) -> None:
    [other] = [wallet for wallet in await kotani.wallets() if (wallet.currency, wallet.country) == ("XOF", "CI")]
    body = f'{{"success":true,"data":{{"id":"{other.id}","currency":"XOF","country":"CI","balance":1}}}}'
    world.inject(Rule(action="answer", status=200, body=body, match=Match(operation="wallet.of_currency")))

    assert (await kotani.wallet_for("XOF", "SN")).country == "SN"


@pytest.mark.parametrize("known", ["return", "refuse"])
async def test_a_customer_is_made_once(kotani: Kotani, world: KotaniWorld, known: str) -> None:
    world.configure(duplicate_customer=known)
    first = await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)
    assert (await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)).key == first.key
    assert [seen.operation for seen in world.requests].count("customer.create") == 1

    # somebody else made it between our question and our create
    absent = Rule(
        action="refuse", status=404, message="Customer not found.", match=Match(operation="customer.of_phone")
    )
    world.inject(absent)
    assert (await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)).key == first.key


async def test_a_customer_whose_making_got_no_answer_is_found(kotani: Kotani, world: KotaniWorld) -> None:
    world.inject(Rule(action="accept_then_drop", match=Match(operation="customer.create")))

    customer = await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)

    assert list(world.customers.all) == [customer.key]


async def test_a_customers_network_follows_what_is_asked_for(kotani: Kotani, world: KotaniWorld) -> None:
    customer = await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)

    await kotani.ensure_customer(phone=PHONE, country="KE", network="AIRTEL", name=NAME)

    assert world.customers.all[customer.key].network == "AIRTEL"
    assert world.customers.all[customer.key].account_name == NAME


async def test_an_older_country_code_where_the_new_one_is_refused(kotani: Kotani, world: KotaniWorld) -> None:
    complaint = "country_code must be one of the following values: GHA, NG, KE"
    world.inject(
        Rule(action="refuse", message="Validation failed", errors=[complaint], match=Match(operation="customer.create"))
    )

    customer = await kotani.ensure_customer(phone="+233242885317", country="GH", network="MTN", name=NAME)

    assert world.customers.all[customer.key].country == "GH"


async def test_customers_can_be_looked_up(kotani: Kotani) -> None:
    made = await kotani.create_customer(CustomerRequest(PHONE, "KE", "MPESA", NAME))

    assert await kotani.customer(made.key) == made == await kotani.customer_of_phone(PHONE)
    assert await kotani.customers() == (made,)
    with pytest.raises(NotFound):
        await kotani.customer_of_phone("+254700000000")


async def test_paying_a_phone(kotani: Kotani, world: KotaniWorld) -> None:
    before = await kotani.wallet_for("KES", "KE")
    created = await kotani.create_withdrawal(await withdrawal(kotani, "bot-00001"))
    assert created.report.provider_id
    await world.advance(10)

    report = await kotani.withdrawal("bot-00001")

    assert (report.status, report.gross, report.currency) == ("SUCCESSFUL", Decimal(1000), "KES")
    assert report.receipt
    assert report.net is not None
    assert (await kotani.wallet_for("KES", "KE")).balance == before.balance - report.net


async def test_every_way_to_be_paid_out(kotani: Kotani, world: KotaniWorld) -> None:
    customer = await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)
    wallet = await kotani.wallet_for("KES")
    amount = Decimal(100)
    [absa] = [bank for bank in await kotani.banks("ZAR") if bank.name == "ABSA"]
    payouts: list[Payout] = [
        BankPayout(customer.key, amount, wallet.id, BankAccount("68", NAME, "123", phone=PHONE), "bot-bank1", URL),
        SouthAfricanPayout(
            BankReceiver(NAME, "1 Long Street", "+27712345678", absa.code, "62", "ZA"), "ZAR", amount, "bot-bank2", URL
        ),
        TillPayout(TillReceiver("174379", "ORDER123"), amount, wallet.id, "bot-till1", URL),
        PaybillPayout(PaybillReceiver("400200", "ACC1", PHONE), amount, wallet.id, "bot-bill1", URL),
    ]

    for payout in payouts:
        assert (await kotani.create_withdrawal(payout)).report.reference == payout.reference
        version = 2 if isinstance(payout, SouthAfricanPayout) else 1
        assert (await kotani.withdrawal(payout.reference, version=version)).gross == amount


async def test_payouts_that_are_refused(kotani: Kotani, world: KotaniWorld) -> None:
    payout = await withdrawal(kotani, "bot-00001", "200000")
    wallet = world.wallets.all[payout.wallet_id]
    wallet.balance = Decimal(100)
    with pytest.raises(InsufficientFunds):
        await kotani.create_withdrawal(payout)
    wallet.balance = Decimal(1_000_000)

    with pytest.raises(Refused) as refused:
        await kotani.create_withdrawal(await withdrawal(kotani, "bot-00002", "10.5"))
    assert "whole number" in refused.value.message

    world.customers.all[payout.customer_key].status = "suspended"
    with pytest.raises(CustomerSuspended):
        await kotani.create_withdrawal(payout)


async def test_collecting_and_moving_it_to_the_payout_balance(kotani: Kotani, world: KotaniWorld) -> None:
    customer = await kotani.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)
    wallet = await kotani.wallet_for("KES", "KE")
    created = await kotani.create_deposit(DepositRequest(customer.key, Decimal(500), wallet.id, "bot-00001", URL))
    assert created.report.reference == "bot-00001"
    await world.advance(1)
    world.approve("bot-00001")
    await world.advance(5)

    report = await kotani.deposit("bot-00001")
    assert (report.status, report.gross) == ("SUCCESSFUL", Decimal(500))
    await kotani.transfer_deposit_balance(wallet.id)

    after = await kotani.wallet(wallet.id)
    assert (after.balance, after.deposit_balance) == (wallet.balance + (report.net or 0), 0)


async def test_collecting_on_the_banks_page(kotani: Kotani) -> None:
    request = CheckoutRequest(NAME, "+27712345678", "PAYBYBANK", "ZAR", Decimal("99.99"), "bot-00001", URL)

    created = await kotani.create_checkout(request)

    assert created.report.redirect_url
    assert (await kotani.checkout("bot-00001")).reference == "bot-00001"


async def test_selling_and_a_payout_that_comes_back(kotani: Kotani, world: KotaniWorld) -> None:
    quote = await kotani.quote_offramp(token="USDC", currency="KES", crypto_amount=Decimal("10.5"))
    assert quote.fiat_amount - quote.fee == quote.transaction_amount
    request = OfframpRequest(
        MobileMoneyReceiver(PHONE, NAME, "MPESA"), quote.crypto_amount, "KES", "BASE", "USDC", "bot-00001", ADDRESS, URL,
        rate_id=quote.id, refund_address=ADDRESS,
    )  # fmt: skip
    sale = await kotani.create_offramp(request)
    assert sale.escrow_address
    assert not sale.own_wallet
    world.fail_next(withdrawals=1)
    world.send_crypto("bot-00001")
    await world.advance(30)
    assert (await kotani.offramp("bot-00001")).crypto_seen == Decimal("10.5")
    world.settle("bot-00001", succeed=False)
    await world.advance(400)

    refund = await kotani.refund_status("bot-00001")

    assert (refund.refund_status, refund.amount) == ("SUCCESSFUL", Decimal("10.5"))
    assert refund.tx_hash
    with pytest.raises(KotaniError):
        await kotani.retry_refund("bot-00001")


async def test_cancelling_a_sale(kotani: Kotani, world: KotaniWorld) -> None:
    receiver = TillReceiver("174379")
    await kotani.create_offramp(OfframpRequest(receiver, Decimal(10), "KES", "BASE", "USDC", "bot-00001", ADDRESS, URL))

    await kotani.cancel_offramp("bot-00001")

    assert (await kotani.offramp("bot-00001")).report.status == "CANCELLED"


async def test_paying_in_one_currency_and_out_in_another(kotani: Kotani) -> None:
    quote = await kotani.quote_fiat(source="KES", target="GHS", amount=Decimal(1000))

    assert quote.deposit_amount == 1000
    assert quote.withdrawal_transaction_amount == quote.withdrawal_amount + quote.withdrawal_fee
    assert (await kotani.rate("USD", "KES")).value > 100


async def test_what_is_supported_where(kotani: Kotani) -> None:
    by_code = {country.country: country for country in await kotani.countries("DEPOSIT")}

    assert by_code["KE"].networks == ("MPESA", "AIRTEL")
    assert (by_code["KE"].enabled, by_code["ET"].enabled) == (True, False)
    assert await kotani.networks("GH") == ("MTN", "VODAFONE", "AIRTEL")
    assert {bank.currency for bank in await kotani.banks()} == {"KES", "ZAR"}


async def test_payment_links(kotani: Kotani, world: KotaniWorld) -> None:
    link = await kotani.create_link(
        LinkRequest("Lunch", "KES", URL, amount=Decimal(250), payer_fields={"name": "REQUIRED", "email": "HIDDEN"})
    )
    assert link.url.endswith(f"/l/{link.short_code}")
    world.pay_link(link.id, PHONE, NAME)

    [payment] = await kotani.link_payments(link.id)
    assert payment.report.gross == 250
    assert payment.customer_key is not None
    assert (await kotani.close_link(link.id)).status == "INACTIVE"
    assert await kotani.payment_links() == (await kotani.payment_link(link.id),)
    with pytest.raises(Refused) as refused:
        await kotani.create_link(LinkRequest("Lunch", "KES", URL))
    assert refused.value.reasons == ("amount should not be empty when pricingType is FIXED",)


async def test_new_wallets(kotani: Kotani) -> None:
    wallet = await kotani.create_wallet("Second", "KES", "KE")

    assert (wallet.name, wallet.currency, wallet.country, wallet.balance) == ("Second", "KES", "KE", 0)


async def test_callbacks_carry_the_signature_that_was_agreed(kotani: Kotani, world: KotaniWorld) -> None:
    settings = await kotani.update_webhook(url=URL, secret=SECRET, events=["transaction.onramp.status.updated"])
    assert settings.events == ("transaction.onramp.status.updated",)
    world.configure(callback_mode="hold")
    await kotani.create_onramp(onramp("bot-00001", payer=MobileMoneyPayer(PHONE, 'Jane "Ñandú" 😀', "MPESA")))
    await world.advance(1)
    world.approve("bot-00001")
    await world.advance(60)

    held = world.callbacks.all
    assert len(held) > 2
    for callback in held:
        header = callback.headers["X-Kotani-Signature"]
        assert verify(callback.body, header, [b"other", SECRET.encode()]).candidate == "cut"
        assert not verify(callback.body, header, [b"other"]).genuine
    last = read_callback(held[-1].body)
    now = await kotani.onramp("bot-00001")
    for fact in ("reference", "deposit_status", "onchain_status", "gross", "to_pay", "crypto_received", "tx_hash"):
        assert getattr(last.report, fact) == getattr(now, fact)
