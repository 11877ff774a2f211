"""Payment codes: what wallets are asked for is exactly what is owed, and nothing odd is read as a payment."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.addresses import Address, AddressFault, AddressProblem
from bot.payments.catalogue.chains import SAFE_PAIRS
from bot.payments.catalogue.contracts import CONTRACTS
from bot.payments.money import Money, to_plain
from bot.payments.payment_uris import PaymentUri, UriFault, UriProblem, payment_uri, read_payment_uri

EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
USDC_ON_BASE = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
WALLETS = {
    "SOLANA": "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
    "STELLAR": "GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H",
    "TRON": "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC",
    "BITCOIN": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
}
PAIRS = sorted((*SAFE_PAIRS, ("ETHEREUM", "ETH"), ("BITCOIN", "BTC"), ("STELLAR", "XLM")))


def decimals(chain: str, token: str) -> int:
    own = {"ETH": 18, "BTC": 8, "XLM": 7}
    return CONTRACTS[chain, token].decimals if (chain, token) in CONTRACTS else own[token]


@given(pair=st.sampled_from(PAIRS), units=st.integers(min_value=1, max_value=10**30))
def test_the_amount_in_a_code_reads_back_to_exactly_the_amount(pair: tuple[str, str], units: int) -> None:
    chain, token = pair
    amount = Money(Decimal(units).scaleb(-decimals(chain, token)), token)
    address = WALLETS.get(chain, EVM)
    uri = payment_uri(chain, address, amount)
    if chain == "TRON":
        assert uri is None
        return
    assert uri is not None
    read = read_payment_uri(uri, chain)
    assert isinstance(read, PaymentUri)
    assert (read.address.value, read.chain, read.token, read.amount) == (address, chain, token, amount.amount)
    assert read == read_payment_uri(uri)
    assert "e" not in to_plain(amount.amount)


@pytest.mark.parametrize(
    ("chain", "amount", "token", "uri"),
    [
        ("BASE", "10.5", "USDC", f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&uint256=10500000"),
        (
            "CELO",
            "0.000001",
            "CUSD",
            f"ethereum:0x765DE816845861e75A25fCA122bb6898B8B1282a@42220/transfer?address={EVM}&uint256=1000000000000",
        ),
        (
            "SOLANA",
            "10",
            "USDT",
            f"solana:{WALLETS['SOLANA']}?amount=10&spl-token=Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",
        ),
        (
            "STELLAR",
            "3.25",
            "USDC",
            f"web+stellar:pay?destination={WALLETS['STELLAR']}&amount=3.25&asset_code=USDC"
            "&asset_issuer=GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN",
        ),
        ("BITCOIN", "0.00001", "BTC", f"bitcoin:{WALLETS['BITCOIN']}?amount=0.00001"),
        ("ETHEREUM", "0.5", "ETH", f"ethereum:{EVM}@1?value=500000000000000000"),
    ],
)
def test_codes_are_written_as_the_standards_say(chain: str, amount: str, token: str, uri: str) -> None:
    assert payment_uri(chain, WALLETS.get(chain, EVM), Money(Decimal(amount), token)) == uri


def test_no_code_is_made_of_what_we_do_not_know() -> None:
    ten = Money(Decimal(10), "USDC")
    assert payment_uri("LISK", EVM, ten) is None
    assert payment_uri("NOWHERE", EVM, ten) is None
    assert payment_uri("BASE", EVM[:-1], ten) is None
    assert payment_uri("BASE", USDC_ON_BASE, ten) is None
    for bad in ("0", "-1", "0.0000001"):
        with pytest.raises(ValueError, match=r"above zero|no unit"):
            payment_uri("BASE", EVM, Money(Decimal(bad), "USDC"))


@pytest.mark.parametrize(
    ("text", "chain", "token", "amount"),
    [
        (EVM, None, None, None),
        (f"  ethereum:{EVM}\n", None, None, None),
        (f"ETHEREUM:{EVM.lower()}@137", "POLYGON", None, None),
        (f"ethereum:pay-{EVM}@1?value=2.014e18&gas=21000", "ETHEREUM", "ETH", "2.014"),
        (f"ethereum:{USDC_ON_BASE.lower()}@8453/transfer?uint256=1e6&address={EVM}", "BASE", "USDC", "1"),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}", "BASE", "USDC", None),
        (f"bitcoin:{WALLETS['BITCOIN'].upper()}?label=a%20b&amount=.5", "BITCOIN", "BTC", "0.5"),
        (WALLETS["BITCOIN"], "BITCOIN", None, None),
        (f"solana:{WALLETS['SOLANA']}", "SOLANA", None, None),
        (f"solana:{WALLETS['SOLANA']}?amount=1&reference=x&memo=hello", "SOLANA", "SOL", "1"),
        (f"web+stellar:pay?destination={WALLETS['STELLAR']}&amount=2&msg=hi", "STELLAR", "XLM", "2"),
        (f"tron:{WALLETS['TRON']}?amount=5", "TRON", None, None),
        (WALLETS["TRON"], "TRON", None, None),
    ],
)
def test_codes_of_other_wallets_are_understood(
    text: str, chain: str | None, token: str | None, amount: str | None
) -> None:
    read = read_payment_uri(text)
    assert isinstance(read, PaymentUri)
    assert (read.chain, read.token) == (chain, token)
    assert read.amount == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("https://evil.example/pay", UriFault.NOT_A_PAYMENT),
        ("wc:7f6e504bfad60b485450578e05678ed3e8e8c4751d3c6160be17160d63ec90f9@2", UriFault.NOT_A_PAYMENT),
        (f"ethereum:{USDC_ON_BASE}@8453/approve?address={EVM}&uint256=1", UriFault.NOT_A_PAYMENT),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?uint256=1", UriFault.NOT_A_PAYMENT),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&uint256=1&uint256=2", UriFault.NOT_A_PAYMENT),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&" + "a=1&" * 40, UriFault.NOT_A_PAYMENT),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&uint256=1.5", UriFault.BAD_AMOUNT),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&uint256=-1", UriFault.BAD_AMOUNT),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&uint256=0", UriFault.BAD_AMOUNT),
        (f"ethereum:{USDC_ON_BASE}@8453/transfer?address={EVM}&uint256=9e99", UriFault.BAD_AMOUNT),
        (f"ethereum:{USDC_ON_BASE}@1/transfer?address={EVM}&uint256=1", UriFault.UNKNOWN_TOKEN),
        (f"ethereum:{USDC_ON_BASE}@56/transfer?address={EVM}&uint256=1", UriFault.UNKNOWN_CHAIN),
        (f"ethereum:{EVM}@11155111", UriFault.UNKNOWN_CHAIN),
        ("solana:https%3A%2F%2Fevil.example", UriFault.NOT_A_PAYMENT),
        (f"solana:{WALLETS['SOLANA']}?amount=1e3", UriFault.BAD_AMOUNT),
        (f"solana:{WALLETS['SOLANA']}?amount=0.0000000001", UriFault.BAD_AMOUNT),
        (f"solana:{WALLETS['SOLANA']}?amount=1&spl-token={WALLETS['SOLANA']}", UriFault.UNKNOWN_TOKEN),
        (f"web+stellar:pay?destination={WALLETS['STELLAR']}&memo=12345", UriFault.NEEDS_MEMO),
        (f"web+stellar:pay?destination={WALLETS['STELLAR']}&amount=1&asset_code=USDC", UriFault.UNKNOWN_TOKEN),
        ("web+stellar:tx?xdr=AAAA", UriFault.NOT_A_PAYMENT),
        (f"bitcoin:{WALLETS['BITCOIN']}?req-secret=1", UriFault.NOT_A_PAYMENT),
        ("bitcoin:" + "x" * 5000, UriFault.NOT_A_PAYMENT),
    ],
)
def test_what_is_no_plain_payment_has_a_name(text: str, fault: UriFault) -> None:
    read = read_payment_uri(text)
    assert isinstance(read, UriProblem), read
    assert read.fault is fault


def test_faults_of_the_address_are_named_as_everywhere() -> None:
    def fault(text: str, chain: str | None = None) -> AddressFault:
        read = read_payment_uri(text, chain)
        assert isinstance(read, AddressProblem), read
        return read.fault

    assert fault(f"ethereum:{USDC_ON_BASE}@8453") is AddressFault.TOKEN_CONTRACT
    assert fault("ethereum:vitalik.eth@1") is AddressFault.NOT_AN_ADDRESS
    assert fault("0x765DE816845861e75A25fCA122bb6898B8B1282A") is AddressFault.BAD_CHECKSUM
    assert fault(WALLETS["TRON"], "BASE") is AddressFault.WRONG_CHAIN
    test_net = f"web+stellar:pay?destination={WALLETS['STELLAR']}&network_passphrase=Test%20SDF"
    assert fault(test_net) is AddressFault.TEST_NETWORK


def test_a_code_for_another_chain_than_the_settled_one_is_refused() -> None:
    assert read_payment_uri(f"ethereum:{EVM}@1", "BASE") == UriProblem(UriFault.WRONG_CHAIN, "ETHEREUM")
    read = read_payment_uri(EVM, "BASE")
    assert isinstance(read, PaymentUri)
    assert (read.chain, read.address.chain) == ("BASE", "BASE")


@given(text=st.text(max_size=60), scheme=st.sampled_from(["", "ethereum:", "solana:", "web+stellar:pay?", "bitcoin:"]))
def test_nothing_makes_the_reader_raise(text: str, scheme: str) -> None:
    read = read_payment_uri(scheme + text)
    assert isinstance(read, PaymentUri | AddressProblem | UriProblem)
    assert not isinstance(read, PaymentUri) or isinstance(read.address, Address)
