"""Which addresses Telegram lets a button or a link lead to, and which lead to the bot itself."""

import re
from urllib.parse import parse_qs, urlsplit

START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def wrong_url(url: str) -> str:
    """What Telegram says against a URL; empty when it is good. A host needs a dot, so `localhost` is none."""
    try:
        parts = urlsplit(url if "://" in url or url.startswith(("tg:", "mailto:", "tel:")) else f"http://{url}")
        host = parts.hostname or ""
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        return "Wrong HTTP URL"
    if parts.scheme in ("tg", "ton", "mailto", "tel"):
        return ""
    if parts.scheme not in ("http", "https"):
        return "Unsupported URL protocol"
    if not host:
        return "URL host is empty"
    bad = "." not in host or host.startswith(".") or host.endswith(".") or any(map(str.isspace, url))
    return "Wrong HTTP URL" if bad or not port_is_right else ""


def start_payload(link: str, username: str) -> str | None:
    """The payload of a deep link to the bot of that name (Bot features, "Deep linking"); `None` for any other link."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    asked = parse_qs(parts.query)
    if parts.scheme == "tg" and parts.netloc == "resolve":
        named = asked.get("domain", [""])[0]
    elif parts.scheme == "https" and parts.netloc in ("t.me", "telegram.me"):
        named = parts.path.strip("/")
    else:
        return None
    return asked.get("start", [""])[0] if named.lower() == username.lower() else None
