"""How we look from outside: the public address, its certificate, the way back in, and whether our clock is right."""

import asyncio
import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from bot.checks.ground import SECONDS, Ground
from bot.engine.operators.check_results import Finding, doubtful, well, wrong

SOON: Final = timedelta(days=14)  # before a certificate ends
SKEW_SECONDS: Final = 5  # HTTP dates have whole seconds, and an answer takes a while
WORST_SKEW_SECONDS: Final = 60  # quotes live for a minute, and signed requests for five
_LOCAL: Final = (".local", ".internal", ".localhost", ".lan", ".test")


async def public_address(ground: Ground) -> Finding:
    """Whether there is an address that the provider can reach: https, and on the internet."""
    url = ground.settings.public_url
    if url is None:
        if ground.beside_provider and not ground.in_production:
            return well("public_url", "check.public_url_beside")
        said = wrong if ground.in_production else doubtful
        return said("public_url", "check.public_url_unset", "check.public_url_unset_do")
    host = urlsplit(url).hostname or ""
    if ground.beside_provider and not ground.in_production:
        return well("public_url", "check.public_url_ok", url=url)
    if url.startswith("http:"):
        return wrong("public_url", "check.public_url_http", "check.public_url_http_do", url=url)
    if _is_private_name(host):
        return wrong("public_url", "check.public_url_private", "check.public_url_private_do", host=host)
    try:
        async with asyncio.timeout(SECONDS / 2):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError):
        return doubtful("public_url", "check.public_url_unknown", "check.public_url_inside_do", host=host)
    if not any(_is_public(str(entry[4][0])) for entry in found):  # here it may have another address than outside
        return doubtful("public_url", "check.public_url_inside", "check.public_url_inside_do", host=host)
    return well("public_url", "check.public_url_ok", url=url)


async def certificate(ground: Ground, *, trust: ssl.SSLContext | None = None) -> Finding:
    """Whether the certificate of the public address is one that others believe, and for how long. `trust`: in whom."""
    parts = urlsplit(ground.settings.public_url or "")
    if parts.scheme != "https" or not parts.hostname:
        return well("certificate", "check.certificate_none")
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=trust or ssl.create_default_context()
            )
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message or "unknown"
        return wrong("certificate", "check.certificate_bad", "check.certificate_bad_do", why=why)
    except (OSError, TimeoutError) as error:
        return doubtful("certificate", "check.unreachable", "check.unreachable_do", why=_why(error))
    shown = writer.get_extra_info("peercert") or {}
    writer.transport.abort()
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    left = ends - ground.clock()
    if left < SOON:
        return doubtful("certificate", "check.certificate_soon", "check.certificate_bad_do", days=max(0, left.days))
    return well("certificate", "check.certificate_ok", days=left.days)


async def way_in(ground: Ground) -> Finding:
    """Whether what is called at the public address is this assistant."""
    base = ground.callback_base
    if base is None:
        return well("way_in", "check.way_in_none")
    if ground.address is None:
        return doubtful("way_in", "check.way_in_stopped", "check.way_in_stopped_do")
    try:
        answer = await ground.http.get(f"{base}/health/live")
    except httpx.HTTPError as error:
        return doubtful("way_in", "check.unreachable", "check.unreachable_do", why=_why(error))
    if answer.status_code != httpx.codes.OK or answer.text.strip() != "ok":
        status = answer.status_code
        return wrong("way_in", "check.way_in_other", "check.way_in_other_do", status=status, url=base)
    return well("way_in", "check.way_in_ok", url=base)


async def clock(ground: Ground) -> Finding:
    """How far our clock is from the provider's, or from Telegram's where the provider tells no time."""
    for url in (f"{ground.settings.kotani_base_url}/health", ground.settings.telegram_base_url):
        before = ground.clock()
        try:
            answer = await ground.http.get(url)
            told = parsedate_to_datetime(answer.headers.get("date", ""))
        except (httpx.HTTPError, ValueError):
            continue
        after = ground.clock()
        theirs = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
        # their second began somewhere between the two looks at our clock
        early, late = theirs - after, theirs + timedelta(seconds=1) - before
        seconds = max(0, -int(late.total_seconds()), int(early.total_seconds()))
        if seconds > WORST_SKEW_SECONDS:
            return wrong("clock", "check.clock_off", "check.clock_off_do", seconds=seconds)
        if seconds > SKEW_SECONDS:
            return doubtful("clock", "check.clock_off", "check.clock_off_do", seconds=seconds)
        return well("clock", "check.well")
    return doubtful("clock", "check.unknown", "check.again_do", why="Date")


def _is_private_name(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL)


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def _why(error: BaseException) -> str:
    return type(error).__name__
