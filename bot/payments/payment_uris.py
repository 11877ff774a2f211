"""Payment URIs: receiver, chain, token and exact amount in one text that a wallet fills in by itself, written and read.

One standard per family, from its own text: EIP-681 for EVM chains (with EIP-155 chain ids), Solana Pay's transfer request,
SEP-7's operation `pay` for Stellar, BIP-21 for Bitcoin. Tron, Cardano and Hedera have none that wallets agree on, so
there the plain address has to do. What is read may come from anybody's picture: whatever is not plainly a payment of
money to an address is a problem with a name, never a guess.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from bot.payments.addresses import Address, AddressFault, AddressProblem, check_address
from bot.payments.catalogue.chains import CHAINS, ChainFamily, chain_of
from bot.payments.catalogue.contracts import CHAIN_IDS, CONTRACTS, OWN_COINS, contract_at
from bot.payments.money import Money, to_plain

_CHAINS_BY_ID: Final = MappingProxyType({number: chain for chain, number in CHAIN_IDS.items()})
_STELLAR_PUBLIC: Final = "Public Global Stellar Network ; September 2015"
_LONGEST: Final = 2000
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{1,15}):(.*)", re.IGNORECASE | re.DOTALL)
_EIP681: Final = re.compile(
    r"(?:pay-)?(?P<target>[^@/?]+)(?:@(?P<chain>[0-9]{1,20}))?(?:/(?P<function>[^?]*))?(?:\?(?P<query>.*))?", re.DOTALL
)
_UNITS: Final = re.compile(r"\+?([0-9]{1,78})(?:\.([0-9]{1,40}))?(?:[eE]([0-9]{1,2}))?", re.ASCII)
_PLAIN: Final = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,30})?|\.[0-9]{1,30}", re.ASCII)
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, Overflow])


class UriFault(StrEnum):
    """Why a text that looks like a payment code is of no use."""

    NOT_A_PAYMENT = "not_a_payment"  # a link, a connection, a call of a contract, anything else
    UNKNOWN_CHAIN = "unknown_chain"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a fault, no password
    WRONG_CHAIN = "wrong_chain"
    BAD_AMOUNT = "bad_amount"
    NEEDS_MEMO = "needs_memo"


@dataclass(frozen=True, slots=True)
class UriProblem:
    """Why a payment code was refused. `chain` is the one it names, where that is known."""

    fault: UriFault
    chain: str | None = None

    @property
    def text_key(self) -> str:
        """The key of the sentence that says so."""
        return f"uri.{self.fault}"


@dataclass(frozen=True, slots=True)
class PaymentUri:
    """What a payment code says. `chain` is None for a bare EVM address, which is the same on every EVM chain.

    `token` is our code of the token, or the chain's own coin ("ETH"); None where the code leaves it open. `amount` is in
    whole tokens, exact.
    """

    address: Address
    chain: str | None
    token: str | None = None
    amount: Decimal | None = None


UriReading = PaymentUri | AddressProblem | UriProblem


def payment_uri(chain: str, address: str, amount: Money) -> str | None:
    """The URI that asks a wallet for exactly `amount` to `address`; None where there is no standard for it.

    None too for an address that does not pass `check_address`, and for a token whose contract we do not know. Raises
    `ValueError` for an amount that is not above zero or finer than the token's units.
    """
    if amount.amount <= 0:
        raise ValueError("a payment code is for an amount above zero")
    known, checked = chain_of(chain), check_address(address, chain)
    unit = _unit(chain, amount.currency)
    if known is None or unit is None or not isinstance(checked, Address):
        return None
    contract, decimals = unit
    plain, units = amount.to_plain(), to_plain(_EXACT.scaleb(amount.amount, decimals))
    if "." in units:
        raise ValueError(f"{amount.currency} on {chain} has no unit as small as that")
    match known.family:
        case ChainFamily.EVM if contract is not None:
            return f"ethereum:{contract}@{CHAIN_IDS[chain]}/transfer?address={checked.value}&uint256={units}"
        case ChainFamily.EVM:
            return f"ethereum:{checked.value}@{CHAIN_IDS[chain]}?value={units}"
        case ChainFamily.SOLANA:
            token = f"&spl-token={contract}" if contract is not None else ""
            return f"solana:{checked.value}?amount={plain}{token}"
        case ChainFamily.STELLAR:
            asset = {"asset_code": amount.currency, "asset_issuer": contract} if contract is not None else {}
            parts = {"destination": checked.value, "amount": plain, **asset}
            return "web+stellar:pay?" + urlencode(parts, quote_via=quote)
        case ChainFamily.BITCOIN:
            return f"bitcoin:{checked.value}?amount={plain}"
        case _:
            return None


def read_payment_uri(text: str, chain: str | None = None) -> UriReading:
    """What a scanned or pasted code asks for: a payment URI of any of the standards, or a plain address. Never raises.

    `chain` is the one that the payment must be on, where that is settled already: a code for another one is refused.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return UriProblem(UriFault.NOT_A_PAYMENT)
    found = _SCHEME.fullmatch(text)
    if found is None:
        return _with_chain(_plain_address(text, chain), chain)
    scheme, rest = found[1].lower(), found[2]
    match scheme:
        case "ethereum":
            read = _read_ethereum(rest, chain)
        case "solana":
            read = _read_solana(rest)
        case "web+stellar":
            read = _read_stellar(rest)
        case "bitcoin":
            read = _read_bitcoin(rest)
        case "tron" | "stellar" | "cardano" | "web+cardano" | "hedera":
            # no standard: what wallets write behind the address means one thing here and another there
            read = _plain_address(rest.partition("?")[0], chain)
        case _:
            return UriProblem(UriFault.NOT_A_PAYMENT)
    return _with_chain(read, chain)


