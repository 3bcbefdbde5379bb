"""The equations: what happens to clients from session to session.

Arrays have one entry a client and hold float32. `follow` is the only loop, over sessions; the
steps that it takes bear the headings of the model page (`datasets/MODEL.md`), in its order and with
its letters. Numbers come from `Parameters`; a world may override any of them client by client,
which is how the same clients are put into many worlds at once.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from alliance_course.measure.form import COMPONENTS
from alliance_course.simulate.parameters import TREATMENTS, Parameters

WAITLIST = TREATMENTS.index("waitlist")
SYMPTOM_MAX, SYMPTOM_INTAKE, SYMPTOM_PER_SD = 27, 15.0, 5.0


@dataclass
class People:
    """Who takes part: one entry a client in each array."""

    condition: np.ndarray
    treatment: np.ndarray
    planned: np.ndarray
    # the client's therapist: alliance, outcome, repair skill, competence (all standard normal)
    therapist: np.ndarray
    lift: Any = 0.0
    dose: Any = 1.0
    study_factor: Any = 1.0
    hold: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    # added to a component from the next session on, in SD; as dose and overrides do, it may change
    # while the clients are followed
    raised: Mapping[str, Any] = field(default_factory=dict)
    # how readily the therapist's clients leave, whatever else is so (standard normal)
    losing: Any = 0.0

    def part(self, chosen: slice) -> "People":
        """Some of the clients."""

        def cut(entry: Any) -> Any:
            if isinstance(entry, Mapping):
                return {key: cut(value) for key, value in entry.items()}
            return entry[..., chosen] if isinstance(entry, np.ndarray) else entry

        return People(*(cut(getattr(self, f.name)) for f in fields(self)))


def split(rng: np.random.Generator, count: int) -> list[np.random.Generator]:
    """Generators that are independent of each other and depend on nothing but `rng`'s state.

    `Generator.spawn` would also depend on how often its seed has been spawned from before, so that
    the same seed used twice would give two answers.
    """
    root = np.random.SeedSequence(rng.integers(2**63, size=2).tolist())
    return [np.random.default_rng(child) for child in root.spawn(count)]


class Draws:
    """Random numbers for `n` clients; with `worlds` > 1 every world gets the same ones."""

    def __init__(self, rng: np.random.Generator, n: int, worlds: int = 1) -> None:
        self.rng, self.n, self.worlds = rng, n // worlds, worlds

    def _spread(self, values: np.ndarray) -> np.ndarray:
        return values if self.worlds == 1 else np.tile(values, self.worlds)

    def normal(self) -> np.ndarray:
        return self._spread(self.rng.standard_normal(self.n, dtype=np.float32))

    def uniform(self) -> np.ndarray:
        return self._spread(self.rng.random(self.n, dtype=np.float32))


def expit(x: Any) -> Any:
    # a Python float stays one: a numpy scalar would turn the arrays it meets into float64
    return 1 / (1 + math.exp(-x)) if isinstance(x, float) else 1 / (1 + np.exp(-x))


def residual(loading: Any) -> Any:
    if isinstance(loading, float):
        return math.sqrt(1 - loading**2)
    return np.sqrt(1 - np.square(loading))


class _Course:
    """Clients on their way through therapy: what is so now, and the steps that change it."""

    def __init__(self, people: People, p: Parameters, draws: Draws) -> None:
        self.people, self.p = people, p
        self.normal, self.uniform = draws.normal, draws.uniform
        self.treated = (people.treatment != WAITLIST).astype(np.float32)

    def value(self, name: str) -> Any:
        """A number of the model. Looked up anew in each session, since a world may change it."""
        found = self.people.overrides.get(name)
        return float(getattr(self.p, name)) if found is None else found

    def components(self, general: Any) -> dict[str, Any]:
        """Bond, goal and task of this session."""
        people = self.people
        drawn = {c: self.loading[c] * general + self.own[c] + self.swings[c] for c in COMPONENTS}
        for c, by in people.raised.items():
            drawn[c] = drawn[c] + by
        return {c: people.hold[c] + 0 * drawn[c] if c in people.hold else drawn[c] for c in drawn}

    def before_therapy(self) -> None:
        """Before therapy."""
        people, value, normal = self.people, self.value, self.normal
        effects = np.asarray(self.p.technique_effects, dtype=np.float32)
        shares = np.asarray(self.p.common_shares, dtype=np.float32)
        self.tau = effects[people.condition, people.treatment]
        self.share = self.treated * shares[people.condition]
        u, v, self.u_repair, u_competence = people.therapist
        corr = value("therapist_correlation")
        v = corr * u + residual(corr) * v

        self.readiness, self.severity, self.halo = normal(), normal(), normal()
        kp = value("readiness_alliance")
        standard = kp * self.readiness + residual(kp) * normal()
        self.stable = value("alliance_trait_sd") * standard + value("therapist_alliance_sd") * u
        self.impression = value("impression_sd") * normal()
        self.learned = np.zeros_like(self.severity)
        agreement, bond = value("agreement_loading"), value("bond_loading")
        self.loading = {"bond": bond, "goal": agreement, "task": agreement}
        self.own = {c: residual(self.loading[c]) * normal() for c in COMPONENTS}

        spiral, inertia = value("spiral"), value("alliance_inertia")
        own_strength = spiral * standard + residual(spiral) * normal()
        strength = np.maximum(0, 1 + value("alliance_strength_sd") * own_strength)
        self.strength = people.study_factor * self.treated * strength
        self.wave = value("alliance_session_sd") / residual(inertia) * normal()
        swing = value("component_session_sd") / residual(inertia)
        self.swings = {c: swing * normal() for c in COMPONENTS}

        share = value("competence_therapist_share")
        mixed = share**0.5 * u_competence + (1 - share) ** 0.5 * normal()
        self.competence = value("competence_sd") * mixed
        usual = value("natural_course") + value("severity_persistence") * self.severity
        self.usual = usual
        self.set_point = usual + value("course_sd") * normal()
        # the ready change more, slowly, with or without therapy
        self.own_change = value("readiness_effect") * self.readiness
        self.common = (
            value("therapy_lift")
            + people.lift
            + value("therapist_outcome_sd") * v
            + value("competence_effect") * self.competence
        )
        self.rate = np.minimum(1, value("change_rate") * np.exp(value("change_rate_sd") * normal()))
        self.own_dose = value("dose_sd") * normal()
        self.own_defensiveness, self.own_disclosure, self.own_homework = (
            normal(),
            normal(),
            normal(),
        )
        self.landing = expit(value("uptake_logit"))
        self.usual_disclosure = expit(value("disclosure_logit"))
        self.usual_homework = expit(value("homework_logit"))
        self.usual_alliance = value("alliance_mean")

        self.symptoms = self.before = self.expected = self.severity
        self.change = self.expected_change = self.expected_fall = np.zeros_like(self.severity)
        self.strain = self.undone = np.zeros_like(self.severity)
        self.well: Any = 0  # sessions in a row in which things were good enough
        general = self.usual_alliance + self.stable + self.impression
        self.now = self.components(general)
        self.alliance = sum(self.now.values()) / 3

    def in_session(self, session: int) -> dict[str, Any]:
        """In session t."""
        value, normal = self.value, self.normal
        # what the therapist sees of how far the client is behind what could be expected
        self.behind = self.symptoms - self.expected
        seen = value("progress_knowledge")
        stalled = self.symptoms - self.before - self.expected_fall
        technique = self.treated * np.maximum(
            0,
            self.people.dose
            + self.own_dose
            + value("responsiveness") * seen * stalled
            + value("dose_session_sd") * normal(),
        )
        self.helped = value("adaptation") * seen * np.maximum(0, self.behind)

        if session > 1:
            inertia = value("alliance_inertia")
            felt_symptoms = value("reverse_path") * self.before
            self.wave = (
                inertia * self.wave + value("alliance_session_sd") * normal() - felt_symptoms
            )
            swing = value("component_session_sd")
            for c in COMPONENTS:
                self.swings[c] = inertia * self.swings[c] + swing * normal()
            self.impression = value("impression_inertia") * self.impression
        self.rupture = self.uniform() < self.treated * expit(
            value("rupture_logit") - value("rupture_slope") * self.alliance
        )
        self.repaired = self.rupture & (
            self.uniform()
            < expit(
                value("repair_logit")
                + value("repair_skill_sd") * self.u_repair
                + value("repair_slope") * self.stable
            )
        )
        # as float32: a boolean times a Python float would give float64
        ruptured, mended = self.rupture.astype(np.float32), self.repaired.astype(np.float32)
        self.lesson = mended - value("rupture_lesson") * ruptured
        self.unmended = ruptured - mended
        added = value("strain_per_rupture")
        self.strain = value("strain_inertia") * (self.strain - self.undone) + added * ruptured
        self.undone = added * value("repair_path") * mended
        general = self.usual_alliance + self.stable + self.impression + self.learned + self.wave
        self.now = self.components(general - self.strain)
        self.alliance = sum(self.now.values()) / 3

        started = session / value("warm_up")
        started = min(1.0, started) if isinstance(started, float) else np.minimum(1, started)
        self.working = started * value("alliance_path") * self.strength
        self.felt = {c: self.working * self.now[c] for c in COMPONENTS}
        m = value("bond_defensiveness")
        defensiveness = residual(m) * self.own_defensiveness - m * self.felt["bond"]
        self.disclosure = expit(
            value("disclosure_logit")
            + value("bond_disclosure") * self.felt["bond"]
            + value("disclosure_sd") * self.own_disclosure
            + value("disclosure_session_sd") * normal()
        )
        self.homework = value("homework_set") * expit(
            value("homework_logit")
            + value("task_homework") * self.felt["task"]
            + value("readiness_homework") * self.readiness
            + value("homework_sd") * self.own_homework
            + value("homework_session_sd") * normal()
        )
        uptake = expit(
            value("uptake_logit")
            + value("task_uptake") * self.felt["task"]
            - value("defensiveness_path") * defensiveness
        )
        done = 1 + value("homework_share") * (self.homework / self.usual_homework - 1)
        self.landed = technique * (uptake / self.landing) * done
        return {
            "session": session,
            **self.now,
            "strain": self.strain,
            "technique": technique,
            "defensiveness": defensiveness,
            "disclosure": self.disclosure,
            "homework": self.homework,
            "rupture": self.rupture,
            "repaired": self.repaired,
            "symptoms": self.symptoms,
            "halo": self.halo,
        }

    def leaving_and_ending(self, session: int) -> tuple[np.ndarray, np.ndarray]:
        """Leaving and ending: who leaves now, and who ends because things are good enough."""
        value = self.value
        leaving = expit(
            value("dropout_logit")
            - value("dropout_fall") * math.log(session)
            - value("dropout_slope") * self.alliance
            + value("dropout_rupture") * self.unmended
            + value("dropout_progress") * self.behind
            + value("therapist_dropout_sd") * self.people.losing
        )
        leaves = self.uniform() < self.treated * leaving
        in_a_row = value("ending_sessions")
        if isinstance(in_a_row, float) and in_a_row == 0:
            return leaves, np.zeros_like(leaves)
        well = self.symptoms <= value("good_enough")
        self.well = np.where(well, self.well + 1, 0)
        return leaves, (in_a_row > 0) & (self.well >= in_a_row)

    def by_the_next_session(self) -> None:
        """By the next session."""
        value, phi = self.value, self.value("symptom_inertia")
        said = value("disclosure_path") * (self.disclosure - self.usual_disclosure)
        tried = value("engagement_path") * (self.homework - self.usual_homework)
        work = self.share * (self.common + said + tried + self.helped) + self.tau * self.landed
        self.change = self.change + self.rate * (work + self.own_change - self.change)
        turns = self.uniform() < expit(value("shift_logit") + value("shift_work") * work)
        shift = value("shift_size") * turns.astype(np.float32)
        self.set_point = self.set_point - shift
        g = value("goal_steadiness")
        week = np.exp(-g * self.felt["goal"] - g**2) * self.normal()
        eased = self.share * (
            value("task_effect") * self.felt["task"]
            - value("strain_harm") * self.working * self.strain
        )
        after = (
            phi * (self.symptoms - shift)
            + (1 - phi) * (self.set_point - self.change)
            - eased
            + value("symptom_session_sd") * week
        )

        kept = self.homework - self.usual_homework
        learning = value("alliance_learning") * self.treated
        self.learned = self.learned + learning * (kept + self.lesson)

        # what a therapist who knows the usual pace of change would expect by next week
        usual_work = self.share * value("therapy_lift") + self.tau
        self.expected_change = self.expected_change + value("change_rate") * (
            usual_work - self.expected_change
        )
        expected = phi * self.expected + (1 - phi) * (self.usual - self.expected_change)
        self.expected_fall, self.expected = expected - self.expected, expected
        self.before, self.symptoms = self.symptoms, after


def follow(people: People, p: Parameters, draws: Draws) -> Iterator[dict[str, Any]]:
    """Follow clients through therapy: one dict a session, and a last one with the outcome.

    Every dict holds arrays with one entry a client. Symptoms are those on arrival, before the
    session; the alliance is that after it. `present` marks who attends.
    """
    course = _Course(people, p, draws)
    course.before_therapy()
    present = people.planned >= 1
    agreed = np.zeros_like(present)
    outcome, attended = course.severity.copy(), np.zeros_like(people.planned)

    for session in range(1, int(people.planned.max()) + 1):
        now = course.in_session(session)
        leaves, ends = course.leaving_and_ending(session)
        course.by_the_next_session()
        yield {**now, "present": present}
        outcome = np.where(present, course.symptoms, outcome)
        attended = attended + present
        agreed = agreed | (present & ends)
        present = present & ~leaves & ~ends & (session < people.planned)

    loading = course.value("facet_loading")
    facet = loading * outcome + residual(loading) * draws.normal()
    yield {
        "outcome": outcome,
        "symptoms": course.symptoms,
        "attended": attended,
        "dropped_out": (attended < people.planned) & ~agreed,
        "readiness": course.readiness,
        "severity": course.severity,
        "competence": course.competence,
        "outcome_target": facet - course.value("targeted_gain") * (people.dose - 1),
        "halo": course.halo,
    }
