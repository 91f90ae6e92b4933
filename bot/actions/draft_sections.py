"""The parts of a draft: left out of it and put back, and the order of its themes.

What is left out is not shown; it still counts. One more part is a line in `NAMES`, as in `bot.core.digest.SECTIONS`.
"""

from dataclasses import replace

from bot.actions import drafts, material, singles
from bot.actions.draft_masks import mark_of
from bot.actions.draft_press import Press, Reaction, Verbs, stale
from bot.core import arranging
from bot.core import digest as core
from bot.core.digest import Choice, Digest, Material
from bot.core.letters import Button, Keyboard, callback, member_words
from bot.core.mail import Letter
from bot.core.texts import Markup

NAMES = {
    "questions": "drafts.part_questions",
    "agree": "drafts.part_agree",
    "differ": "drafts.part_differ",
    "results": "drafts.part_results",
    "voices": "drafts.part_voices",
    "singles": "drafts.part_singles",
    "themes": "drafts.part_themes",
    "turnout": "drafts.part_turnout",
}


def offered(whole: Material, choice: Choice) -> list[str]:
    """Return the ways to these screens, as far as there is something to change."""
    return ["sections", "themes"] if len(_composed(whole, choice).themes) > 1 else ["sections"]


def _composed(whole: Material, choice: Choice) -> Digest:
    """The digest as if no part of it was left out."""
    return core.compose(replace(whole, hidden=frozenset()), choice)


def _there(digest: Digest) -> dict[str, bool]:
    """Which parts have something in them."""
    return {
        "questions": bool(digest.questions or digest.own_questions),
        "agree": bool(digest.agreements),
        "differ": bool(digest.differences),
        "results": bool(digest.results),
        "voices": bool(digest.sections),
        "singles": bool(digest.singles),
        "themes": bool(digest.themes),
        "turnout": digest.people > 0,
    }


def _sections(press: Press) -> Reaction:
    """List the parts, each with a button that leaves it out or puts it back."""
    scene, text = press.again(), press.text
    whole = material.standing(press.db, scene)
    there = _there(_composed(whole, scene.choice))
    lines, rows = [text("drafts.parts")], []
    for name, id in NAMES.items():
        hidden = name in whole.hidden
        if not hidden and not there[name]:
            continue
        part = text.plain(id)
        lines.append(text("drafts.part_out", part=part) if hidden else text("drafts.part_in", part=part))
        verb = "put" if hidden else "leave"
        label = text.plain(drafts.LABELS[verb], part=part)
        rows.append((Button(label, callback(f"digests.{verb}", scene.digest.id, name)),))
    rows.append((drafts.button(scene, text, "back"),))
    return press.show("\n".join(lines), Keyboard(tuple(rows)))


def _leave(press: Press) -> Reaction:
    return _set(press, left_out=True)


def _put(press: Press) -> Reaction:
    return _set(press, left_out=False)


def _set(press: Press, *, left_out: bool) -> Reaction:
    if press.nonce not in NAMES:
        return stale(press.text)
    kept = press.digest.kept
    hidden = set(kept.get("hidden_sections", ())) - {press.nonce}
    names = [name for name in NAMES if name in hidden or (left_out and name == press.nonce)]
    press.change(content={**kept, "hidden_sections": names})
    letters: list[Letter] = []
    if press.nonce == "singles" and not left_out:  # nobody was asked while there was no place for it
        letters += singles.ask(press.db, press.digest.id, press.scene.desk, now=press.scene.now)
    here = _sections(press)
    return Reaction([*here.letters, *press.others(), *letters], press.text.plain("digests.done"))


# Themes -----------------------------------------------------------------------------------------------------------


def _themes(press: Press) -> Reaction:
    """List the themes in their order, each but the first with a button that moves it up."""
    scene, text = press.again(), press.text
    digest = _composed(material.standing(press.db, scene), scene.choice)
    names = {theme.code: theme.name(text.language) for theme in digest.codebook}
    lines, rows = [text("drafts.themes")], []
    for number, talked in enumerate(digest.themes, 1):
        name = names.get(talked.code, talked.code)
        lines.append(Markup(f"{number}. {member_words(name)}"))
        if number > 1:
            label = text.plain(drafts.LABELS["up"], theme=name)
            rows.append((Button(label, callback("digests.up", scene.digest.id, mark_of(talked.code))),))
    rows.append((drafts.button(scene, text, "back"),))
    return press.show("\n".join(lines), Keyboard(tuple(rows)))


def _up(press: Press) -> Reaction:
    """Let a theme stand one place further up."""
    scene = press.again()
    digest = _composed(material.standing(press.db, scene), scene.choice)
    codes = [talked.code for talked in digest.themes]
    code = next((one for one in codes if mark_of(one) == press.nonce), None)
    if code is None:
        return stale(press.text)
    press.change(content={**scene.digest.kept, "theme_order": list(arranging.raised(codes, code))})
    here = _themes(press)
    return Reaction([*here.letters, *press.others()], press.text.plain("digests.done"))


VERBS: Verbs = {
    "sections": (drafts.SHOWN, _sections),
    "leave": (drafts.SHOWN, _leave),
    "put": (drafts.SHOWN, _put),
    "themes": (drafts.SHOWN, _themes),
    "up": (drafts.SHOWN, _up),
}
