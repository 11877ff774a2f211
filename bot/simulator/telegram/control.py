"""The control interface under `/_control/telegram`: what people do and see, and how the world behaves, as JSON.

Every answer is JSON. What cannot be done answers 409, an unknown chat 404, an unusable body 400, each with `error`.
"""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.simulator.faults import read_rule
from bot.simulator.telegram import state, topics
from bot.simulator.telegram.asked import Asked
from bot.simulator.telegram.control_people import Actions
from bot.simulator.telegram.errors import Refusal
from bot.simulator.telegram.people import NotPossible
from bot.simulator.telegram.records import Chat
from bot.simulator.telegram.settings import shown
from bot.simulator.telegram.world import TelegramWorld
from bot.simulator.waiting import unless_gone

PREFIX = "/_control/telegram"
Work = Callable[[Request, Asked], Awaitable[object]]
_LONGEST_WAIT = 60.0


class _Missing(Exception):
    pass


def control_routes(world: TelegramWorld) -> list[Route]:
    """The control interface of a world."""
    desk = _Desk(world)
    table: tuple[tuple[str, str, Work], ...] = (
        ("GET", "/state", desk.state),
        ("GET", "/people", desk.people),
        ("POST", "/people", desk.add_person),
        ("POST", "/people/{person:int}/{action}", desk.act),
        ("POST", "/groups", desk.add_group),
        ("POST", "/groups/{group}/{action}", desk.act_on_group),
        ("GET", "/chats/{chat}", desk.chat),
        ("GET", "/chats/{chat}/next", desk.next_message),
        ("GET", "/updates", desk.updates),
        ("POST", "/updates/{action}", desk.disturb),
        ("GET", "/calls", desk.calls),
        ("DELETE", "/calls", desk.forget_calls),
        ("GET", "/statistics", desk.statistics),
        ("GET", "/config", desk.config),
        ("PATCH", "/config", desk.configure),
        ("GET", "/faults", desk.faults),
        ("POST", "/faults", desk.inject),
        ("DELETE", "/faults", desk.clear),
        ("POST", "/clock/advance", desk.advance),
        ("POST", "/clock/speed", desk.speed),
    )
    picture = Route(f"{PREFIX}/files/{{file}}", desk.file, methods=["GET"])
    return [picture, *(Route(PREFIX + path, _endpoint(work), methods=[method]) for method, path, work in table)]


