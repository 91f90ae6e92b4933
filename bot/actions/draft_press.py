"""A button of a draft while somebody presses it: what its function works with, and what comes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.actions import drafts, material
from bot.actions.material import Scene
from bot.core import mail
from bot.core.letters import Keyboard
from bot.core.mail import Letter, To
from bot.core.texts import Text
from storage import dialogs, digests
from storage.db import Connection
from storage.digests import Digest
from storage.people import Person

DIALOG = "digests"
BELOW = "below"  # the nonce of a button whose message stays: what it leads to is a message of its own
LASTS = timedelta(hours=1)  # so long the next thing typed is taken for a word, an hour or a passage


@dataclass(frozen=True)
class Reaction:
    """What a press brings: letters, and what the button says at once."""

    letters: Sequence[Letter] = ()
    answer: str = ""
    alert: bool = False


@dataclass(frozen=True)
class Press:
    """A button of a draft, pressed by somebody who decides."""

    db: Connection
    scene: Scene
    person: Person
    text: Text
    nonce: str
    message_id: int | None

    @property
    def digest(self) -> Digest:
        """The digest it is about."""
        return self.scene.digest

    @property
    def to(self) -> To:
        """The private chat."""
        return To(person=self.person.id)

    def change(self, **values: object) -> None:
        """Change the digest."""
        digests.change(self.db, self.digest.id, **values)

    def refreshed(self, answer: str = "") -> Reaction:
        """Show everybody how it stands now, in the pressed message too, whichever that is."""
        scene = self.again()
        letters = drafts.refresh(self.db, scene.digest.id, scene.desk, now=scene.now)
        here = (self.to, self.message_id)
        others = [one for one in letters if (one.to, one.params.get("message_id")) != here]
        if self.message_id is None:
            return Reaction(others, answer)
        # Without the key by which a draft follows its changes: something else stands there, and nothing has changed.
        shown, keyboard = drafts.page(scene, material.standing(self.db, scene), self.text)
        return Reaction([*others, mail.edit(self.to, self.message_id, shown, keyboard)], answer)

    def draft(self, number: int) -> Reaction:
        """Show a page of the draft in place of the pressed message."""
        scene = self.again()
        return self.show(*drafts.page(scene, material.standing(self.db, scene), self.text, number))

    def others(self) -> list[Letter]:
        """Let everybody else's message follow; in this chat, something else stands in the draft's place."""
        letters = drafts.refresh(self.db, self.digest.id, self.scene.desk, now=self.scene.now)
        return [one for one in letters if one.to != self.to]

    def again(self) -> Scene:
        """Return the scene as it is now."""
        scene = material.scene(self.db, self.digest.id, self.scene.desk, now=self.scene.now)
        assert scene is not None
        return scene

    def show(self, words: str, keyboard: Keyboard | None = None, *, quotes: Sequence[int] = ()) -> Reaction:
        """Put something else in place of the pressed message; `quotes`: of whose words a new one has."""
        if self.message_id is None:
            about = {"quotes": list(quotes)} if quotes else None
            return Reaction(mail.say(self.to, words, keyboard, about=about))
        return Reaction([mail.edit(self.to, self.message_id, words, keyboard)])


def stale(text: Text) -> Reaction:
    """Say that a button means nothing any more."""
    return Reaction(answer=text.plain("error.stale_button"), alert=True)


Verbs = dict[
    str, tuple[tuple[str, ...], Callable[[Press], Reaction]]
]  # by verb: in which states, and what it does


def wait_for(press: Press, step: str, about: str = "") -> None:
    """Take what this person types next for this step of `TYPED`; `about` is the nonce it is pressed with."""
    data = {"digest": press.digest.id, "message": press.message_id, "about": about}
    dialogs.put(press.db, press.person.id, DIALOG, step, data, now=press.scene.now, lasts=LASTS)
