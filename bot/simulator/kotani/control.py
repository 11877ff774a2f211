"""The control interface under `/_control/kotani`: the world's own methods as JSON over HTTP, for the demo and for
tests.

Every answer is JSON. What cannot be done answers 409, an unknown reference 404, an unusable body 400, each with
`error`.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator.faults import read_rule
from bot.simulator.kotani import state
from bot.simulator.kotani.callbacks import Forgery
from bot.simulator.kotani.core import stamp
from bot.simulator.kotani.jsjson import parse, stringify
from bot.simulator.kotani.phones import Choice
from bot.simulator.kotani.refusals import Refused
from bot.simulator.kotani.settings import shown
from bot.simulator.kotani.world import KotaniWorld

PREFIX = "/_control/kotani"
Data = dict[str, object]
Work = Callable[[Request, Data], Awaitable[object]]


class _Wrong(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def control_routes(world: KotaniWorld) -> list[Route]:
    """The control interface of a world."""
    desk = _Desk(world)
    table: tuple[tuple[str, str, Work], ...] = (
        ("GET", "/state", desk.state),
        ("GET", "/prompts", desk.prompts),
        ("POST", "/prompts/{prompt}/{decision}", desk.decide),
        ("GET", "/transactions/{reference}", desk.transaction),
        ("POST", "/transactions/{reference}/{action}", desk.act),
        ("POST", "/links/{link}/pay", desk.pay_link),
        ("POST", "/clock/advance", desk.advance),
        ("POST", "/clock/speed", desk.speed),
        ("GET", "/config", desk.config),
        ("PATCH", "/config", desk.configure),
        ("GET", "/faults", desk.faults),
        ("POST", "/faults", desk.inject),
        ("DELETE", "/faults", desk.clear),
        ("POST", "/fail-next", desk.fail_next),
        ("GET", "/callbacks", desk.callbacks),
        ("POST", "/callbacks/release", desk.release),
        ("POST", "/callbacks/{reference}/repeat", desk.repeat),
        ("POST", "/callbacks/{reference}/forge", desk.forge),
    )
    return [Route(PREFIX + path, _endpoint(work), methods=[method]) for method, path, work in table]


def _endpoint(work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            answer, status = await work(request, await _body(request)), 200
        except _Wrong as wrong:
            answer, status = {"error": str(wrong)}, wrong.status
        except Refused as refusal:
            answer, status = {"error": refusal.message}, refusal.status
        except ValueError as wrong:
            answer, status = {"error": str(wrong)}, 400
        return Response(stringify(answer), status, media_type="application/json")

    return serve


async def _body(request: Request) -> Data:
    raw = await request.body()
    value = parse(raw) if raw else {}
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    return value


class _Desk:
    def __init__(self, world: KotaniWorld) -> None:
        self._world = world

    async def state(self, request: Request, body: Data) -> object:
        return state.everything(self._world)

    async def prompts(self, request: Request, body: Data) -> object:
        """Waiting prompts; `?phone=` of one phone, `?wait=` real seconds for the first, `?all=1` decided ones too."""
        phone = request.query_params.get("phone")
        wait = float(request.query_params.get("wait", "0"))
        if wait > 0:
            await self._world.core.pulse.until(lambda: bool(self._world.prompts(phone)), min(wait, 60.0))
        if request.query_params.get("all"):
            found = [entry for entry in self._world.phones.prompts.values() if phone in (None, entry.phone)]
        else:
            found = self._world.prompts(phone)
        return [state.prompt(entry) for entry in found]

    async def decide(self, request: Request, body: Data) -> object:
        """approve (or pay), decline with `reason`, ignore, reopen; by prompt id, checkout id or reference."""
        name, decision = request.path_params["prompt"], request.path_params["decision"]
        found = self._world.phones.find(name)
        if found is None:
            raise _Wrong(404, "no such prompt")
        match decision:
            case "approve" | "pay":
                done = self._world.approve(found.id)
            case "decline":
                done = self._world.decline(found.id, Choice(_text(body, "reason", Choice.CANCELLED)))
            case "ignore":
                done = self._world.ignore(found.id)
            case "reopen":
                done = self._world.reopen(found.id)
            case _:
                raise _Wrong(404, "approve, pay, decline, ignore or reopen")
        if not done:
            raise _Wrong(409, f"the prompt is {found.state}")
        return state.prompt(found)

    async def transaction(self, request: Request, body: Data) -> object:
        return self._shown(request.path_params["reference"])

    async def act(self, request: Request, body: Data) -> object:
        """crypto {amount?}, deliver {succeed?}, settle {succeed?}, reverse, force {status?, depositStatus?,
        onchainStatus?}."""
        reference = request.path_params["reference"]
        self._shown(reference)
        match request.path_params["action"]:
            case "crypto":
                done = self._world.send_crypto(reference, _amount(body, "amount"))
            case "deliver":
                done = self._world.deliver(reference, succeed=body.get("succeed", True) is True)
            case "settle":
                done = self._world.settle(reference, succeed=body.get("succeed", True) is True)
            case "reverse":
                done = self._world.reverse(reference)
            case "force":
                done = self._world.force(reference, **{name: str(value) for name, value in body.items()})
            case _:
                raise _Wrong(404, "crypto, deliver, settle, reverse or force")
        if not done:
            raise _Wrong(409, "that cannot be done now")
        return self._shown(reference)

    async def pay_link(self, request: Request, body: Data) -> object:
        deposit = self._world.pay_link(
            request.path_params["link"], _text(body, "phone"), _text(body, "name", "Payer"), _amount(body, "amount")
        )
        return state.transaction(deposit)

    async def advance(self, request: Request, body: Data) -> object:
        await self._world.advance(float(_required(body, "seconds")))
        return {"now": stamp(self._world.clock.now())}

    async def speed(self, request: Request, body: Data) -> object:
        factor = float(_required(body, "factor"))
        if factor <= 0:
            raise ValueError("factor must be above zero")
        self._world.clock.speed = factor
        return {"speed": Decimal(str(factor))}

    async def config(self, request: Request, body: Data) -> object:
        return shown(self._world.settings)

    async def configure(self, request: Request, body: Data) -> object:
        self._world.configure(**body)
        return shown(self._world.settings)

    async def faults(self, request: Request, body: Data) -> object:
        return state.everything(self._world)["faults"]

    async def inject(self, request: Request, body: Data) -> object:
        self._world.inject(read_rule(await request.body()))
        return await self.faults(request, body)

    async def clear(self, request: Request, body: Data) -> object:
        self._world.faults.clear()
        return []

    async def fail_next(self, request: Request, body: Data) -> object:
        """deliveries, withdrawals, refunds: how many of each."""
        counts = {name: int(_amount(body, name) or 0) for name in ("deliveries", "withdrawals", "refunds")}
        self._world.fail_next(**counts)
        return counts

    async def callbacks(self, request: Request, body: Data) -> object:
        return [state.delivery(entry) for entry in self._world.callbacks.all]

    async def release(self, request: Request, body: Data) -> object:
        order = _text(body, "order", "forward")
        reference = _text(body, "reference", "") or None
        return {"released": self._world.release("reversed" if order == "reversed" else "forward", reference)}

    async def repeat(self, request: Request, body: Data) -> object:
        copies = int(_amount(body, "copies") or 1)
        return {"repeated": self._world.repeat(request.path_params["reference"], copies)}

    async def forge(self, request: Request, body: Data) -> object:
        """how: wrong_secret, unsigned, altered, empty; status: what the lie says."""
        how = _text(body, "how", "wrong_secret")
        known: tuple[Forgery, ...] = get_args(Forgery)
        chosen = next((forgery for forgery in known if forgery == how), None)
        if chosen is None:
            raise ValueError(f"how is one of {', '.join(known)}")
        sent = self._world.forge(request.path_params["reference"], chosen, _text(body, "status", "SUCCESSFUL"))
        if sent is None:
            raise _Wrong(404, "no transaction with a callback URL under that reference")
        await self._world.callbacks.idle()
        return state.delivery(sent)

    def _shown(self, reference: str) -> Data:
        tx = self._world.transaction(reference)
        if tx is None:
            raise _Wrong(404, "no such transaction")
        return state.transaction(tx)


def _text(body: Data, name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    return value


def _amount(body: Data, name: str) -> Decimal | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError(f"{name} must be a number")
    try:
        return Decimal(value)
    except ArithmeticError as error:
        raise ValueError(f"{name} must be a number") from error


def _required(body: Data, name: str) -> Decimal:
    value = _amount(body, name)
    if value is None:
        raise ValueError(f"{name} is missing")
    return value
