"""The contracts of the tokens themselves. People copy them from explorers by mistake; what is sent there is lost."""

from typing import Final

TOKEN_CONTRACTS: Final = frozenset(
    {
        "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",  # USDC on Ethereum
        "0xdAC17F958D2ee523a2206206994597C13D831ec7",  # USDT on Ethereum
        "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",  # USDC on Base
        "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",  # USDC on Polygon
        "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174",  # bridged USDC on Polygon
        "0xc2132D05D31c914a87C6611C10748AEb04B58e8F",  # USDT on Polygon
        "0x765DE816845861e75A25fCA122bb6898B8B1282a",  # cUSD on Celo
        "0xcebA9300f2b948710d2653dD7B07f33A8B32118C",  # USDC on Celo
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",  # USDT on Tron
        "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8",  # the former USDC on Tron
        "GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN",  # the issuer of USDC on Stellar
        "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",  # USDC on Solana
        "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",  # USDT on Solana
    }
)
