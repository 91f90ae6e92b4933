"""The command line. One more command: a function here, its work in a module that it imports when called."""

import asyncio
import errno
import importlib.metadata
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot import logs
from bot.config import DEFAULT_FILE, Language, Mistake, Settings, load

app = typer.Typer(
    help="A Telegram bot that keeps the thread of a Blended Learning Network between its meetings.",
    epilog="To see it at work without Telegram: bln-bot demo. To use it: bln-bot init, then bln-bot run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and with them secrets
)

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", envvar="BLN_BOT_CONFIG", help="The file with the settings. [default: config.toml]"
    ),
]

Form = Literal["text", "html", "json", "pdf", "png"]
BINARY = ("pdf", "png")


def version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bln-bot {importlib.metadata.version('bln-bot')}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    config: ConfigFile = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Keep what all commands share; `--config` may stand before or behind the command's name."""
    context.obj = config


@app.command()
def run(context: typer.Context, config: ConfigFile = None) -> None:
    """Run the bot until it is told to stop (Ctrl-C, or SIGTERM)."""
    settings = settings_for(context, config)
    from bot.app import run as run_app

    asyncio.run(run_app(settings))


@app.command()
def init(
    context: typer.Context,
    config: ConfigFile = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token; it stays there and the settings name it.")
    ] = None,
    language: Annotated[Language | None, typer.Option(help="What new networks start with.")] = None,
    timezone: Annotated[
        str | None, typer.Option(help="What new networks start with, as in Europe/Stockholm.")
    ] = None,
    controller: Annotated[
        str | None, typer.Option(help="The organisation that answers for what is stored.")
    ] = None,
    contact: Annotated[str | None, typer.Option(help="How members reach it: e-mail or telephone.")] = None,
    officer: Annotated[
        str | None, typer.Option(help="Its data protection officer, or none if it has none.")
    ] = None,
    processor: Annotated[str | None, typer.Option(help="Who runs this server.")] = None,
    authority: Annotated[
        str | None, typer.Option(help="Where members can complain: the supervisory authority.")
    ] = None,
    last_day: Annotated[
        str | None, typer.Option(help="The last day on which anything is kept, as in 2028-12-31.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="The address of a Bot API server of your own, as in http://…/bot.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; overwrite settings that are there.")
    ] = False,
) -> None:
    """Ask what the bot needs to know, write the settings, and print the link that makes you coordinator.

    The token is asked for, or comes from --token-file or from BLN_BOT__TELEGRAM__TOKEN in the environment.
    """
    from bot import init as first

    given = first.Answers(
        token_file=token_file,
        language=language,
        timezone=timezone,
        controller=controller,
        contact=contact,
        officer=officer,
        processor=processor,
        authority=authority,
        last_day=first.day(last_day) if last_day else None,
        base_url=base_url,
    )
    first.run(path(context, config), given, os.environ, today=date.today(), yes=yes)  # noqa: DTZ011


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the page is; 0 takes a free port.")
    ] = 8088,
    language: Annotated[Language, typer.Option(help="What the network of the demo speaks.")] = "en",
    keep: Annotated[
        bool, typer.Option("--keep", help="Go on where the last demo ended, and keep this one.")
    ] = False,
) -> None:
    """Show the bot at work in your browser, with a Telegram of its own and a network that answers."""
    from bot.demo import run as run_demo

    run_demo(port, language, keep)


@app.command()
def retry(context: typer.Context, config: ConfigFile = None) -> None:
    """Give what the bot could not handle back to it, after an upgrade; a running bot takes it up by itself."""
    settings = settings_for(context, config)
    from bot.app import retry as retry_parked

    count = retry_parked(settings)
    typer.echo(f"{count} given back." if count else "There was nothing to give back.")


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    config: ConfigFile = None,
) -> None:
    """Copy everything into one file, media included, while the bot runs or not.

    With backup.passphrase in the settings the file is encrypted.
    """
    settings = settings_for(context, config)
    from bot import backups

    typer.echo(backups.back_up_to(settings, file))


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `bln-bot backup` wrote.")],
    config: ConfigFile = None,
) -> None:
    """Check a backup and put everything in it where database.url says; nothing may be there yet."""
    settings = settings_for(context, config)
    from bot import backups

    typer.echo(backups.restore_from(settings, file))


