"""From the model's arrays to tidy tables, chunk by chunk."""

from typing import Any

import numpy as np
import pandas as pd

from alliance_course.measure.form import COMPONENTS, ITEMS, RATERS, REVERSED_ITEMS
from alliance_course.simulate.equations import SYMPTOM_MAX, WAITLIST, Draws, People, follow, split
from alliance_course.simulate.parameters import CONDITIONS, TREATMENTS, Parameters
from alliance_course.simulate.ratings import Raters, draw_items, symptom_score, true_score

# Clients are simulated in chunks that stay in the processor's cache; each chunk has a seed of
# its own, so that the answer does not depend on who computes it.
CHUNK = 8192

TRUE = (*COMPONENTS, "strain", "technique", "defensiveness", "disclosure", "homework")
_FLAGS = ("rupture", "repaired")
RATINGS = (
    *(f"{component}_client" for component in COMPONENTS),
    *(f"alliance_{rater}" for rater in RATERS),
)
_IN_THERAPY = (*TRUE, *RATINGS)
SESSION_TYPES: dict[str, Any] = {
    "client": np.int32,
    "session": np.int8,
    **dict.fromkeys(TRUE, np.float32),
    **dict.fromkeys(_FLAGS, bool),
    **{f"rupture_{rater}": bool for rater in RATERS},
    "distress": np.float32,
    "symptoms": np.int8,
    **dict.fromkeys(RATINGS, np.float32),
}
_CLIENT_TYPES: dict[str, Any] = {
    "severity_intake": np.int8,
    "expectation": np.float32,
    "readiness": np.float32,
    "sessions_planned": np.int8,
    "sessions_attended": np.int8,
    "dropped_out": bool,
    "outcome": np.int8,
    "outcome_clinician": np.int8,
    "outcome_target": np.float32,
    "empathy": np.float32,
    "adherence": np.float32,
    "competence": np.float32,
    "homework_mean": np.float32,
}


