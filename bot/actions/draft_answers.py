"""Every answer of a draft, under its theme, page by page.

They are shown in place of the draft, so that what is taken back meanwhile goes with the message.
"""

from bot.actions import draft_themes, drafts, material
from bot.actions.draft_press import Press, Reaction, Verbs
from bot.core import digest as core
from bot.core import themes, voices
from bot.core.letters import Keyboard, page_of
from bot.render import answers
from storage import audit


def _all(press: Press) -> Reaction:
    """Show a page; who has turned the last one has been shown everything."""
    scene, text = press.again(), press.text
    whole = material.standing(press.db, scene)
    pages = answers.pages(core.said(whole), text, whole.named, _shelves(whole))
    number = min(page_of(press.nonce), max(0, len(pages) - 1))
    if not number:
        about = {"network_id": scene.network.id, "person_id": press.person.id, "digest": scene.digest.id}
        audit.note(press.db, "appendix", now=scene.now, **about)
    last = number + 1 >= len(pages)
    if last and not scene.digest.kept.get("read"):
        press.change(content={**scene.digest.kept, "read": scene.now.isoformat()})
    rows = [] if last else [(drafts.button(scene, text, "more", str(number + 1)),)]
    rows += [(button,) for button in draft_themes.offered(press)]
    keyboard = Keyboard((*rows, (drafts.button(scene, text, "back"),)))
    return press.show("\n\n".join([text("digests.all"), *pages[number : number + 1]]), keyboard)


def _shelves(whole: core.Material) -> answers.Shelves:
    """The network's themes in their order, and the words that come back in what has none."""
    if not whole.codebook:
        return answers.Shelves()
    replies = [reply for reply in whole.replies if voices.kept(reply)]
    about = core.assigned(whole, replies)
    places = {code: place for place, code in enumerate(whole.theme_order)}
    order = sorted(whole.codebook, key=lambda theme: places.get(theme.code, len(places)))
    return answers.Shelves(tuple(order), themes.unassigned(replies, about, whole.language))


VERBS: Verbs = {"all": (drafts.SHOWN, _all), "more": (drafts.SHOWN, _all)}
