"""The bot itself: getMe, commands, names, descriptions, menu button, webhook settings, file download."""

import json
import re
from typing import Any

from bot.sandbox import render
from bot.sandbox.errors import ApiError, bad
from bot.sandbox.methods import Method
from bot.sandbox.model import Json
from bot.sandbox.params import Params
from bot.sandbox.state import State

DOWNLOADABLE = 20 * 1024 * 1024
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LOCAL = re.compile(r"http://(?:127\.0\.0\.1|localhost)[:/]")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def get_me(state: State, _: Params) -> Json:
    """Say who the bot is."""
    return render.me(state)


def _slot(params: Params, what: str) -> str:
    scope = json.dumps(params.mapping("scope") or {"type": "default"}, sort_keys=True)
    return f"{what}:{scope}:{params.text('language_code')}"


def set_my_commands(state: State, params: Params) -> bool:
    """Set the commands of one scope and language."""
    commands = params.nested("commands")
    if not isinstance(commands, list):
        raise bad("can't parse commands JSON object")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", "")).lstrip("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    state.settings[_slot(params, "commands")] = commands
    state.changes.fire()
    return True


def get_my_commands(state: State, params: Params) -> Any:
    """Return the commands of one scope and language."""
    return state.settings.get(_slot(params, "commands"), [])


def delete_my_commands(state: State, params: Params) -> bool:
    """Delete the commands of one scope and language."""
    state.settings.pop(_slot(params, "commands"), None)
    return True


def _text_setting(field: str, most: int) -> tuple[Method, Method]:
    def put(state: State, params: Params) -> bool:
        if len(params.text(field)) > most:
            raise bad(f"{field.replace('_', ' ')} is too long")
        state.settings[f"{field}:{params.text('language_code')}"] = params.text(field)
        state.changes.fire()
        return True

    def get(state: State, params: Params) -> Json:
        default = state.bot.first_name if field == "name" else ""
        return {field: state.settings.get(f"{field}:{params.text('language_code')}") or default}

    return put, get


set_name, get_name = _text_setting("name", 64)
set_description, get_description = _text_setting("description", 512)
set_short, get_short = _text_setting("short_description", 120)


def set_menu_button(state: State, params: Params) -> bool:
    """Set the button beside the input field, for one private chat or for all."""
    state.settings[f"menu:{params.integer('chat_id')}"] = params.mapping("menu_button") or {"type": "default"}
    return True


def get_menu_button(state: State, params: Params) -> Any:
    """Return the button beside the input field."""
    common = state.settings.get("menu:0", {"type": "commands"})
    return state.settings.get(f"menu:{params.integer('chat_id')}", common)


def set_webhook(state: State, params: Params) -> bool:
    """Let updates be delivered to an address; plain http is taken on this machine only."""
    url = params.text("url")
    if not url:
        return delete_webhook(state, params)
    if not url.startswith("https://") and not LOCAL.match(url):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    secret = params.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    if params.has("allowed_updates"):
        state.queue.allow(params.nested("allowed_updates"))
    if params.flag("drop_pending_updates"):
        state.queue.drop_all()
    state.webhook = {
        "url": url,
        "secret": secret,
        "max_connections": min(100, max(1, params.integer("max_connections", 40))),
        "certificate": params.has("certificate"),
    }
    state.poller += 1
    state.changes.fire()
    return True


def delete_webhook(state: State, params: Params) -> bool:
    """Go back to getUpdates."""
    if params.flag("drop_pending_updates"):
        state.queue.drop_all()
    state.webhook = {}
    state.changes.fire()
    return True


def get_webhook_info(state: State, _: Params) -> Json:
    """Say how delivery goes."""
    state.queue.expire()
    info: Json = {
        "url": state.webhook.get("url", ""),
        "has_custom_certificate": state.webhook.get("certificate", False),
        "pending_update_count": len(state.queue.pending),
        "allowed_updates": sorted(state.queue.allowed),
    }
    if state.webhook:
        info["max_connections"] = state.webhook["max_connections"]
    for key in ("last_error_date", "last_error_message"):
        if key in state.webhook:
            info[key] = state.webhook[key]
    return info


def set_rights(state: State, params: Params) -> bool:
    """Set the rights that are proposed when somebody adds the bot."""
    where = "channels" if params.flag("for_channels") else "groups"
    state.settings[f"rights:{where}"] = params.mapping("rights")
    return True


def get_file(state: State, params: Params) -> Json:
    """Prepare a file for download, up to 20 MB."""
    if not params.has("file_id"):
        raise bad("file_id is not specified")
    file = state.file(params.text("file_id"))
    if file.size > DOWNLOADABLE:
        raise bad("file is too big")
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }


def log_out(_: State, __: Params) -> bool:
    """Refuse: the sandbox is the only server there is."""
    raise ApiError(400, "Bad Request: method is available only on the cloud Bot API server")


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": set_name,
    "getMyName": get_name,
    "setMyDescription": set_description,
    "getMyDescription": get_description,
    "setMyShortDescription": set_short,
    "getMyShortDescription": get_short,
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
    "setMyDefaultAdministratorRights": set_rights,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getFile": get_file,
    "logOut": log_out,
}