class Frames:
    """Columns that are filled chunk by chunk and become the frames of a `Trial`."""

    def __init__(self, people: People, therapist: np.ndarray, p: Parameters, items: bool) -> None:
        n, rows = len(people.planned), int(people.planned.sum())
        self.people, self.therapist, self.p, self.items = people, therapist, p, items
        self.sessions = {name: np.empty(rows, dtype=kind) for name, kind in SESSION_TYPES.items()}
        self.clients = {name: np.empty(n, dtype=kind) for name, kind in _CLIENT_TYPES.items()}
        self.answers: list[pd.DataFrame] = []
        self.filled = 0

    def simulate(self, rng: np.random.Generator) -> None:
        """Follow all clients, a chunk after the other."""
        starts = range(0, len(self.therapist), CHUNK)
        for start, child in zip(starts, split(rng, len(starts)), strict=True):
            self._chunk(slice(start, min(start + CHUNK, len(self.therapist))), child)

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
        sessions = {name: column[: self.filled] for name, column in self.sessions.items()}
        people = self.people
        clients = {
            "client": np.arange(1, len(self.therapist) + 1, dtype=np.int32),
            "therapist": self.therapist.astype(np.int32),
            "condition": pd.Categorical.from_codes(people.condition, list(CONDITIONS)),
            "treatment": pd.Categorical.from_codes(people.treatment, list(TREATMENTS)),
            **self.clients,
        }
        items = None
        if self.items:
            items = pd.concat(self.answers, ignore_index=True)
            items["rater"] = pd.Categorical(items["rater"], categories=list(RATERS))
            items = items.sort_values(["client", "session", "rater"], ignore_index=True)
        return pd.DataFrame(clients, copy=False), pd.DataFrame(sessions, copy=False), items

    def _chunk(self, part: slice, rng: np.random.Generator) -> None:
        p, some = self.p, self.people.part(part)
        n, n_sessions = len(some.planned), int(some.planned.max())
        # ratings draw from streams of their own: asking for items changes nothing else
        path_rng, rating_rng, item_rng = split(rng, 3)
        raters = Raters(p, rating_rng, n, RATERS)
        block = {
            name: np.empty((n_sessions, n), dtype=kind)
            for name, kind in SESSION_TYPES.items()
            if name not in ("client", "session")
        }
        present = np.empty((n_sessions, n), dtype=bool)
        ids = np.arange(part.start + 1, part.stop + 1, dtype=np.int32)
        technique, homework = np.zeros((2, n), dtype=np.float32)
        general_4 = np.full(n, np.nan, dtype=np.float32)

        def noise() -> np.ndarray:
            return rating_rng.standard_normal(n, dtype=np.float32)

        for now in follow(some, p, Draws(path_rng, n)):
            if "outcome" in now:
                break
            row = now["session"] - 1
            present[row] = now["present"]
            for name in (*TRUE, *_FLAGS):
                block[name][row] = now[name]
            for rater in RATERS:
                hit, false = getattr(p, f"notices_{rater}"), getattr(p, f"imagines_{rater}")
                chance = np.float32(false) + np.float32(hit - false) * now["rupture"]
                block[f"rupture_{rater}"][row] = rating_rng.random(n, dtype=np.float32) < chance
            block["distress"][row] = true_score(now["symptoms"])
            seen = now["symptoms"] - p.same_rater * now["halo"]
            block["symptoms"][row] = symptom_score(seen, noise(), p)
            for rater in RATERS:
                ticked = raters.sums(rater, now)
                total = sum(sums for _, sums in ticked.values())
                block[f"alliance_{rater}"][row] = 1 + total / np.float32(12)
                if rater == "client":
                    for component in COMPONENTS:
                        block[f"{component}_client"][row] = 1 + ticked[component][1] / np.float32(4)
                if self.items:
                    self._add_items(ids, row + 1, rater, ticked, raters, item_rng, present[row])
            technique += now["technique"] * now["present"]
            homework += now["homework"] * now["present"]
            if row == 3:
                general_4 = (now["bond"] + now["goal"] + now["task"]) / 3

        waiting = some.treatment == WAITLIST
        if waiting.any():
            for name in _IN_THERAPY:
                block[name][:, waiting] = np.nan
            for rater in RATERS:
                block[f"rupture_{rater}"][:, waiting] = False
        self._add_sessions(ids, block, present)

        attended, rest = now["attended"], 1 - p.empathy_alliance**2 - p.empathy_readiness**2
        empathy = p.empathy_alliance * general_4 + p.empathy_readiness * now["readiness"]
        empathy = empathy + np.sqrt(max(rest, 0)) * noise()
        empathy = np.clip(p.empathy_mean + p.empathy_sd * empathy, 1, 5)
        expectation = p.expectation_readiness * now["readiness"]
        expectation = expectation + np.sqrt(1 - p.expectation_readiness**2) * noise()
        seen = now["outcome"] - p.same_rater * now["halo"]
        client_form = symptom_score(seen, noise(), p)
        clinician_form = symptom_score(now["outcome"], noise(), p)
        adherence = technique / attended - 1 + p.adherence_error * noise()
        competence = now["competence"] + p.competence_error * noise()
        person = {
            "severity_intake": block["symptoms"][0],
            "expectation": np.clip(p.expectation_mean + p.expectation_sd * expectation, 0, 10),
            "readiness": now["readiness"],
            "sessions_planned": some.planned,
            "sessions_attended": attended,
            "dropped_out": now["dropped_out"],
            "outcome": SYMPTOM_MAX - client_form,
            "outcome_clinician": SYMPTOM_MAX - clinician_form,
            "outcome_target": now["outcome_target"],
            "empathy": np.where(attended < 4, np.nan, empathy),
            "adherence": np.clip(p.scale_middle + p.adherence_points * adherence, 1, 7),
            "competence": np.clip(p.scale_middle + p.competence_points * competence, 1, 7),
            "homework_mean": homework / attended,
        }
        for name, values in person.items():
            self.clients[name][part] = values
        for name in ("empathy", "adherence", "competence", "homework_mean"):
            self.clients[name][part][waiting] = np.nan

    def _add_sessions(
        self, ids: np.ndarray, block: dict[str, np.ndarray], present: np.ndarray
    ) -> None:
        """Append the attended sessions, client by client, from arrays that run session first."""
        n_sessions, n = present.shape
        chosen = np.flatnonzero(present.T)
        column = chosen // n_sessions
        row = chosen - column * n_sessions
        end = self.filled + len(chosen)
        self.sessions["client"][self.filled : end] = ids[column]
        self.sessions["session"][self.filled : end] = row + 1
        where = row * n + column
        for name, values in block.items():
            values.ravel().take(where, out=self.sessions[name][self.filled : end], mode="clip")
        self.filled = end

    def _add_items(
        self,
        ids: np.ndarray,
        session: int,
        rater: str,
        ticked: dict[str, tuple[np.ndarray, np.ndarray]],
        raters: Raters,
        rng: np.random.Generator,
        present: np.ndarray,
    ) -> None:
        """Append one rater's answers to the twelve items in one session, as they were ticked."""
        columns: dict[str, Any] = {"client": ids, "session": np.int8(session), "rater": rater}
        for component, (bins, sums) in ticked.items():
            answers = draw_items(raters.tables, bins, sums, rng)
            for number, answer in enumerate(answers, start=1):
                item = f"{component}_{number}"
                columns[item] = 6 - answer if item in REVERSED_ITEMS else answer
        frame = pd.DataFrame(columns)[present]
        self.answers.append(frame.astype({item: "Int8" for item in ITEMS}))
