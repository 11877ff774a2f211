"""The provider's fixed tables: countries with their networks, currencies, chains with their tokens, banks.

Kotani docs, supported countries, enumerations of the request bodies, supported chains. The live truth is the
provider's own answer; this is what the simulator answers.
"""

from dataclasses import dataclass


def words(text: str) -> tuple[str, ...]:
    """The words of a line: how the tables of this package are written down."""
    return tuple(text.split())


CURRENCIES = words("KES GHS NGN ZAR USD XOF ZMW XAF SLE CDF TZS UGX EGP MWK RWF ETB MZN LSL GNF USDT BTC ETH USDC")
OFFRAMP_CURRENCIES = words("KES GHS TZS UGX ZMW XAF XOF CDF RWF ETB ZAR")
NETWORKS = words(
    "MTN AIRTEL VODAFONE TIGO ORANGE NOT_SUPPORTED ZAMTEL MPESA CHECKOUT BKTRX CRDTRX MOOV TMONEY FREE EXPRESSO "
    "HALOPESA VODACOM TNM WAVE YAS"
)
CHAINS = words(
    "ETHEREUM BSC CELO AVALANCHE POLYGON ARBITRUM OPTIMISM STELLAR TRON FUSE LIGHTNING SOLANA PROVENANCE CARDANO "
    "HEDERA BASE LISK VICTION SCROLL STABLE"
)
EVM_CHAINS = frozenset(words("ETHEREUM BSC CELO AVALANCHE POLYGON ARBITRUM OPTIMISM FUSE BASE LISK VICTION SCROLL"))
TOKENS = words("CUSD USDC USDT USDT0 SAT BTC HASH FUSE HBAR USDGLO CKES CGHS MSAT XLM ADA")
RATE_TOKENS = words("CUSD USDC USDT USDGLO CKES CGHS MSAT")
SERVED = {
    "BASE": ("USDC",),
    "POLYGON": ("USDT", "USDC"),
    "ETHEREUM": ("USDT", "USDC"),
    "SOLANA": ("USDT", "USDC"),
    "CELO": ("CUSD", "USDC", "USDT", "CKES", "CGHS", "USDGLO"),
    "STELLAR": ("USDC",),
    "TRON": ("USDT",),
    "ARBITRUM": ("USDC", "USDT"),
    "OPTIMISM": ("USDC", "USDT"),
    "AVALANCHE": ("USDC",),
    "LISK": ("USDT",),
    "LIGHTNING": ("MSAT",),
}


@dataclass(frozen=True, slots=True)
class Country:
    """A market. `currency` is its own; `dollars` tells whether USD may be asked for instead."""

    iso2: str
    iso3: str
    currency: str
    dial: str
    networks: tuple[str, ...]
    collects: bool = True
    pays_out: bool = True
    dollars: bool = False


COUNTRIES = (
    Country("KE", "KEN", "KES", "254", ("MPESA", "AIRTEL")),
    Country("GH", "GHA", "GHS", "233", ("MTN", "VODAFONE", "AIRTEL")),
    Country("UG", "UGA", "UGX", "256", ("MTN", "AIRTEL")),
    Country("TZ", "TZA", "TZS", "255", ("VODACOM", "AIRTEL", "YAS", "HALOPESA")),
    Country("ZM", "ZMB", "ZMW", "260", ("MTN", "AIRTEL", "ZAMTEL"), dollars=True),
    Country("RW", "RWA", "RWF", "250", ("MTN", "AIRTEL")),
    Country("CM", "CMR", "XAF", "237", ("MTN", "ORANGE")),
    Country("CI", "CIV", "XOF", "225", ("MTN", "ORANGE", "MOOV", "WAVE")),
    Country("SN", "SEN", "XOF", "221", ("ORANGE", "FREE", "EXPRESSO", "WAVE")),
    Country("CD", "COD", "CDF", "243", ("AIRTEL", "ORANGE", "VODACOM"), dollars=True),
    Country("ZA", "ZAF", "ZAR", "27", ()),
    Country("NG", "NGA", "NGN", "234", (), pays_out=False),
    Country("MW", "MWI", "MWK", "265", ("AIRTEL", "TNM"), pays_out=False),
    Country("MZ", "MOZ", "MZN", "258", ("VODACOM",), pays_out=False),
    Country("SL", "SLE", "SLE", "232", ("ORANGE",), pays_out=False),
    Country("BJ", "BEN", "XOF", "229", ("MTN", "MOOV")),
    Country("BF", "BFA", "XOF", "226", ("ORANGE", "MOOV")),
    Country("CG", "COG", "XAF", "242", ("MTN", "AIRTEL")),
    Country("GA", "GAB", "XAF", "241", ("AIRTEL",)),
    Country("ET", "ETH", "ETB", "251", (), collects=False, pays_out=False),
    Country("EG", "EGY", "EGP", "20", (), collects=False, pays_out=False),
    Country("LS", "LSO", "LSL", "266", (), collects=False, pays_out=False),
    Country("GN", "GIN", "GNF", "224", (), collects=False, pays_out=False),
)

BANKS = {
    "ZAR": (
        ("2500", "ABSA"),
        ("2501", "Capitec Bank"),
        ("2502", "First National Bank"),
        ("2503", "Nedbank"),
        ("2504", "Standard Bank"),
    ),
    "KES": (
        ("01", "Kenya Commercial Bank"),
        ("03", "Absa Bank Kenya"),
        ("11", "Co-operative Bank of Kenya"),
        ("68", "Equity Bank"),
    ),
}


def country(code: str) -> Country | None:
    """The country of an ISO-2 or ISO-3 code, in any case."""
    wanted = code.upper()
    return next((known for known in COUNTRIES if wanted in (known.iso2, known.iso3)), None)


def country_of_phone(phone: str) -> Country | None:
    """The country of an E.164 number (with +), by its dial code."""
    return next((known for known in COUNTRIES if phone.startswith(f"+{known.dial}")), None)
