"""Which action follows from the answer to a letter, by the letter's kind. A new kind is a line here."""

from bot.actions import (
    arriving,
    contributions,
    digests,
    drafts,
    erasure,
    leaving,
    listening,
    media,
    opening,
    probes,
    prompts,
    rosters,
    setup,
    talk_requests,
    talking,
)
from bot.actions.answer import Action
from storage import talks

ANSWERS: dict[str, Action] = {
    contributions.MARKED: contributions.judge_mark,
    media.FETCH: media.fetched,
    rosters.FETCH: rosters.fetched,
    arriving.MEMBERSHIP: arriving.judge_membership,
    setup.LOOK: setup.looked,
    setup.HISTORY: setup.history_known,
    opening.INTRODUCED: opening.introduced,
    probes.KIND: probes.judge,
    digests.KIND: digests.sent,
    drafts.KIND: drafts.arrived,
    erasure.KIND: erasure.answered,
    leaving.ELSEWHERE: leaving.judge_elsewhere,
    listening.KIND: listening.arrived,
    prompts.KIND: prompts.stood,
    prompts.TOPIC: prompts.topic_made,
    talk_requests.ALERT: talk_requests.alerted,
    talks.KIND: talking.passed_on,
}
