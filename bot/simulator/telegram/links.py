"""Which addresses Telegram lets a button or a link lead to."""

from urllib.parse import urlsplit


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
