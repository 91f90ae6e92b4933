"""`/themes`: what answers are sorted by. Themes are added, renamed, moved and removed here, and get their words.

Where they begin, and how they come and go as a file, stands in bot/actions/codebooks.py; words that belong to none in
theme_words.py. A button is a verb of
`_whole` (about the codebook) or of `_of_theme`.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.actions import codebooks, theme_words
from bot.actions.codebooks import KIND, Editor, editor, of_leader
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import codebooks as rules
from bot.core import mail
from bot.core.contributions import Given
from bot.core.joining import NAMES
from bot.core.letters import Button, callback, member_words, page_of
from bot.core.mail import Letter, To
from bot.core.texts import LANGUAGES, Markup
from bot.core.themes import Theme
from storage import dialogs, themes
from storage.db import Connection
from storage.dialogs import Dialog
from storage.people import Person
from storage.themes import Entry

NAME, RENAME, WORDS = "name", "rename", "words"  # steps in which something is typed
PAGE = 8  # themes on a screen
MORE = "+"  # before words that are added


def begin(leader: Leader) -> list[Letter]:
    """`/themes`."""
    return _main(of_leader(leader))


def programme(db: Connection, person: Person, desk: Desk, *, now: datetime) -> list[Letter]:
    """`/themes` of a coordinator who leads no network: those that every network can begin with."""
    found = editor(db, person, 0, desk, now=now)
    if found is None:
        return mail.say(To(person=person.id), desk.text(person.language)("error.not_allowed"))
    return _main(found)


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Show or change; None for who may not, and for what was never offered. `id` is a network's or a theme's."""
    if verb in ("one", "rename", "words", "none", "up", "down", "gone", "undo", "into"):
        entry = themes.get(db, id)
        found = None if entry is None else editor(db, person, entry.network_id or 0, desk, now=now)
        if entry is None or found is None or (entry.removed_at is not None) != (verb == "undo"):
            return None
        dialogs.leave(db, person.id, KIND)
        return _of_theme(Page(found, entry, nonce, message_id), verb)
    found = editor(db, person, id, desk, now=now)
    return None if found is None else _whole(found, verb, nonce, message_id)


def _whole(editor: Editor, verb: str, nonce: str, message_id: int | None) -> list[Letter] | None:
    if verb == "use":
        sent = codebooks.sent(editor)
        if sent is None:
            return None
        codebooks.use(editor, sent)
    dialogs.leave(editor.db, editor.person.id, KIND)
    match verb:
        case "show" | "use":
            return _main(editor, page_of(nonce), message_id)
        case "start":
            return _start(editor, message_id)
        case "look":
            return codebooks.look(editor, nonce, message_id)
        case "take" if (chosen := codebooks.offered(editor, nonce)) is not None:
            codebooks.use(editor, chosen)
            return _main(editor, 0, message_id)
        case "later":
            return editor.show(editor.text("themes.later"), (), message_id)
        case "add":
            return _ask_name(editor, message_id)
        case "found" if editor.network is not None:
            return theme_words.propose(editor, message_id)
        case "word" if editor.network is not None:
            return theme_words.which(editor, nonce, message_id)
        case "file":
            return codebooks.as_file(editor)
        case "all" if editor.person.coordinator:
            return _main(Editor(editor.db, editor.person, None, editor.desk, editor.now), 0, message_id)
    return None


@dataclass(frozen=True)
class Page:
    """A theme on the screen, and the button that was pressed there."""

    editor: Editor
    entry: Entry
    nonce: str
    message_id: int | None

    def button(self, label: str, verb: str, nonce: str = "") -> Button:
        """Return a button about the theme."""
        return Button(label, callback(f"themes.{verb}", self.entry.id, nonce))


def _of_theme(page: Page, verb: str) -> list[Letter] | None:
    here, entry = page.editor, page.entry
    language = page.nonce if page.nonce in LANGUAGES else here.language
    match verb:
        case "one":
            return _one(page)
        case "rename":
            return _ask_rename(page, language)
        case "words":
            return _ask_words(page, language)
        case "none":
            return _take_words(page, language, ())
        case "up" | "down":
            return _move(page, -1 if verb == "up" else 1)
        case "gone":
            themes.change(here.db, entry.id, removed_at=here.now)
            here.note()
            undo = page.button(here.text.plain("common.button.undo"), "undo")
            words = here.text("themes.removed", name=entry.theme.name(here.text.language))
            return here.show(words, [undo, here.button("common.button.back", "show")], page.message_id)
        case "undo":
            return _bring_back(page)
        case "into":
            return theme_words.into(here, entry, page.nonce, page.message_id)
    return None


# The whole codebook -----------------------------------------------------------------------------------------------


