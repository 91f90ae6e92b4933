"""Which action follows from the answer to a letter, by the letter's kind. A new kind is a line here."""

from bot.actions import (
    arriving,
    codebooks,
    contributions,
    drafts,
    erasure,
    leaving,
    listening,
    media,
    opening,
    printing,
    probes,
    prompts,
    rosters,
    sending,
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
    codebooks.FETCH: codebooks.fetched,
    arriving.MEMBERSHIP: arriving.judge_membership,
    setup.LOOK: setup.looked,
    setup.HISTORY: setup.history_known,
    opening.INTRODUCED: opening.introduced,
    probes.KIND: probes.judge,
    sending.KIND: sending.sent,
    sending.COPY: sending.sent,
    sending.MENDED: printing.mended,
    printing.KIND: printing.arrived,
    printing.MENDED: printing.mended,
    drafts.KIND: drafts.arrived,
    erasure.KIND: erasure.answered,
    leaving.ELSEWHERE: leaving.judge_elsewhere,
    listening.KIND: listening.arrived,
    prompts.KIND: prompts.stood,
    prompts.TOPIC: prompts.topic_made,
    talk_requests.ALERT: talk_requests.alerted,
    talks.KIND: talking.passed_on,
}
