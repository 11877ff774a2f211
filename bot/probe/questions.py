"""The open questions, in their order: what is asked of the sandbox, and what its answers mean for the assistant."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote

from bot.payments.references import new_reference
from bot.probe.asking import Answer, Asker
from bot.probe.hearing import Ear, Heard
from bot.probe.meaning import direction, how, listed, number, signed
from bot.web.callbacks import PATH

API: Final = "/api/v3"
# sandbox scenarios of the provider's: this one pays after a few seconds, this one has not enough
PAYS: Final = "+254700000001"
POOR: Final = "+254700000010"
NOWHERE: Final = "0x000000000000000000000000000000000000dEaD"


@dataclass(slots=True)
class Walk:
    """One walk. `secrets` are the webhook secrets; seconds to wait: for a quote to end, and for callbacks."""

    ask: Asker
    ear: Ear | None
    secrets: Sequence[bytes]
    quote_seconds: float = 61.0
    callback_seconds: float = 180.0
    customer: str | None = None
    wallet: str | None = None
    reference: str | None = None

    @property
    def base(self) -> str:
        """Where callbacks are asked for; an address that nobody has, where nobody listens."""
        return self.ear.base if self.ear is not None else "https://example.com"


@dataclass(slots=True)
class Learned:
    """What one question taught. `skipped` says why it was not asked."""

    number: int
    question: str
    sentences: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    callbacks: list[Heard] = field(default_factory=list)
    skipped: str | None = None

    def note(self, sentence: str) -> None:
        """Keep a sentence."""
        self.sentences.append(sentence)


Question = Callable[[Walk, Learned], Awaitable[None]]


async def what_is_there(walk: Walk, learned: Learned) -> None:
    """Health, wallets, countries."""
    health = await walk.ask("GET", "/health")
    learned.note(f"{walk.ask.base_url} answers /health with HTTP {health.status}.")
    wallets = await walk.ask("GET", f"{API}/wallet/fiat")
    if isinstance(wallets.data, list):
        found = [one for one in wallets.data if isinstance(one, dict)]
        names = (f"{one.get('currency')} {one.get('country', '')}".strip() for one in found)
        learned.note(f"Wallets: {listed(names)}.")
        kenyan = next((one for one in found if one.get("currency") == "KES"), None)
        if kenyan is not None:
            walk.wallet = kenyan.get("id") or kenyan.get("_id")
    else:
        learned.note(f"Wallets are not told: {how(wallets)}.")
    for service in ("DEPOSIT", "WITHDRAW"):
        told = await walk.ask("GET", f"{API}/customer/support/countries?serviceType={service}")
        rows = told.data if isinstance(told.data, list) else []
        enabled = [
            str(one.get("countryCode")) for one in rows if isinstance(one, dict) and one.get("isEnabled") is True
        ]
        learned.note(f"{service}: {len(rows)} countries listed, enabled: {listed(enabled)}.")
    record = await walk.ask("GET", f"{API}/integrator")
    learned.note(
        f"The key may read our own record: webhook address set: {'yes' if record.field('webhook_url') else 'no'}."
        if record.well
        else f"The key may not read our own record ({how(record)}), so where callbacks go cannot be checked."
    )


async def what_quotes_mean(walk: Walk, learned: Learned) -> None:
    """Quotes with and without `source`, the direction of `value`, and a quote that has ended."""
    plain = await walk.ask("POST", f"{API}/rate/onramp", {"from": "KES", "to": "USDC", "fiatAmount": 1000})
    exact = await walk.ask(
        "POST", f"{API}/rate/onramp", {"from": "KES", "to": "USDC", "fiatAmount": 10, "source": "crypto"}
    )
    got = number(exact.field("cryptoAmount"))
    learned.note(
        f"Onramp with source=crypto: {how(exact)}; "
        + ("the number is the crypto to be received." if got == 10 else f"10 gave {got} of crypto: not understood so.")
    )
    sold = await walk.ask("POST", f"{API}/rate/offramp", {"from": "USDC", "to": "KES", "cryptoAmount": 10})
    wanted = await walk.ask(
        "POST", f"{API}/rate/offramp", {"from": "USDC", "to": "KES", "cryptoAmount": 1000, "source": "fiat"}
    )
    paid = number(wanted.field("transactionAmount"))
    learned.note(
        f"Offramp with source=fiat: {how(wanted)}; 1000 gave {number(wanted.field('fiatAmount'))} of fiat,"
        f" {paid} after the fee."
    )
    for name, answer in (("onramp", plain), ("offramp", sold)):
        learned.note(f"{name}: `value` {direction(answer)}.")
    rate = plain.field("id")
    if rate is None:
        learned.note("No quote had an id, so none could be used after its end.")
        return
    await asyncio.sleep(walk.quote_seconds)
    order = {
        "mobileMoney": {"phoneNumber": POOR, "accountName": "Probe", "providerNetwork": "MPESA"},
        "fiatAmount": 1000, "currency": "KES", "chain": "BASE", "token": "USDC", "receiverAddress": NOWHERE,
        "referenceId": new_reference(), "rateId": rate, "callbackUrl": f"{walk.base}{PATH}/probe",
    }  # fmt: skip
    late = await walk.ask("POST", f"{API}/onramp", order)
    learned.note(f"An onramp from a quote {walk.quote_seconds:g} s old: {how(late)}.")


async def a_customer_twice(walk: Walk, learned: Learned) -> None:
    """The same phone created twice."""
    body = {"phone_number": PAYS, "country_code": "KE", "network": "MPESA", "account_name": "Probe"}
    first = await walk.ask("POST", f"{API}/customer/mobile-money", body)
    second = await walk.ask("POST", f"{API}/customer/mobile-money", body)
    one, other = (answer.field("customer_key", "customerKey") for answer in (first, second))
    walk.customer = one or other
    same = "the same key" if one is not None and one == other else f"{how(second)}"
    learned.note(f"The second creation of a phone gives {same}.")
    found = await walk.ask("GET", f"{API}/customer/mobile-money/phone/{quote(PAYS, safe='')}")
    learned.note(f"The lookup by its number gives {how(found)}.")
    walk.customer = walk.customer or found.field("customer_key", "customerKey")


async def a_callback(walk: Walk, learned: Learned) -> None:
    """A deposit that succeeds: which address its callback goes to, with which headers, signed how."""
    if (made := await _deposit(walk, learned)) is None:
        return
    if walk.ear is None:
        learned.note("Nobody could listen for the callback: stop the assistant, and set PUBLIC_URL.")
        return
    heard = await walk.ear.of(made, count=2, within=walk.callback_seconds)
    learned.callbacks += heard
    if not heard:
        learned.note(f"No callback came within {walk.callback_seconds:g} s to {walk.ear.base}.")
        return
    for one in heard:
        to = "the transaction's own callback_url" if "probe" in one.path else "the configured webhook_url"
        named = sorted(name for name in one.headers if name.startswith("x-"))
        learned.note(f"A callback came to {to}, with the headers {listed(named)}; {signed(walk.secrets, one)}.")


async def a_reference_twice(walk: Walk, learned: Learned) -> None:
    """The same reference in a second creation."""
    if walk.reference is None:
        learned.skipped = "there is no deposit to repeat"
        return
    again = await walk.ask("POST", f"{API}/deposit/mobile-money", _deposit_body(walk, walk.reference))
    learned.note(f"A second deposit under the same reference: {how(again)}; status {again.field('status')}.")
    stands = await walk.ask("GET", f"{API}/deposit/mobile-money/status/{walk.reference}")
    learned.note(f"Asked for, the reference is {stands.field('status')}.")


async def a_sale_without_a_sender(walk: Walk, learned: Learned) -> None:
    """An offramp without `senderAddress`, cancelled before anything arrives."""
    reference = new_reference()
    made = await walk.ask("POST", f"{API}/offramp", _sale(walk, reference))
    own = made.field("usingIntegratedWallet")
    if not made.well:
        learned.note(f"An offramp without senderAddress is refused: {how(made)}.")
        with_one = _sale(walk, reference) | {"senderAddress": NOWHERE}
        made = await walk.ask("POST", f"{API}/offramp", with_one)
        learned.note(f"With one: {how(made)}.")
    else:
        learned.note(f"An offramp without senderAddress is taken; usingIntegratedWallet is {own}.")
    if made.well:
        cancelled = await walk.ask("GET", f"{API}/offramp/cancel/{reference}")
        after = await walk.ask("GET", f"{API}/offramp/{reference}")
        learned.note(f"Cancelling it: {how(cancelled)}; its status is then {after.field('status')}.")
    learned.note("Paying 0.01 too little needs a wallet on the chain: do that by hand.")


async def what_fields_are_wanted(walk: Walk, learned: Learned) -> None:
    """Empty bodies, whose complaints name the fields."""
    unknown = new_reference()
    asked: tuple[tuple[str, str, Any], ...] = (
        ("payment links", f"{API}/payment-links", {}),
        ("validate-csv", f"{API}/bulk-payments/validate-csv", {}),
        ("validate-csv, as the reference has it", f"{API}/dashboard/bulk-payments/api/validate-csv", {}),
        ("an offramp to a till", f"{API}/offramp", _sale(walk, new_reference(), lipaNaMpesaReceiver={})),
        ("an offramp to a paybill", f"{API}/offramp", _sale(walk, new_reference(), paybillReceiver={})),
        ("a refund invoice", f"{API}/offramp/submit-refund-invoice/{unknown}", {}),
    )
    for name, path, body in asked:
        answer = await walk.ask("POST", path, body)
        learned.note(f"{name}: {how(answer)}" + (f"; it asks for: {listed(answer.errors)}." if answer.errors else "."))


async def how_callbacks_are_repeated(walk: Walk, learned: Learned) -> None:
    """A callback that is answered 500: when it comes again."""
    if walk.ear is None:
        learned.skipped = "nobody could listen for callbacks: stop the assistant, and set PUBLIC_URL"
        return
    reference = new_reference()
    walk.ear.refused.add(reference)
    if await _deposit(walk, learned, reference) is None:
        return
    heard = await walk.ear.of(reference, count=4, within=walk.callback_seconds)
    walk.ear.refused.discard(reference)
    learned.callbacks += heard
    gaps = [f"{later.at - earlier.at:.1f}" for earlier, later in pairwise(heard)]
    learned.note(
        f"A callback answered 500 came {len(heard)} times within {walk.callback_seconds:g} s, after {listed(gaps)} s."
        if heard
        else f"No callback came within {walk.callback_seconds:g} s."
    )


QUESTIONS: Final[tuple[tuple[str, Question], ...]] = (
    ("Which host answers, and what is enabled for the account?", what_is_there),
    ("What do quotes mean, and what does one that has ended do?", what_quotes_mean),
    ("What does creating a customer twice give?", a_customer_twice),
    ("Where do callbacks go, and how are they signed?", a_callback),
    ("What does the same reference twice give?", a_reference_twice),
    ("What does an offramp without a sender do, and can it be cancelled?", a_sale_without_a_sender),
    ("Which fields do the undocumented bodies want?", what_fields_are_wanted),
    ("When is a callback that failed sent again?", how_callbacks_are_repeated),
)


async def take(walk: Walk) -> list[Learned]:
    """Ask everything. One question that cannot be asked keeps none of the others from being."""
    found: list[Learned] = []
    for place, (text, question) in enumerate(QUESTIONS, start=1):
        learned, before = Learned(place, text), len(walk.ask.asked)
        try:
            await question(walk, learned)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            learned.note(f"What was answered could not be understood ({type(error).__name__}): read the raw answers.")
        learned.answers = walk.ask.asked[before:]
        found.append(learned)
    return found


async def _deposit(walk: Walk, learned: Learned, reference: str | None = None) -> str | None:
    """Begin a deposit that pays by itself; its reference, or None with a note."""
    if walk.customer is None or walk.wallet is None:
        learned.skipped = "there is no customer, or no KES wallet"
        return None
    reference = reference or new_reference()
    made = await walk.ask("POST", f"{API}/deposit/mobile-money", _deposit_body(walk, reference))
    if not made.well:
        learned.note(f"A deposit: {how(made)}.")
        return None
    walk.reference = reference
    return reference


def _deposit_body(walk: Walk, reference: str) -> dict[str, Any]:
    return {
        "customer_key": walk.customer, "amount": 100, "wallet_id": walk.wallet, "reference_id": reference,
        "callback_url": f"{walk.base}{PATH}/probe",
    }  # fmt: skip


def _sale(walk: Walk, reference: str, **receiver: Any) -> dict[str, Any]:
    to = receiver or {
        "mobileMoneyReceiver": {"phoneNumber": PAYS, "accountName": "Probe", "networkProvider": "MPESA"}
    }  # fmt: skip
    return {
        "cryptoAmount": 10, "currency": "KES", "chain": "BASE", "token": "USDC", "referenceId": reference,
        "callbackUrl": f"{walk.base}{PATH}/probe", **to,
    }  # fmt: skip
