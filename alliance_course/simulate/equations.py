"""The equations: what happens to clients from session to session, and what raters see of it.

Arrays have one entry a client and hold float32. `follow` is the only loop, over sessions. Numbers
come from `Parameters`; a world may override any of them client by client, which is how the same
clients are put into many worlds at once.
"""

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
    return 1 / (1 + np.exp(-x))


def _residual(loading: Any) -> Any:
    return np.sqrt(1 - np.square(loading))


def follow(people: People, p: Parameters, draws: Draws) -> Iterator[dict[str, Any]]:
    """Follow clients through therapy: one dict a session, and a last one with the outcome.

    Every dict holds arrays with one entry a client. Symptoms are those on arrival, before the
    session; the alliance is that after it. `present` marks who attends.
    """

    def value(name: str) -> Any:
        return people.overrides.get(name, getattr(p, name))

    normal, uniform = draws.normal, draws.uniform
    treated = (people.treatment != WAITLIST).astype(np.float32)
    effects = np.asarray(p.technique_effects, dtype=np.float32)
    tau = effects[people.condition, people.treatment]
    u_alliance, u_outcome, u_repair, u_competence = people.therapist
    corr = value("therapist_correlation")
    u_outcome = corr * u_alliance + _residual(corr) * u_outcome

    readiness, severity, halo = normal(), normal(), normal()
    kp = value("readiness_alliance")
    trait = (
        value("alliance_mean")
        + value("alliance_trait_sd") * (kp * readiness + _residual(kp) * normal())
        + value("therapist_alliance_sd") * u_alliance
    )
    own = {component: normal() for component in COMPONENTS}
    shared = value("competence_therapist_share")
    competence = value("competence_sd") * (
        np.sqrt(shared) * u_competence + np.sqrt(1 - shared) * normal()
    )
    set_point = (
        value("natural_course")
        + value("severity_persistence") * severity
        - value("readiness_effect") * readiness
        + value("course_sd") * normal()
        - treated
        * (
            value("therapy_lift")
            + people.lift
            + value("therapist_outcome_sd") * u_outcome
            + value("competence_effect") * competence
        )
    )
    own_dose = value("dose_sd") * normal()
    own_defensiveness, own_disclosure, own_homework = normal(), normal(), normal()

    loadings = {
        "bond": value("bond_loading"),
        "goal": value("agreement_loading"),
        "task": value("agreement_loading"),
    }
    acts = value("alliance_path") * people.study_factor * treated
    inertia, phi = value("alliance_inertia"), value("symptom_inertia")
    steadiness = value("goal_steadiness")
    landing = expit(value("uptake_logit"))
    usual_disclosure, usual_homework = (
        expit(value("disclosure_logit")),
        expit(value("homework_logit")),
    )

    def components(general: Any) -> dict[str, Any]:
        drawn = {c: loadings[c] * general + _residual(loadings[c]) * own[c] for c in COMPONENTS}
        for c, by in people.raised.items():
            drawn[c] = drawn[c] + by
        return {c: people.hold[c] + 0 * drawn[c] if c in people.hold else drawn[c] for c in drawn}

    def overall(now: Mapping[str, Any]) -> Any:
        return (now["bond"] + now["goal"] + now["task"]) / 3

    symptoms = before = severity
    expected_change = np.zeros_like(severity)
    wave = value("alliance_session_sd") / _residual(inertia) * normal()
    strain = np.zeros_like(severity)
    undone = np.zeros_like(severity)
    alliance = overall(components(trait))
    present = people.planned >= 1
    outcome, attended = severity.copy(), np.zeros_like(people.planned)

    for session in range(1, int(people.planned.max()) + 1):
        technique = treated * np.maximum(
            0,
            people.dose
            + own_dose
            + value("responsiveness") * (symptoms - before - expected_change)
            + value("dose_session_sd") * normal(),
        )
        if session > 1:
            wave = inertia * wave + value("alliance_session_sd") * normal()
            wave = wave - value("reverse_path") * before
        rupture = uniform() < treated * expit(
            value("rupture_logit") - value("rupture_slope") * alliance
        )
        repaired = rupture & (
            uniform()
            < expit(
                value("repair_logit")
                + value("repair_skill_sd") * u_repair
                + value("repair_slope") * (trait - value("alliance_mean"))
            )
        )
        added = value("strain_per_rupture")
        strain = value("strain_inertia") * (strain - undone) + added * rupture
        undone = added * value("repair_path") * repaired
        now = components(trait + wave - strain)
        alliance = overall(now)

        working = acts * np.minimum(1, session / value("warm_up"))
        felt = {component: working * now[component] for component in COMPONENTS}
        lb = value("bond_defensiveness")
        defensiveness = _residual(lb) * own_defensiveness - lb * felt["bond"]
        disclosure = expit(
            value("disclosure_logit")
            + value("bond_disclosure") * felt["bond"]
            + value("disclosure_sd") * own_disclosure
            + value("disclosure_session_sd") * normal()
        )
        homework = expit(
            value("homework_logit")
            + value("task_homework") * felt["task"]
            + value("readiness_homework") * readiness
            + value("homework_sd") * own_homework
            + value("homework_session_sd") * normal()
        )
        uptake = (
            expit(
                value("uptake_logit")
                + value("task_uptake") * felt["task"]
                - value("defensiveness_path") * defensiveness
            )
            / landing
        )
        target = set_point - tau * technique * uptake
        gain = (
            value("task_effect") * felt["task"]
            - working * value("strain_harm") * strain
            + treated * value("disclosure_path") * (disclosure - usual_disclosure)
            + treated * value("engagement_path") * (homework - usual_homework)
        )
        week = np.exp(-steadiness * felt["goal"] - steadiness**2) * normal()
        after = phi * symptoms + (1 - phi) * target - gain + value("symptom_session_sd") * week

        leaving = expit(value("dropout_logit") - value("dropout_slope") * alliance)
        leaves = (uniform() < treated * leaving) & (session >= 2)
        yield {
            "session": session,
            "present": present,
            **now,
            "strain": strain,
            "technique": technique,
            "defensiveness": defensiveness,
            "disclosure": disclosure,
            "homework": homework,
            "rupture": rupture,
            "repaired": repaired,
            "symptoms": symptoms,
            "halo": halo,
        }
        outcome = np.where(present, after, outcome)
        attended = attended + present
        present = present & ~leaves & (session < people.planned)
        # what a therapist who knows the usual pace of change would expect by next week
        expected_change = (phi - 1) * (symptoms - set_point + tau)
        before, symptoms = symptoms, after

    loading = value("facet_loading")
    facet = loading * outcome + _residual(loading) * normal()
    facet = facet - value("targeted_gain") * (people.dose - 1)
    yield {
        "outcome": outcome,
        "symptoms": symptoms,
        "attended": attended,
        "dropped_out": attended < people.planned,
        "readiness": readiness,
        "severity": severity,
        "competence": competence,
        "outcome_target": facet,
        "halo": halo,
    }
