"""The provider's hosted pages: the bank checkout and the payment link. Plain HTML forms, no script."""

from decimal import Decimal, InvalidOperation
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.simulator.kotani.body import is_web_address
from bot.simulator.kotani.hosted import facts, hosted, price, written
from bot.simulator.kotani.links import Link
from bot.simulator.kotani.phones import Prompt
from bot.simulator.kotani.refusals import Refused
from bot.simulator.kotani.world import KotaniWorld

_BANK = "Simulated bank"
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
            paying = world.links.pay(found, form.get("phone", ""), form.get("name", "Payer"), amount)
        except InvalidOperation:
            return _link_page(world, found, "The amount is not a number", 400)
        except Refused as refusal:
            return _link_page(world, found, refusal.message, 400)
        if paying.redirect_url:
            return RedirectResponse(paying.redirect_url, 303)
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
    asked = price(page.currency, page.amount) + facts(To="KOTANI PAY", From=page.phone, Reference=page.reference)
    if page.state != "waiting":
        words = _OUTCOME.get(page.state, "The payment was declined. You can close this page.")
        return hosted("Payment", f'{asked}<p role="status">{words}</p>', who=_BANK)
    pay = f"Pay {escape(written(page.currency, page.amount))}"
    buttons = "".join(
        f'<form method="post" action="/checkout/{page.id}/{action}"><button class="{action}">{words}</button></form>'
        for action, words in (("pay", pay), ("decline", "Decline"))
    )
    return hosted("Confirm your payment", asked + buttons, who=_BANK)


def _link_page(world: KotaniWorld, link: Link, notice: str = "", status: int = 200) -> Response:
    parts = [f"<p>{escape(link.description)}</p>"] if link.description else []
    if notice:
        parts.append(f'<p role="status">{escape(notice)}</p>')
    if not world.links.open(link):
        parts.append("<p>This payment link is no longer active.</p>")
        return hosted(link.title, "".join(parts), status)
    if link.pricing == "FIXED" and link.amount is not None:
        parts.append(price(link.currency, link.amount))
        amount = ""
    elif link.pricing == "PACKAGE":
        options = "".join(f'<option value="{cost}">{escape(name)}: {cost:f}</option>' for name, cost in link.packages)
        amount = f'<label>Package <select name="amount">{options}</select></label>'
    else:
        amount = f'<label>Amount in {escape(link.currency)} <input name="amount" inputmode="decimal" required></label>'
    parts.append(
        f'<form method="post" action="/l/{link.code}">{amount}'
        '<label>Your name <input name="name"></label>'
        '<label>Phone, with + and country code <input name="phone" type="tel" required></label>'
        '<button class="pay">Pay</button></form>'
    )
    return hosted(link.title, "".join(parts), status)


def _missing() -> Response:
    return hosted("Not found", "<p>There is nothing here.</p>", 404)