def _endpoint(work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            answer, status = await unless_gone(request, _worked(request, await request.body(), work)), 200
        except _Missing as missing:
            answer, status = {"error": str(missing)}, 404
        except NotPossible as refused:
            answer, status = {"error": str(refused)}, 409
        except Refusal as refusal:
            answer, status = {"error": refusal.description}, 409
        except ValueError as wrong:
            answer, status = {"error": str(wrong)}, 400
        return JSONResponse(answer, status)

    return serve


async def _worked(request: Request, raw: bytes, work: Work) -> object:
    if not request.headers.get("content-type", "application/json").startswith("application/json"):
        numbers = {name: int(text) for name, text in request.query_params.items() if name == "chat"}
        return await work(request, Asked({**request.query_params, **numbers}))
    value = json.loads(raw) if raw else {}
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    return await work(request, Asked(value))


class _Desk:
    def __init__(self, world: TelegramWorld) -> None:
        self._world = world
        self._actions = Actions(world)

    async def state(self, request: Request, asked: Asked) -> object:
        return state.everything(self._world)

    async def people(self, request: Request, asked: Asked) -> object:
        return [state.person(person) for person in self._world.chats.people.values()]

    async def add_person(self, request: Request, asked: Asked) -> object:
        """first_name; id, username, language_code, phone as wanted."""
        added = self._world.people.add(
            asked.text("first_name"), id=asked.maybe_number("id"), username=asked.maybe_text("username"),
            language_code=asked.maybe_text("language_code") or "en", phone=asked.maybe_text("phone"),
        )  # fmt: skip
        return state.person(added)

    async def act(self, request: Request, asked: Asked) -> object:
        """What a person does; see `control_people`."""
        act = self._actions.all.get(request.path_params["action"])
        if act is None:
            raise _Missing(f"a person can {', '.join(self._actions.all)}")
        return await act(request.path_params["person"], asked, request)

    async def add_group(self, request: Request, asked: Asked) -> object:
        """title, members (ids); with `bot` false a place without the bot: of two people their private chat."""
        members = asked.values.get("members")
        if not isinstance(members, list) or not members or not all(isinstance(one, int) for one in members):
            raise ValueError("members must be ids, at least one")
        add = self._world.people.add_foreign if asked.values.get("bot") is False else self._world.people.add_group
        return add(asked.text("title"), members).to_api()

    async def act_on_group(self, request: Request, asked: Asked) -> object:
        """migrate, kick, join {person}, forum {manages?}, close_topic {topic}, delete_topic {topic}."""
        group = self._chat(request.path_params["group"])
        match request.path_params["action"]:
            case "migrate":
                return self._world.people.migrate(group.id).to_api()
            case "kick":
                self._world.people.kick(group.id)
                return group.to_api()
            case "join":
                self._world.people.join(asked.number("person"), group.id)
                return group.to_api()
            case "forum":
                return topics.open_forum(self._world, group, manages=asked.values.get("manages") is not False).to_api()
            case "close_topic":
                topics.close_topic(group, asked.number("topic"))
                return group.to_api()
            case "delete_topic":
                topics.delete_topic(self._world, group, asked.number("topic"))
                return group.to_api()
            case _:
                raise _Missing("migrate, kick, join, forum, close_topic or delete_topic")

    async def chat(self, request: Request, asked: Asked) -> object:
        """A chat as a person sees it: what changed after revision `?since=`, waited for at most `?wait=` seconds."""
        chat = self._chat(request.path_params["chat"])
        since = int(request.query_params.get("since", "0"))
        wait = float(request.query_params.get("wait", "0"))
        if wait > 0:
            await self._world.pulse.until(lambda: chat.revision > since, min(wait, _LONGEST_WAIT))
        return state.chat(self._world, chat, since)

    async def next_message(self, request: Request, asked: Asked) -> object:
        """The bot's first message after revision `?after=`, with `?containing=`, `?edited=1|0`, within `?wait=`."""
        chat, query = self._chat(request.path_params["chat"]), request.query_params
        edited = {"1": True, "0": False}.get(query.get("edited", ""))
        try:
            message = await self._world.next_message(
                chat.id, after=int(query.get("after", "0")), containing=query.get("containing", ""), edited=edited,
                within=min(float(query.get("wait", "5")), _LONGEST_WAIT),
            )  # fmt: skip
        except TimeoutError as error:
            raise _Missing("there was no such message") from error
        return self._world.seen(message)

    async def updates(self, request: Request, asked: Asked) -> object:
        return state.updates(self._world)

    async def disturb(self, request: Request, asked: Asked) -> object:
        """hold, release {order?}, redeliver {update, copies?}, swap {first, second}, jump {by}, drop."""
        updates = self._world.updates
        match request.path_params["action"]:
            case "hold":
                updates.hold()
            case "release":
                updates.release("reversed" if asked.text("order", "forward") == "reversed" else "forward")
            case "redeliver":
                if not updates.redeliver(asked.number("update"), asked.number("copies", 1)):
                    raise _Missing("there never was such an update")
            case "swap":
                if not updates.swap(asked.number("first"), asked.number("second")):
                    raise NotPossible("one of the two does not wait")
            case "jump":
                updates.jump(asked.number("by"))
            case "drop":
                updates.drop()
            case _:
                raise _Missing("hold, release, redeliver, swap, jump or drop")
        return state.updates(self._world)

    async def calls(self, request: Request, asked: Asked) -> object:
        """Exactly what was called; `?method=`, `?chat=`."""
        method, chat = request.query_params.get("method"), request.query_params.get("chat")
        number = int(chat) if chat else None
        found = self._world.calls if method is None else self._world.called(method)
        return [state.call(one) for one in found if number in (None, one.chat)]

    async def forget_calls(self, request: Request, asked: Asked) -> object:
        self._world.calls.clear()
        return []

    async def statistics(self, request: Request, asked: Asked) -> object:
        return state.statistics(self._world)

    async def config(self, request: Request, asked: Asked) -> object:
        return shown(self._world.settings)

    async def configure(self, request: Request, asked: Asked) -> object:
        self._world.configure(**asked.values)
        return shown(self._world.settings)

    async def faults(self, request: Request, asked: Asked) -> object:
        return state.faults(self._world)

    async def inject(self, request: Request, asked: Asked) -> object:
        self._world.inject(read_rule(await request.body()))
        return state.faults(self._world)

    async def clear(self, request: Request, asked: Asked) -> object:
        self._world.faults.clear()
        return []

    async def advance(self, request: Request, asked: Asked) -> object:
        await self._world.clock.advance(asked.seconds("seconds"))
        self._world.pulse.beat()
        return {"now": self._world.clock.now().isoformat()}

    async def speed(self, request: Request, asked: Asked) -> object:
        if asked.seconds("factor") <= 0:
            raise ValueError("factor must be above zero")
        self._world.clock.speed = asked.seconds("factor")
        return {"speed": self._world.clock.speed}

    async def file(self, request: Request) -> Response:
        """A file as people see it."""
        file = self._world.files.by_unique_id(request.path_params["file"])
        if file is None:
            return JSONResponse({"error": "no such file"}, 404)
        return Response(file.content, media_type=file.media_type, headers={"x-content-type-options": "nosniff"})

    def _chat(self, number: str) -> Chat:
        found = self._world.chats.all.get(int(number))
        if found is None:
            raise _Missing("no such chat")
        return found