def _read_ethereum(rest: str, chain: str | None) -> UriReading:
    """EIP-681: `ethereum:[pay-]target[@chain][/function][?parameters]`; of functions only ERC-20's `transfer`."""
    found, query = _EIP681.fullmatch(rest), None
    if found is not None:
        query = _query(found["query"])
    if found is None or query is None:
        return UriProblem(UriFault.NOT_A_PAYMENT)
    named = _CHAINS_BY_ID.get(int(found["chain"])) if found["chain"] else None
    if found["chain"] and named is None:
        return UriProblem(UriFault.UNKNOWN_CHAIN)
    if found["function"]:
        return _read_transfer(found["function"], found["target"], named or "ETHEREUM", query)
    address = check_address(found["target"], named or chain or "ETHEREUM")
    if not isinstance(address, Address):
        return address
    if "value" not in query:
        return PaymentUri(address, named)
    coin, decimals = OWN_COINS[named or "ETHEREUM"]
    amount = _from_units(query["value"], decimals)
    return UriProblem(UriFault.BAD_AMOUNT) if amount is None else PaymentUri(address, named or "ETHEREUM", coin, amount)


def _read_transfer(function: str, target: str, chain: str, query: Mapping[str, str]) -> UriReading:
    contract = contract_at(chain, target)
    if function != "transfer" or "address" not in query or "value" in query:
        return UriProblem(UriFault.NOT_A_PAYMENT, chain)
    if contract is None:
        return UriProblem(UriFault.UNKNOWN_TOKEN, chain)
    address = check_address(query["address"], chain)
    if not isinstance(address, Address):
        return address
    if "uint256" not in query:
        return PaymentUri(address, chain, contract.token)
    amount = _from_units(query["uint256"], contract.decimals)
    if amount is None:
        return UriProblem(UriFault.BAD_AMOUNT, chain)
    return PaymentUri(address, chain, contract.token, amount)


def _read_solana(rest: str) -> UriReading:
    """Solana Pay, transfer requests only: `solana:<recipient>[?amount=…&spl-token=…]`."""
    recipient, _, tail = rest.partition("?")
    query = _query(tail)
    if query is None or recipient.lower().startswith("http"):
        return UriProblem(UriFault.NOT_A_PAYMENT, "SOLANA")
    address = check_address(recipient, "SOLANA")
    if not isinstance(address, Address):
        return address
    return _paid(address, query.get("amount"), query.get("spl-token"), None)


