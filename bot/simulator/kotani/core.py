"""What every part of the simulated provider needs: time, settings, made-up identifiers, a pulse at each change."""

import random
from dataclasses import dataclass
from datetime import datetime

from bot.simulator.clock import WorldClock
from bot.simulator.kotani.escrows import base58, escrow_address
from bot.simulator.kotani.settings import Settings
from bot.simulator.pulse import Pulse

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


class Ids:
    """Identifiers as the provider's look, the same ones again for the same seed."""

    def __init__(self, seed: int | None) -> None:
        self._random = random.Random(seed)
        self._number = self._random.randrange(100_000, 900_000)

    def uuid(self) -> str:
        text = self._hex(32)
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def short(self) -> str:
        return self._hex(12)

    def number(self) -> int:
        self._number += 1
        return self._number

    def receipt(self) -> str:
        """A receipt number as mobile money networks print it, ten letters and digits."""
        return "S" + "".join(self._random.choices(_LETTERS, k=9))

    def chain_hash(self, chain: str) -> str:
        """A transaction's name as this chain's explorers write it; chains that are not special here are Ethereum's kin."""
        match chain:
            case "SOLANA":  # a signature: 64 bytes in base58, here never the rare shorter ones
                return base58((self._random.getrandbits(512) | 1 << 504).to_bytes(64))
            case "HEDERA":  # the paying account and its moment
                paid, moment, nanos = (self._random.randrange(1_000, 10**9) for _ in range(3))
                return f"0.0.{paid}@{1_700_000_000 + moment % 10**8}.{nanos:09d}"
            case "PROVENANCE":
                return self._hex(64).upper()
            case "TRON" | "STELLAR" | "CARDANO" | "LIGHTNING":
                return self._hex(64)
        return "0x" + self._hex(64)

    def escrow(self, chain: str) -> str:
        """An address to send crypto to, as this chain writes them."""
        return escrow_address(chain, self._random)

    def _hex(self, digits: int) -> str:
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"


@dataclass(slots=True)
class Core:
    """The shared ground of the services."""

    clock: WorldClock
    settings: Settings
    ids: Ids
    pulse: Pulse


def stamp(moment: datetime) -> str:
    """A time as JavaScript's `toISOString` prints it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
