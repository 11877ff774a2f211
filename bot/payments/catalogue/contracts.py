"""The contracts of the tokens themselves: what a payment code must name, and what nobody should send money to.

People copy them from explorers by mistake; what is sent there is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Contract:
    """A token on a chain: its contract (Solana: mint, Stellar: issuer) and how many decimal places its units have."""

    chain: str
    token: str
    address: str
    decimals: int


_ROWS: Final = (
    Contract("ETHEREUM", "USDC", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", 6),
    Contract("ETHEREUM", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831ec7", 6),
    Contract("BASE", "USDC", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", 6),
    Contract("POLYGON", "USDC", "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359", 6),
    Contract("POLYGON", "USDT", "0xc2132D05D31c914a87C6611C10748AEb04B58e8F", 6),
    Contract("CELO", "CUSD", "0x765DE816845861e75A25fCA122bb6898B8B1282a", 18),
    Contract("CELO", "USDC", "0xcebA9300f2b948710d2653dD7B07f33A8B32118C", 6),
    Contract("TRON", "USDT", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", 6),
    Contract("STELLAR", "USDC", "GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN", 7),
    Contract("SOLANA", "USDC", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6),
    Contract("SOLANA", "USDT", "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", 6),
)
_FORMER: Final = frozenset(
    {
        "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174",  # bridged USDC on Polygon
        "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8",  # the former USDC on Tron
    }
)

CONTRACTS: Final[Mapping[tuple[str, str], Contract]] = MappingProxyType({(row.chain, row.token): row for row in _ROWS})
TOKEN_CONTRACTS: Final = _FORMER | {row.address for row in _ROWS}

# EIP-155 chain ids (chainlist.org)
CHAIN_IDS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "ETHEREUM": 1,
        "OPTIMISM": 10,
        "VICTION": 88,
        "FUSE": 122,
        "POLYGON": 137,
        "LISK": 1135,
        "BASE": 8453,
        "ARBITRUM": 42161,
        "CELO": 42220,
        "AVALANCHE": 43114,
        "SCROLL": 534352,
    }
)
# a chain's own coin, which has no contract: its code, and the decimals of its units
OWN_COINS: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        **dict.fromkeys(("ETHEREUM", "OPTIMISM", "BASE", "ARBITRUM", "LISK", "SCROLL"), ("ETH", 18)),
        "POLYGON": ("POL", 18),
        "CELO": ("CELO", 18),
        "AVALANCHE": ("AVAX", 18),
        "FUSE": ("FUSE", 18),
        "VICTION": ("VIC", 18),
        "SOLANA": ("SOL", 9),
        "STELLAR": ("XLM", 7),
        "BITCOIN": ("BTC", 8),
    }
)


def contract_at(chain: str, address: str) -> Contract | None:
    """The token whose contract on `chain` is `address`, in whatever case a hexadecimal one is written."""
    return next((row for row in _ROWS if row.chain == chain and _same(row.address, address)), None)


def _same(ours: str, theirs: str) -> bool:
    return ours == theirs or (ours.startswith("0x") and ours.lower() == theirs.lower())
