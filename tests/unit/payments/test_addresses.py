"""Addresses: public test vectors pass, one changed character does not, other chains and lost places are named."""

import string

import pytest
from base58_bech32.base58 import b58encode
from hypothesis import example, given
from hypothesis import strategies as st

from bot.payments.addresses import Address, AddressFault, AddressProblem, canonical_address, check_address
from bot.payments.catalogue.chains import CHAINS, ChainFamily
from bot.payments.catalogue.contracts import TOKEN_CONTRACTS

EIP_55 = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
CHECKSUMMED = [
    *(("BASE", address) for address in EIP_55),
    ("TRON", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"),
    ("STELLAR", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"),
    ("BITCOIN", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("BITCOIN", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("BITCOIN", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ("BITCOIN", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
    (
        "CARDANO",
        "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
    ),
    ("CARDANO", "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8"),
]
SOLANA = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"


def _fault(text: str, chain: str) -> AddressFault:
    problem = check_address(text, chain)
    assert isinstance(problem, AddressProblem), text
    assert problem.chain == chain
    assert problem.text_key == f"address.{problem.fault}"
    return problem.fault


@pytest.mark.parametrize(("chain", "text"), CHECKSUMMED)
def test_public_vectors_are_accepted_as_they_are(chain: str, text: str) -> None:
    address = check_address(text, chain)
    assert isinstance(address, Address)
    assert (address.value, address.chain, address.checksum) == (text, chain, True)


@pytest.mark.parametrize(("chain", "text"), CHECKSUMMED)
def test_one_changed_character_is_refused_at_every_place(chain: str, text: str) -> None:
    start = 2 if text.startswith("0x") else 0
    for place in range(start, len(text)):
        for other in "2Zq":
            if other != text[place]:
                assert isinstance(check_address(text[:place] + other + text[place + 1 :], chain), AddressProblem), place


@pytest.mark.parametrize("text", EIP_55)
@pytest.mark.parametrize("chain", [code for code, chain in CHAINS.items() if chain.family is ChainFamily.EVM])
def test_letters_of_one_case_are_accepted_without_a_checksum_and_made_canonical(text: str, chain: str) -> None:
    for typed in (text.lower(), "0x" + text[2:].upper(), "0X" + text[2:].upper()):
        address = check_address(typed, chain)
        assert isinstance(address, Address)
        assert (address.value, address.checksum) == (text, False)


def test_mixed_case_that_is_wrong_in_one_letter_is_refused() -> None:
    assert _fault(EIP_55[0][:-1] + "D", "BASE") is AddressFault.BAD_CHECKSUM


def test_segwit_in_capitals_from_a_qr_code_is_made_canonical() -> None:
    address = check_address("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "BITCOIN")
    assert isinstance(address, Address)
    assert address.value == "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


@pytest.mark.parametrize(
    "text",
    [
        # BIP-350: bech32 where bech32m is due, the reverse, mixed case, bad program length
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqpg45uk",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "bc1pw5dgrnzv",
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
        "bc1qw508D6QEJxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ],
)
def test_broken_segwit_addresses_are_refused(text: str) -> None:
    assert isinstance(check_address(text, "BITCOIN"), AddressProblem)


def test_solana_has_no_checksum_and_says_so() -> None:
    address = check_address(SOLANA, "SOLANA")
    assert isinstance(address, Address)
    assert (address.value, address.checksum, address.family) == (SOLANA, False, ChainFamily.SOLANA)


def test_hedera_checksums_are_verified_where_they_are_given() -> None:
    plain = check_address("0.0.1234567", "HEDERA")
    assert isinstance(plain, Address)
    assert plain.checksum is False
    # HIP-15 gives 0.0.123-vfmkw for the main network and -esxsf for the test network; 0.0.123 is a network account
    assert _fault("0.0.123-vfmkw", "HEDERA") is AddressFault.UNSUPPORTED_KIND
    assert _fault("0.0.123-esxsf", "HEDERA") is AddressFault.TEST_NETWORK
    assert _fault("0.0.123-vfmkx", "HEDERA") is AddressFault.BAD_CHECKSUM


@pytest.mark.parametrize(
    ("text", "chain", "found"),
    [
        (EIP_55[0], "TRON", ChainFamily.EVM),
        (EIP_55[0], "SOLANA", ChainFamily.EVM),
        ("TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "BASE", ChainFamily.TRON),
        ("TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "SOLANA", ChainFamily.TRON),
        (SOLANA, "POLYGON", ChainFamily.SOLANA),
        (SOLANA, "TRON", ChainFamily.SOLANA),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "SOLANA", ChainFamily.BITCOIN),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BASE", ChainFamily.BITCOIN),
        ("GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "BASE", ChainFamily.STELLAR),
        ("addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8", "BASE", ChainFamily.CARDANO),
        ("0.0.1234567", "BASE", ChainFamily.HEDERA),
    ],
)
def test_an_address_of_another_chain_is_named(text: str, chain: str, found: ChainFamily) -> None:
    assert check_address(text, chain) == AddressProblem(AddressFault.WRONG_CHAIN, chain, found)


@pytest.mark.parametrize(
    ("text", "chain", "fault"),
    [
        ("0x" + "0" * 40, "BASE", AddressFault.BURN_ADDRESS),
        ("0x000000000000000000000000000000000000dEaD", "BASE", AddressFault.BURN_ADDRESS),
        ("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "TRON", AddressFault.BURN_ADDRESS),
        ("1" * 32, "SOLANA", AddressFault.BURN_ADDRESS),
        ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "BITCOIN", AddressFault.TEST_NETWORK),
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "BITCOIN", AddressFault.TEST_NETWORK),
        ("addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz", "CARDANO", AddressFault.TEST_NETWORK),
        ("stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw", "CARDANO", AddressFault.UNSUPPORTED_KIND),
        (
            "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ",
            "STELLAR",
            AddressFault.UNSUPPORTED_KIND,
        ),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "BASE", AddressFault.NOT_AN_ADDRESS),
        ("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "BASE", AddressFault.NOT_AN_ADDRESS),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1 BeAed", "BASE", AddressFault.NOT_AN_ADDRESS),
        ("0x5\u0430Aeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "BASE", AddressFault.NOT_AN_ADDRESS),
        ("\u202e" + EIP_55[0], "BASE", AddressFault.NOT_AN_ADDRESS),
        ("vitalik.eth", "ETHEREUM", AddressFault.NOT_AN_ADDRESS),
        ("", "BASE", AddressFault.NOT_AN_ADDRESS),
        ("A" * 5000, "BASE", AddressFault.NOT_AN_ADDRESS),
        (EIP_55[0], "NOWHERE", AddressFault.UNKNOWN_CHAIN),
    ],
)
def test_places_where_money_would_be_lost_are_refused(text: str, chain: str, fault: AddressFault) -> None:
    assert _fault(text, chain) is fault


@pytest.mark.parametrize(
    "text",
    [
        "0x" + "1f" * 32,
        "1f" * 32,
        "S" + "A" * 55,
        "abandon " * 11 + "about",
        "Abandon  " * 11 + "about",
        "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
        b58encode(bytes(range(1, 65))).decode(),
    ],
)
def test_private_keys_and_seed_phrases_are_recognised_on_every_chain(text: str) -> None:
    for chain in ("BASE", "SOLANA", "STELLAR"):
        assert _fault(text, chain) is AddressFault.SECRET


def test_a_problem_never_repeats_what_was_pasted() -> None:
    assert "1f1f" not in repr(check_address("1f" * 32, "BASE"))


@pytest.mark.parametrize("contract", sorted(TOKEN_CONTRACTS))
def test_the_tokens_own_contracts_are_refused_in_any_case(contract: str) -> None:
    chain = "BASE" if contract.startswith("0x") else {"T": "TRON", "G": "STELLAR"}.get(contract[0], "SOLANA")
    assert _fault(contract, chain) is AddressFault.TOKEN_CONTRACT
    if chain == "BASE":
        assert _fault(contract.lower(), chain) is AddressFault.TOKEN_CONTRACT


@pytest.mark.parametrize(
    "typed", [f"  {EIP_55[0]}\n", f"ethereum:{EIP_55[0]}", f"\u200e{EIP_55[0]}\u200b", f"\ufeff{EIP_55[0]}"]
)
def test_what_copying_adds_is_taken_off(typed: str) -> None:
    address = check_address(typed, "BASE")
    assert isinstance(address, Address)
    assert address.value == EIP_55[0]


def test_a_payment_uri_with_instructions_is_not_half_read() -> None:
    assert _fault(f"ethereum:{EIP_55[0]}@137?value=1", "BASE") is AddressFault.NOT_AN_ADDRESS


def test_an_address_prints_only_its_ends() -> None:
    address = check_address(EIP_55[0], "BASE")
    assert isinstance(address, Address)
    assert str(address) == "0x5aAe…eAed"
    assert address.shown == "0x5aAe…eAed"
    assert EIP_55[0][8:30] not in repr(address)


TYPED = st.one_of(
    st.text(max_size=120),
    st.text(alphabet=string.ascii_letters + string.digits + ".-:_", min_size=20, max_size=110),
    st.from_regex(
        r"\A(?:0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}|G[A-Z2-7]{55}|(?:bc|addr)1[02-9ac-hj-np-z]{30,60}|0\.0\.\d+)\Z"
    ),
)


@given(TYPED, st.sampled_from(sorted(CHAINS)))
@example("bc1" + "q" * 6, "BITCOIN")
@example("addr1" + "q" * 20, "CARDANO")
def test_any_text_gives_a_canonical_address_or_a_problem(text: str, chain: str) -> None:
    answer = check_address(text, chain)
    if isinstance(answer, Address):
        again = check_address(answer.value, chain)
        assert isinstance(again, Address)
        assert again.value == answer.value


@given(st.binary(min_size=20, max_size=20).filter(any), st.integers(0, 39))
def test_a_flipped_case_breaks_a_checksummed_address(raw: bytes, place: int) -> None:
    lowered = check_address("0x" + raw.hex(), "BASE")
    if not isinstance(lowered, Address):
        return
    digits = lowered.value[2:]
    flipped = digits[:place] + digits[place].swapcase() + digits[place + 1 :]
    if flipped != digits and flipped not in {digits.lower(), digits.upper()}:
        assert _fault("0x" + flipped, "BASE") is AddressFault.BAD_CHECKSUM


@pytest.mark.parametrize(("chain", "text"), CHECKSUMMED)
def test_an_address_that_comes_back_in_another_case_is_the_same(chain: str, text: str) -> None:
    own = check_address(text, chain)
    assert isinstance(own, Address)
    assert canonical_address(f" {text} ", chain) == own.value
    if CHAINS[chain].family is ChainFamily.EVM:
        assert canonical_address(text.lower(), chain) == own.value
        assert canonical_address("0x" + text[2:].upper(), chain) == own.value
    else:
        assert (canonical_address(text.swapcase(), chain) == own.value) == text.lower().startswith(("bc1", "addr1"))


@given(st.text(max_size=60), st.sampled_from([*sorted(CHAINS), "NOWHERE"]))
def test_what_cannot_be_read_is_compared_as_it_is(text: str, chain: str) -> None:
    if not isinstance(check_address(text, chain), Address):
        assert canonical_address(text, chain) == text.strip()