def _main(editor: Editor, page: int = 0, message_id: int | None = None) -> list[Letter]:
    """The themes, page by page; without any, where to begin."""
    entries, text = editor.entries, editor.text
    if not entries:
        return _start(editor, message_id)
    page = page if page * PAGE < len(entries) else 0
    here = entries[page * PAGE : (page + 1) * PAGE]
    lines = codebooks.lines([entry.theme for entry in here], editor, page * PAGE + 1)
    buttons = [
        Button(entry.theme.name(text.language), callback("themes.one", entry.id, "")) for entry in here
    ]
    if len(entries) > PAGE:
        onward = page + 1 if (page + 1) * PAGE < len(entries) else 0
        buttons.append(editor.button("about.button.more", "show", str(onward)))
    buttons.append(editor.button("themes.button.add", "add"))
    if editor.network is not None:
        buttons.append(editor.button("themes.button.found", "found"))
    buttons.append(editor.button("themes.button.file", "file"))
    buttons.append(editor.button("themes.button.start", "start"))
    if editor.network is not None and editor.person.coordinator:
        buttons.append(editor.button("themes.button.all", "all"))
    html = Markup("\n\n".join([_title(editor), Markup("\n".join(lines))]))
    return editor.show(html, buttons, message_id)


def _title(editor: Editor) -> Markup:
    if editor.network is None:
        return editor.text("themes.main_all")
    return editor.text("themes.main", network=editor.network.title)


def _start(editor: Editor, message_id: int | None) -> list[Letter]:
    """Where to begin: subjects of ours, the programme's, one's own."""
    text = editor.text
    there = bool(editor.entries)
    html = text("themes.start_over") if there else text("themes.start")
    buttons = [*codebooks.choices(editor)]
    if there:
        buttons.append(editor.button("common.button.back", "show"))
    else:
        buttons.append(editor.button("themes.button.add", "add"))
        buttons.append(editor.button("themes.button.file", "file"))
        if editor.network is not None and editor.person.coordinator:
            buttons.append(editor.button("themes.button.all", "all"))
    return editor.show(html, buttons, message_id)


def _ask_name(editor: Editor, message_id: int | None) -> list[Letter]:
    back = editor.button("common.button.back", "show")
    if len(editor.entries) >= rules.MAX_THEMES:
        return editor.show(editor.text("themes.enough", count=rules.MAX_THEMES), [back], message_id)
    editor.wait_for(NAME)
    asked = editor.text("themes.ask_name", language=NAMES[editor.language], count=rules.MAX_NAME)
    return editor.show(asked, [back], message_id)


# One theme --------------------------------------------------------------------------------------------------------


def _again(page: Page) -> Page:
    entry = themes.get(page.editor.db, page.entry.id)
    assert entry is not None
    return Page(page.editor, entry, "", page.message_id)


