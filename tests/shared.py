"""What tests of several lessons ask for."""

from datetime import UTC, datetime

from alliance_course.data.tables import package
from alliance_course.questions.progress import record

_KEYS = ("n_clients", "n_therapists", "n_sessions", "conditions", "treatments")
# how the clinic is laid out, for other clients in it
CLINIC = {key: package()["clinic"][key] for key in _KEYS}


def readings(picture, **values):
    """What each readout of an explorer's picture says at these controls, by its name."""
    return {r.name: picture.at(r.surface, values)[r.index] for r in picture.readouts}


def guess(question_id, choice, path=None):
    """Note a guess as the page does; returns what the learner is told."""
    at = datetime.now(UTC).isoformat()
    noted = {question_id: {"guess": choice, "at": at}}
    return record({"version": 2, "guesses": noted, "answers": {}}, path)[1]
