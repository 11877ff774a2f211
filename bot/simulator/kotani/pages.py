"""The provider's hosted pages: the bank checkout and the payment link. Plain HTML forms, no script."""

from decimal import Decimal, InvalidOperation
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.simulator.kotani.body import is_web_address
from bot.simulator.kotani.links import Link
from bot.simulator.kotani.phones import Prompt
from bot.simulator.kotani.refusals import Refused
from bot.simulator.kotani.world import KotaniWorld

_OUTCOME = {"approved": "Payment received. You can close this page.", "expired": "This payment has expired."}


def page_routes(world: KotaniWorld) -> list[Route]:
    """`/checkout/{id}` and `/l/{code}`, each with the form posts of its buttons."""

    async def checkout(request: Request) -> Response:
        page = _checkout(world, request)
        return _missing() if page is None else _checkout_page(page)

    async def decide(request: Request) -> Response:
        page = _checkout(world, request)
        if page is None:
            return _missing()
        if request.path_params["decision"] == "pay":
            world.approve(page.id)
        else:
            world.decline(page.id)
        if page.return_url and is_web_address(page.return_url):
            return RedirectResponse(page.return_url, 303)
        return _checkout_page(page)

    async def link(request: Request) -> Response:
        try:
            return _link_page(world, world.links.get(request.path_params["code"]))
        except Refused:
            return _missing()

    async def pay(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        try:
            found = world.links.get(request.path_params["code"])
        except Refused:
            return _missing()
        try:
            amount = Decimal(form["amount"]) if form.get("amount") else None
            world.links.pay(found, form.get("phone", ""), form.get("name", "Payer"), amount)
        except InvalidOperation:
            return _link_page(world, found, "The amount is not a number", 400)
        except Refused as refusal:
            return _link_page(world, found, refusal.message, 400)
        return _link_page(world, found, "Check your phone and enter your PIN.")

    return [
        Route("/checkout/{id}", checkout, methods=["GET"]),
        Route("/checkout/{id}/{decision:str}", decide, methods=["POST"]),
        Route("/l/{code}", link, methods=["GET"]),
        Route("/l/{code}", pay, methods=["POST"]),
    ]


def _checkout(world: KotaniWorld, request: Request) -> Prompt | None:
    if request.path_params.get("decision", "pay") not in ("pay", "decline"):
        return None
    page = world.phones.prompts.get(request.path_params["id"])
    return page if page is not None and page.checkout else None


def _checkout_page(page: Prompt) -> Response:
    price = f"<p><strong>{escape(page.currency)} {page.amount:f}</strong></p>"
    if page.state != "waiting":
        words = _OUTCOME.get(page.state, "The payment was declined.")
        return _html("Checkout", f"{price}<p>{words}</p>")
    buttons = "".join(
        f'<form method="post" action="/checkout/{page.id}/{action}"><button>{words}</button></form>'
        for action, words in (("pay", "Pay"), ("decline", "Decline"))
    )
    return _html("Checkout", price + buttons)


def _link_page(world: KotaniWorld, link: Link, notice: str = "", status: int = 200) -> Response:
    parts = [f"<p>{escape(link.description)}</p>"] if link.description else []
    if notice:
        parts.append(f'<p role="status">{escape(notice)}</p>')
    if not world.links.open(link):
        parts.append("<p>This payment link is no longer active.</p>")
        return _html(link.title, "".join(parts), status)
    if link.pricing == "FIXED":
        parts.append(f"<p><strong>{escape(link.currency)} {link.amount:f}</strong></p>")
        amount = ""
    elif link.pricing == "PACKAGE":
        options = "".join(
            f'<option value="{price}">{escape(name)}: {price:f}</option>' for name, price in link.packages
        )
        amount = f'<label>Package <select name="amount">{options}</select></label>'
    else:
        amount = f'<label>Amount in {escape(link.currency)} <input name="amount" inputmode="decimal" required></label>'
    parts.append(
        f'<form method="post" action="/l/{link.code}">{amount}'
        '<label>Your name <input name="name"></label>'
        '<label>Phone, with + and country code <input name="phone" type="tel" required></label>'
        "<button>Pay</button></form>"
    )
    return _html(link.title, "".join(parts), status)


def _missing() -> Response:
    return _html("Not found", "<p>There is nothing here.</p>", 404)


def _html(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title></head><body><main><h1>{escape(title)}</h1>"
        f"<p>Simulated Kotani Pay, no real money.</p>"
        f"{body}</main></body></html>",
        status,
    )
