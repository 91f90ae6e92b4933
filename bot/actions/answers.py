"""Which action follows from the answer to a letter, by the letter's kind. A new kind is a line here."""

from bot.actions import contributions, digests, drafts, joining, media, probes, prompts, setup
from bot.actions.answer import Action

ANSWERS: dict[str, Action] = {
    contributions.MARKED: contributions.judge_mark,
    media.FETCH: media.fetched,
    joining.MEMBERSHIP: joining.judge_membership,
    setup.LOOK: setup.looked,
    setup.HISTORY: setup.history_known,
    setup.INTRODUCED: setup.introduced,
    probes.KIND: probes.judge,
    digests.KIND: digests.sent,
    drafts.KIND: drafts.arrived,
    prompts.KIND: prompts.stood,
    prompts.TOPIC: prompts.topic_made,
}
