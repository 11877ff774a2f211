"""What the hosted pages look like. They carry their style with them: a page of money asks nothing of anybody else."""

from decimal import Decimal
from html import escape

from starlette.responses import HTMLResponse, Response

_STYLE = """
:root { color-scheme: light dark; --ground: #e9eef2; --card: #fff; --text: #10151a; --quiet: #5a6670; --line: #c9d3db;
  --pay: #25813f; --on: #fff; --top: #123a5c; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1318; --card: #17212b; --text: #eef3f7; --quiet: #a3b2be;
  --line: #3a4955; --pay: #43b066; --on: #0a0f13; --top: #0b2740; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--text); font: 17px/1.5 system-ui, sans-serif; }
header { background: var(--top); color: #fff; padding: .9rem 1rem; text-align: center; }
header b { display: block; font-size: 1.1rem; }
header span { font-size: .9rem; opacity: .9; }
main { max-width: 26rem; margin: 1.5rem auto; padding: 1.6rem; background: var(--card); border-radius: 14px;
  box-shadow: 0 2px 12px #0002; }
h1 { margin: 0 0 .6rem; font-size: 1.15rem; }
.amount { margin: .2rem 0 1rem; font-size: 2.1rem; font-weight: 700; line-height: 1.2; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
dl { margin: 0 0 1.4rem; border-top: 1px solid var(--line); }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .55rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-weight: 600; }
form { margin: .7rem 0 0; }
label { display: block; margin-bottom: .9rem; color: var(--quiet); font-size: .95rem; }
input, select { display: block; width: 100%; margin-top: .2rem; padding: .7rem; border: 1px solid var(--line);
  border-radius: 10px; background: transparent; color: var(--text); font: inherit; }
button { width: 100%; min-height: 3.4rem; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: 12px;
  background: transparent; color: var(--text); font: inherit; font-weight: 600; cursor: pointer; }
button.pay { background: var(--pay); border-color: var(--pay); color: var(--on); }
:focus-visible { outline: 3px solid #5eb0ef; outline-offset: 2px; }
[role=status] { padding: .8rem 1rem; border-radius: 10px; background: #7f9db522; font-weight: 600; }
@media (max-width: 30rem) { main { margin: 0; border-radius: 0; box-shadow: none; } }
"""
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'none'",
    "referrer-policy": "same-origin",  # with none at all, browsers send forms as from nowhere
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


def hosted(title: str, body: str, status: int = 200, *, who: str = "Simulated Kotani Pay") -> Response:
    """A whole page; `body` is HTML, the rest is plain text. `who` stands at its head."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f"<body><header><b>{escape(who)}</b><span>Nothing here moves real money.</span></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>",
        status,
        _HEADERS,
    )


def price(currency: str, amount: Decimal) -> str:
    """An amount in large type."""
    return f'<p class="amount">{escape(written(currency, amount))}</p>'


def written(currency: str, amount: Decimal) -> str:
    """An amount as people write it."""
    return f"{currency} {amount:,f}"


def facts(**known: str) -> str:
    """Names and values, one a line."""
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in known.items())
    return f"<dl>{rows}</dl>"