@app.command()
def move_database(
    context: typer.Context,
    to: Annotated[
        str, typer.Option(help="Where to: postgresql://user:password@host/name, an empty database.")
    ],
    config: ConfigFile = None,
) -> None:
    """Copy everything from the SQLite file to PostgreSQL, and check it; the file stays as it is.

    Stop the bot first. Afterwards write the new address into database.url.
    """
    settings = settings_for(context, config)
    from storage import moving

    typer.echo(moving.move(settings.database.url.get_secret_value(), to, say=typer.echo))


@app.command()
def doctor(
    context: typer.Context,
    config: ConfigFile = None,
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for a program.")] = False,
) -> None:
    """Look whether everything is as it should be, and say what to do about what is not.

    Ends with 0 if all is well, 1 if there are warnings, 2 if something is at fault.
    """
    from bot import doctor as checks

    raise typer.Exit(checks.run(path(context, config), os.environ, as_json=json))


@app.command()
def digest(
    replies: Annotated[
        str,
        typer.Argument(
            help="A file with one JSON object a line: id, author, role, prompt, text. - for standard input."
        ),
    ],
    meta: Annotated[
        Path | None, typer.Option(help="A JSON file: prompts (id and question), people (author and role).")
    ] = None,
    codebook: Annotated[
        str | None,
        typer.Option(help="A TOML file of themes and their words; or care_partnership, wellbeing, dementia."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(help="In which language it is written: en, nl, sv. [default: that of the replies]"),
    ] = None,
    seats: Annotated[int, typer.Option(min=0, max=1000, help="How many quotes there are, in all.")] = 9,
    form: Annotated[Form, typer.Option("--format", help="What is made of it.")] = "text",
    appendix: Annotated[
        bool, typer.Option("--appendix", help="In a PDF: every answer at the end, for you alone.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write. [default: standard output]")
    ] = None,
) -> None:
    """Compile a digest from a file of replies, without a network, a database or Telegram.

    Ends with 2 if a file is not as it should be, and says in which line; nothing is written then.
    """
    from bot import evaluate

    try:
        made = evaluate.run(
            replies,
            meta=meta,
            codebook=codebook,
            language=language,
            seats=seats,
            form=form,
            now=datetime.now(UTC),
            appendix=appendix,
        )
        evaluate.hand_over(made, output, binary=form in BINARY)
    except evaluate.Unreadable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def path(context: typer.Context, config: Path | None) -> Path:
    """Return the file with the settings, wherever on the line it was named."""
    return config or context.obj or DEFAULT_FILE


def settings_for(context: typer.Context, config: Path | None) -> Settings:
    """Load the settings; without a file that was named, the environment alone may do."""
    wanted = path(context, config)
    unnamed = wanted == DEFAULT_FILE and not wanted.exists()
    try:
        settings = load(None if unnamed else wanted, os.environ)
    except Mistake as mistake:
        hint = "\nThere is no config.toml here: make one with `bln-bot init`." if unnamed else ""
        raise Mistake(f"{mistake}{hint}") from None
    logs.set_up(settings.log)
    return settings


def told(error: BaseException) -> str | None:
    """Return what to tell about an error that the person at the keyboard can mend; None if it is ours."""
    match error:
        case Mistake():
            return str(error)
        case OSError(errno=errno.EADDRINUSE):
            return "That port is in use: choose another (demo: --port, run: web.port), or end what uses it."
        case OSError(
            errno=errno.EACCES | errno.EPERM | errno.EROFS | errno.ENOSPC | errno.ENOENT | errno.ENOTDIR
        ):
            return f"{error.filename or 'A file'}: {error.strerror}. Mend that and start again."
    from storage.db import Locked, trouble
    from storage.mistakes import Unusable

    if isinstance(error, (Unusable, Locked)):
        return str(error)
    if trouble(error):
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"The database can't be used: {reason}. Look at database.url, and whether it runs."
    return None


def main(arguments: list[str] | None = None) -> Any:
    """Run a command; a mistake of the user ends in a line that says what to do, one of ours in a place in the code."""
    logs.guard()
    try:
        return app(args=arguments, prog_name="bln-bot")
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit:
        raise
    except BaseException as error:
        words = told(error)
        if words is None:
            logs.uncaught(error)  # Python's own traceback has messages, and with them what people wrote
        else:
            typer.echo(logs.without_tokens(words), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
