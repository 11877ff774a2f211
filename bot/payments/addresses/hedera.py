"""Accounts of Hedera: shard.realm.number, such as 0.0.123, with an optional checksum of five letters (HIP-15)."""

import re
from typing import Final

from bot.payments.addresses.kinds import AddressFault, Reading

_SHAPE = re.compile(r"(0\.0\.(?:0|[1-9][0-9]{0,18}))(?:-([a-z]{5}))?")
_FIRST_CUSTOMER_ACCOUNT: Final = 1001  # below stand the network's own accounts
_TESTNET_LEDGER: Final = 1


def looks_like(text: str) -> bool:
    """True when `text` has the form of a Hedera account."""
    return _SHAPE.fullmatch(text) is not None


def read(text: str) -> Reading | AddressFault:
    """The account without its checksum, which must be right where one is given."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return AddressFault.NOT_AN_ADDRESS
    account, checksum = found[1], found[2]
    if checksum is not None and checksum != _checksum(account, ledger=0):
        return (
            AddressFault.TEST_NETWORK
            if checksum == _checksum(account, ledger=_TESTNET_LEDGER)
            else AddressFault.BAD_CHECKSUM
        )
    if int(account.rsplit(".", 1)[1]) < _FIRST_CUSTOMER_ACCOUNT:
        return AddressFault.UNSUPPORTED_KIND
    return Reading(value=account, checksum=checksum is not None)


def _checksum(account: str, *, ledger: int) -> str:
    """The five letters of HIP-15 for `account` on the network with that ledger id."""
    p3, p5 = 26**3, 26**5
    digits = [10 if char == "." else int(char) for char in account]
    weighted = 0
    for digit in digits:
        weighted = (weighted * 31 + digit) % p3
    ledger_part = 0
    for byte in [ledger, 0, 0, 0, 0, 0, 0]:
        ledger_part = (ledger_part * 31 + byte) % p5
    mixed = (
        (((len(digits) % 5) * 11 + sum(digits[::2]) % 11) * 11 + sum(digits[1::2]) % 11) * p3 + weighted + ledger_part
    ) % p5
    mixed = mixed * 1_000_003 % p5
    letters = ""
    for _ in range(5):
        mixed, letter = divmod(mixed, 26)
        letters = chr(ord("a") + letter) + letters
    return letters