def _read_stellar(rest: str) -> UriReading:
    """SEP-7, operation `pay` only. A memo is what an exchange knows its customers by, and we cannot send one."""
    operation, _, tail = rest.partition("?")
    query = _query(tail)
    if query is None or operation != "pay" or "destination" not in query:
        return UriProblem(UriFault.NOT_A_PAYMENT, "STELLAR")
    if query.get("network_passphrase", _STELLAR_PUBLIC) != _STELLAR_PUBLIC:
        return AddressProblem(AddressFault.TEST_NETWORK, "STELLAR")
    if query.get("memo"):
        return UriProblem(UriFault.NEEDS_MEMO, "STELLAR")
    address = check_address(query["destination"], "STELLAR")
    if not isinstance(address, Address):
        return address
    code = query.get("asset_code", "XLM")
    issuer = None if code == "XLM" and "asset_issuer" not in query else query.get("asset_issuer", "")
    return _paid(address, query.get("amount"), issuer, code)


def _read_bitcoin(rest: str) -> UriReading:
    """BIP-21: whoever does not understand a parameter that starts with "req-" must not pay."""
    target, _, tail = rest.partition("?")
    query = _query(tail)
    if query is None or any(name.startswith("req-") for name in query):
        return UriProblem(UriFault.NOT_A_PAYMENT, "BITCOIN")
    address = check_address(target, "BITCOIN")
    return _paid(address, query.get("amount"), None, None) if isinstance(address, Address) else address


def _paid(address: Address, amount: str | None, contract: str | None, code: str | None) -> PaymentUri | UriProblem:
    """A payment in whole tokens: of the token behind `contract` (called `code`), or of the chain's own coin."""
    chain = address.chain
    token: str | None = None
    if contract is not None:
        known = contract_at(chain, contract)
        if known is None or code not in {None, known.token}:
            return UriProblem(UriFault.UNKNOWN_TOKEN, chain)
        token, decimals = known.token, known.decimals
    else:
        coin, decimals = OWN_COINS[chain]
        token = coin if amount is not None else None
    if amount is None:
        return PaymentUri(address, chain, token)
    value = Decimal(amount) if _PLAIN.fullmatch(amount) else Decimal(0)
    if value <= 0 or "." in to_plain(_EXACT.scaleb(value, decimals)):
        return UriProblem(UriFault.BAD_AMOUNT, chain)
    return PaymentUri(address, chain, token, value)


def _plain_address(text: str, chain: str | None) -> UriReading:
    """A bare address: of `chain`, or of whichever family it belongs to."""
    read = check_address(text, chain or "ETHEREUM")
    if isinstance(read, AddressProblem) and chain is None and read.found is not None:
        read = check_address(text, next(code for code, known in CHAINS.items() if known.family is read.found))
    if isinstance(read, AddressProblem):
        return read
    return PaymentUri(read, None if read.family is ChainFamily.EVM else read.chain)


def _with_chain(read: UriReading, chain: str | None) -> UriReading:
    """The reading, on `chain` where it left that open; a problem where it names another one."""
    if not isinstance(read, PaymentUri) or chain is None or read.chain == chain:
        return read
    if read.chain is not None:
        return UriProblem(UriFault.WRONG_CHAIN, read.chain)
    address = check_address(read.address.value, chain)
    return PaymentUri(address, chain, read.token, read.amount) if isinstance(address, Address) else address


def _unit(chain: str, token: str) -> tuple[str | None, int] | None:
    """The contract (None for the chain's own coin) and the decimals of a token; None when we do not know it."""
    known = CONTRACTS.get((chain, token))
    if known is not None:
        return known.address, known.decimals
    coin, decimals = OWN_COINS.get(chain, ("", 0))
    return (None, decimals) if coin == token else None


def _from_units(text: str, decimals: int) -> Decimal | None:
    """The amount behind a number of units, which EIP-681 also lets be written as 2.014e18; None for no whole number."""
    found = _UNITS.fullmatch(text)
    if found is None:
        return None
    units = Decimal(f"{found[1]}.{found[2] or 0}e{found[3] or 0}")
    if units <= 0 or "." in to_plain(units) or len(to_plain(units)) > 78:
        return None
    return _EXACT.scaleb(units, -decimals)


def _query(text: str | None) -> Mapping[str, str] | None:
    """The parameters; None for too many, and where a name stands twice, which two readers could read differently."""
    try:
        pairs = parse_qsl(text or "", keep_blank_values=True, max_num_fields=30)
    except ValueError:
        return None
    return dict(pairs) if len({name for name, _ in pairs}) == len(pairs) else None