def _one(page: Page, news: str = "") -> list[Letter]:
    """A theme in all its languages, and what can be changed."""
    here, theme, text = page.editor, page.entry.theme, page.editor.text
    lines = [Markup(f"<b>{member_words(theme.name(text.language))}</b>")]
    for language in here.languages:
        name, words = theme.names.get(language, ""), theme.words.get(language, ())
        if name or words or language == here.language:
            listed = ", ".join(words) or text.plain("themes.no_words")
            label = f"{NAMES[language]}, {name}" if name else NAMES[language]
            lines.append(text("themes.line", language=label, words=listed))
    plain = text.plain
    buttons = [
        page.button(plain("themes.button.words", language=NAMES[here.language]), "words", here.language),
        page.button(plain("themes.button.rename"), "rename"),
    ]
    place, last = [entry.id for entry in here.entries].index(page.entry.id), len(here.entries) - 1
    buttons += [page.button(plain("themes.button.up"), "up")] if place else []
    buttons += [page.button(plain("themes.button.down"), "down")] if place < last else []
    buttons.append(page.button(plain("themes.button.remove"), "gone"))
    buttons.append(here.button("common.button.back", "show", str(place // PAGE)))
    parts = [news] if news else []
    return here.show("\n\n".join([*parts, "\n".join(lines)]), buttons, page.message_id)


def _others(page: Page, verb: str, language: str) -> list[Button]:
    """The same in another language."""
    return [page.button(NAMES[one], verb, one) for one in page.editor.languages if one != language]


def _ask_rename(page: Page, language: str) -> list[Letter]:
    here = page.editor
    here.wait_for(RENAME, theme=page.entry.id, language=language)
    back = page.button(here.text.plain("common.button.back"), "one")
    asked = here.text("themes.ask_name", language=NAMES[language], count=rules.MAX_NAME)
    return here.show(asked, [*_others(page, "rename", language), back], page.message_id)


def _ask_words(page: Page, language: str) -> list[Letter]:
    here, text = page.editor, page.editor.text
    here.wait_for(WORDS, theme=page.entry.id, language=language)
    words = page.entry.theme.words.get(language, ())
    parts = [text("themes.ask_words", language=NAMES[language], name=page.entry.theme.name(text.language))]
    buttons = _others(page, "words", language)
    if words:
        parts.append(Markup(f"<code>{member_words(', '.join(words))}</code>"))
        buttons.append(page.button(text.plain("themes.button.none"), "none", language))
    buttons.append(page.button(text.plain("common.button.back"), "one"))
    return here.show("\n\n".join(parts), buttons, page.message_id)


def _move(page: Page, by: int) -> list[Letter]:
    """Let it stand one place earlier or later; the digest shows themes in this order."""
    here = page.editor
    ids = [entry.id for entry in here.entries]
    at = ids.index(page.entry.id)
    to = at + by
    if 0 <= to < len(ids):
        ids[at], ids[to] = ids[to], ids[at]
        themes.place(here.db, ids)
        here.note()
    return _main(here, to // PAGE if 0 <= to < len(ids) else 0, page.message_id)


def _bring_back(page: Page) -> list[Letter]:
    """Undo removing, with what people had said; unless there are too many, or another one is called so by now."""
    here, theme = page.editor, page.entry.theme
    if len(here.entries) >= rules.MAX_THEMES:
        full = here.text("themes.enough", count=rules.MAX_THEMES)
        return here.show(full, [here.button("common.button.back", "show")], page.message_id)
    if any(rules.taken(here.codebook, name) for name in theme.names.values()):
        double = here.text("themes.double", name=theme.name(here.text.language))
        return here.show(double, [here.button("common.button.back", "show")], page.message_id)
    themes.change(here.db, page.entry.id, removed_at=None)
    here.note()
    return _one(_again(page))


# What is written --------------------------------------------------------------------------------------------------


def given(
    db: Connection, person: Person, dialog: Dialog, said: Given, desk: Desk, *, now: datetime
) -> list[Letter]:
    """A name, words, or a file."""
    entry = themes.get(db, int(dialog.data.get("theme", 0)))
    found = editor(db, person, int(dialog.data["network"]), desk, now=now)
    gone = dialog.step in (RENAME, WORDS) and (entry is None or entry.removed_at is not None)
    if found is None or gone:
        dialogs.close(db, person.id)
        return mail.say(To(person=person.id), desk.text(person.language)("error.stale_button"))
    if dialog.step not in (NAME, RENAME, WORDS):
        return codebooks.given(found, said)
    if not said.text.strip():
        return found.show(found.text("themes.no_file"))
    if dialog.step == NAME:
        return _typed_name(found, said.text)
    assert entry is not None
    page = Page(found, entry, "", None)
    language = str(dialog.data["language"])
    take = _typed_rename if dialog.step == RENAME else _typed_words
    return take(page, said.text, language)


def _typed_name(editor: Editor, typed: str) -> list[Letter]:
    named = rules.read_name(typed)
    if named is None or rules.taken(editor.codebook, named[1]) or len(editor.entries) >= rules.MAX_THEMES:
        return editor.show(_unread_name(editor, typed, named))
    dialogs.close(editor.db, editor.person.id)
    language = named[0] or editor.language
    entry = themes.create(editor.db, editor.network_id, Theme("", {language: named[1]}, {}))
    editor.note()
    return _ask_words(Page(editor, entry, "", None), editor.language)


def _unread_name(editor: Editor, typed: str, named: tuple[str | None, str] | None) -> Markup:
    if named is None:
        return editor.text("themes.unread_name", typed=typed[:60], count=rules.MAX_NAME)
    if rules.taken(editor.codebook, named[1]):
        return editor.text("themes.double", name=named[1])
    return editor.text("themes.enough", count=rules.MAX_THEMES)


def _typed_rename(page: Page, typed: str, language: str) -> list[Letter]:
    here, named = page.editor, rules.read_name(typed)
    if named is None or rules.taken(here.codebook, named[1], but=page.entry.code):
        return here.show(_unread_name(here, typed, named))
    dialogs.close(here.db, here.person.id)
    names = {**page.entry.names, named[0] or language: named[1]}
    themes.change(here.db, page.entry.id, names=names)
    here.note()
    return _one(_again(page), here.text("themes.saved"))


def _typed_words(page: Page, typed: str, language: str) -> list[Letter]:
    """Take the words in place of those there are, or (`+`) beside them."""
    adds = typed.lstrip().startswith(MORE)
    had = page.entry.theme.words.get(language, ()) if adds else ()
    found = rules.read_words(typed.lstrip().removeprefix(MORE))
    words = None if found is None else rules.distinct((*had, *found))
    if words is None or len(words) > rules.MAX_WORDS or not words:
        here = page.editor
        unread = here.text("themes.unread_words", count=rules.MAX_WORDS, most=rules.MAX_WORD)
        return here.show(unread)
    return _take_words(page, language, words)


def _take_words(page: Page, language: str, words: tuple[str, ...]) -> list[Letter]:
    here = page.editor
    dialogs.close(here.db, here.person.id)
    kept = {one: list(found) for one, found in page.entry.theme.words.items() if one != language}
    if words:
        kept[language] = list(words)
    themes.change(here.db, page.entry.id, words=kept)
    here.note()
    return _one(_again(page), here.text("themes.saved"))
