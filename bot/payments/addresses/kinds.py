"""The types that every address reader shares: an address that masks itself, and the reasons for refusing one."""

from dataclasses import dataclass
from enum import StrEnum

from bot.payments.catalogue.chains import ChainFamily


class AddressFault(StrEnum):
    """Why a text is not an address that crypto may be sent to."""

    NOT_AN_ADDRESS = "not_an_address"
    WRONG_CHAIN = "wrong_chain"
    BAD_CHECKSUM = "bad_checksum"
    TEST_NETWORK = "test_network"
    BURN_ADDRESS = "burn_address"
    TOKEN_CONTRACT = "token_contract"  # noqa: S105 - a fault, no password
    UNSUPPORTED_KIND = "unsupported_kind"
    SECRET = "secret"  # noqa: S105 - a fault, no password
    UNKNOWN_CHAIN = "unknown_chain"


@dataclass(frozen=True, slots=True)
class AddressProblem:
    """Why an address was refused for `chain`; `found` is the family that it does belong to, for `WRONG_CHAIN`.

    `SECRET` means that the text looks like a private key, a seed phrase or a transaction hash: the message that carried
    it should be treated as sensitive.
    """

    fault: AddressFault
    chain: str
    found: ChainFamily | None = None

    @property
    def text_key(self) -> str:
        """The key of the sentence that asks again."""
        return f"address.{self.fault}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one chain family made of a text: the address in its canonical form.

    `checksum` is False when the form has no checksum or carried none, so that a typing error cannot have been noticed.
    """

    value: str
    checksum: bool


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A checked address on `chain`. Prints only its ends; `value` is the whole of it, in canonical form.

    When `checksum` is False the customer must be asked to compare the first and last characters.
    """

    value: str
    chain: str
    family: ChainFamily
    checksum: bool

    @property
    def shown(self) -> str:
        """The first six and last four characters, as wallets show an address: "0x1234…abcd"."""
        return self.value if len(self.value) <= 12 else f"{self.value[:6]}…{self.value[-4:]}"

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"Address({self.shown}, {self.chain})"
