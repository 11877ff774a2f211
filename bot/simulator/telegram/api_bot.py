"""About the bot and its chats: who it is, its commands, names, descriptions and menu button, chats, members, files."""

from bot.simulator.telegram.errors import BadRequest
from bot.simulator.telegram.method import Method, Run, chat_number
from bot.simulator.telegram.params import Params
from bot.simulator.telegram.topics import membership
from bot.simulator.telegram.world import TelegramWorld


async def get_me(world: TelegramWorld, _params: Params) -> object:
    return world.me() | {
        "can_join_groups": True, "can_read_all_group_messages": not world.settings.privacy_mode,
        "supports_inline_queries": world.settings.inline_mode,
        "can_connect_to_business": False, "has_main_web_app": False,
    }  # fmt: skip


async def set_my_commands(world: TelegramWorld, params: Params) -> object:
    world.profile.set_commands(params)
    return _shown(world)


async def get_my_commands(world: TelegramWorld, params: Params) -> object:
    return world.profile.get_commands(params)


async def delete_my_commands(world: TelegramWorld, params: Params) -> object:
    world.profile.delete_commands(params)
    return _shown(world)


async def set_chat_menu_button(world: TelegramWorld, params: Params) -> object:
    world.profile.set_menu(params)
    return _shown(world)


async def get_chat_menu_button(world: TelegramWorld, params: Params) -> object:
    default = world.profile.menus.get(0, {"type": "commands"})
    return world.profile.menus.get(params.integer("chat_id", 0), default)


async def get_chat(world: TelegramWorld, params: Params) -> object:
    chat = world.chats.all.get(chat_number(params))
    if chat is None or (chat.person is not None and not chat.person.started):
        raise BadRequest("chat not found")
    extra: dict[str, object] = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}
    return chat.to_api() | extra


async def get_chat_member(world: TelegramWorld, params: Params) -> object:
    chat = world.chats.reachable(chat_number(params))
    user = params.integer("user_id", 0)
    if user == world.me()["id"]:
        return membership(chat, world.me())
    person = world.chats.people.get(user)
    if person is None or person.id not in (*chat.members, chat.id):
        raise BadRequest("PARTICIPANT_ID_INVALID")
    return {"user": person.to_api(), "status": "member"}


async def get_file(world: TelegramWorld, params: Params) -> object:
    return world.files.fetchable(params.text("file_id")).to_api()


def _setter(kind: str) -> Run:
    async def run(world: TelegramWorld, params: Params) -> object:
        world.profile.set_text(kind, params)
        return _shown(world)

    return run


def _getter(kind: str) -> Run:
    async def run(world: TelegramWorld, params: Params) -> object:
        default = world.settings.name if kind == "name" else ""
        return {kind: world.profile.get_text(kind, params, default)}

    return run


def _shown(world: TelegramWorld) -> bool:
    # what people see of the bot has changed in every chat
    for chat in world.chats.all.values():
        world.chats.touch(chat)
    return True


_NO_GIFTS = {
    "unlimited_gifts": False, "limited_gifts": False, "unique_gifts": False, "premium_subscription": False,
    "gifts_from_channels": False,
}  # fmt: skip

METHODS = (
    Method("getMe", get_me),
    Method("setMyCommands", set_my_commands),
    Method("getMyCommands", get_my_commands),
    Method("deleteMyCommands", delete_my_commands),
    Method("setMyName", _setter("name")),
    Method("getMyName", _getter("name")),
    Method("setMyDescription", _setter("description")),
    Method("getMyDescription", _getter("description")),
    Method("setMyShortDescription", _setter("short_description")),
    Method("getMyShortDescription", _getter("short_description")),
    Method("setChatMenuButton", set_chat_menu_button),
    Method("getChatMenuButton", get_chat_menu_button),
    Method("getChat", get_chat),
    Method("getChatMember", get_chat_member),
    Method("getFile", get_file),
)
