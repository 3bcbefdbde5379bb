"""Every number of the generative model, in one place, with its unit and where it comes from.

`PARAMETERS` is the one set that the course uses; `WORLDS` holds it beside a rival in which the
alliance does nothing. Make another world with `dataclasses.replace`::

    from dataclasses import replace
    no_reverse = replace(PARAMETERS, reverse_path=0.0)

Units: "SD" is the standard deviation of true symptom severity before therapy for everything about
symptoms, and about one standard deviation between clients for bond, goal and task. Sources:
"fitted" numbers were moved until the targets were met; "held" ones bear on targets too and stayed
at the first value that was tried; the others were chosen for teaching or are settings.
"""

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

from alliance_course.simulate.rival import RIVAL

CONDITIONS = ("depression", "GAD", "panic", "OCD", "PTSD")
TREATMENTS = (
    "CBT",
    "psychodynamic",
    "integrative",
    "supportive",
    "exposure",
    "behavioural activation",
    "relaxation",
    "waitlist",
)

# Lasting change that a full dose of technique leads to if it goes on and lands as well as it does
# on average, in SD. Rows are conditions, columns treatments. Fitted to T10, T12, T14; E16-E25.
_TECHNIQUE_EFFECTS = (
    # CBT  dyn.  integ. supp. expos. BA    relax. wait
    (0.22, 0.22, 0.22, 0.00, 0.15, 0.22, 0.15, 0.0),  # depression
    (0.30, 0.30, 0.30, 0.00, 0.30, 0.15, 0.30, 0.0),  # GAD
    (0.70, 0.40, 0.55, 0.00, 0.70, 0.15, 0.15, 0.0),  # panic
    (1.74, 0.30, 0.80, 0.00, 1.74, 0.15, 0.00, 0.0),  # OCD
    (0.55, 0.40, 0.45, 0.00, 0.60, 0.25, 0.10, 0.0),  # PTSD
)


def _number(default: float, low: float, high: float, unit: str, source: str, meaning: str) -> Any:
    facts = {"low": low, "high": high, "unit": unit, "source": source, "meaning": meaning}
    return field(default=default, metadata=facts)


@dataclass(frozen=True)
class Parameters:
    """The generative model's numbers; `Parameters.table()` lists them with unit and source.

    Raises
    ------
    ValueError
        If a value lies outside its range; the message names the parameter.

    Examples
    --------
    >>> from dataclasses import replace
    >>> replace(PARAMETERS, reverse_path=0.0).reverse_path
    0.0
    >>> replace(PARAMETERS, symptom_inertia=1.2)
    Traceback (most recent call last):
    ...
    ValueError: symptom_inertia=1.2 is not allowed: give a number from 0 to 0.99 (share)
    """

    # fmt: off
    # who the clients are
    readiness_alliance: float = _number(0.5, -0.95, 0.95, "correlation", "fitted to T25, T32; C11", "readiness with the stable alliance")
    readiness_effect: float = _number(0.49, 0, 2, "SD per SD", "fitted to T25", "how far readiness alone lowers the set-point")
    severity_persistence: float = _number(0.5, 0, 1, "SD per SD", "fitted to T13, T36", "how far intake severity stays")
    course_sd: float = _number(1.06, 0, 2, "SD", "fitted to T01, T15", "differences in course that nothing here explains")
    natural_course: float = _number(0.228, -2, 2, "SD", "fitted to T13, T36", "average course with no therapy, sudden turns apart")
    therapy_lift: float = _number(1.27, 0, 2, "SD", "fitted to T12, T13", "what any attentive therapy adds, technique aside")
    change_rate: float = _number(0.11, 0, 1, "share per session", "fitted to T13, T27", "how fast work turns into lasting change")
    change_rate_sd: float = _number(0.25, 0, 2, "log share", "fitted to T36", "clients' own pace of change")
    shift_logit: float = _number(-3.165, -12, 5, "logit", "fitted to T36", "a sudden lasting turn for the better, without therapy")
    shift_work: float = _number(0.48, 0, 3, "logit per SD", "chosen for teaching", "turns are likelier where work is good")
    shift_size: float = _number(1.04, 0, 3, "SD", "fitted to T36", "how far a turn lowers symptoms")

    # who the therapists are
    therapist_alliance_sd: float = _number(0.22, 0, 1, "SD", "held, bears on T16; F04", "differences between therapists in alliance")
    therapist_outcome_sd: float = _number(0.21, 0, 1, "SD", "fitted to T15; F02", "differences between therapists in outcome")
    therapist_correlation: float = _number(0.0, -1, 1, "correlation", "setting, T17; F05, F06", "good at alliance with good at outcome")
    therapist_dropout_sd: float = _number(0.58, 0, 2, "logit", "fitted to T30; F08, F09", "therapists lose clients more or less")
    repair_skill_sd: float = _number(0.30, 0, 2, "logit", "chosen for teaching", "differences between therapists in repairing")
    competence_sd: float = _number(1.0, 0, 3, "SD", "setting: 1 in practice, 0.35 in trials; T09", "spread of competence")
    competence_therapist_share: float = _number(0.5, 0, 1, "share", "chosen for teaching", "the therapist's part, the rest is the case's")
    competence_effect: float = _number(0.22, 0, 1, "SD per SD", "held, bears on T09; E02, E03", "what competence adds to improvement")

    # the alliance from session to session
    alliance_mean: float = _number(0.15, -3, 3, "SD", "fitted: centres the alliance at 0", "level before strain")
    alliance_trait_sd: float = _number(0.77, 0, 2, "SD", "fitted to T01, T24", "stable differences between clients")
    impression_sd: float = _number(0.35, 0, 2, "SD", "fitted to T29", "how far first impressions are off")
    impression_inertia: float = _number(0.88, 0, 0.99, "share", "held, bears on T29", "what is left of it at the next session")
    alliance_learning: float = _number(0.12, 0, 1, "SD per session", "fitted to T29", "repairs and kept agreements build it")
    rupture_lesson: float = _number(0.5, 0, 1, "share", "chosen for teaching", "what a rupture takes of what a repair gives")
    alliance_session_sd: float = _number(0.34, 0, 2, "SD", "fitted to T06", "what changes from session to session")
    component_session_sd: float = _number(0.12, 0, 2, "SD", "fitted to T03, T24", "ups and downs of bond, goal and task alone")
    alliance_inertia: float = _number(0.45, 0, 0.99, "share", "held, bears on T06", "how much of a good or bad session carries over")
    reverse_path: float = _number(0.079, 0, 1, "SD per SD", "fitted to T06, T08; G02, G05", "symptoms lower the next alliance")
    agreement_loading: float = _number(0.975, 0, 1, "loading", "held, bears on T24; H08", "goal and task on the general alliance")
    bond_loading: float = _number(0.62, 0, 1, "loading", "fitted to T03, T24; B01, B02", "bond on the general alliance")
    rupture_logit: float = _number(-0.8, -8, 8, "logit", "held, bears on T18; D04", "how often a session has a rupture")
    rupture_slope: float = _number(0.30, 0, 3, "logit per SD", "held, bears on T18", "ruptures are rarer in a strong alliance")
    strain_per_rupture: float = _number(0.5, 0, 2, "SD", "fitted to T19", "strain that one rupture adds")
    strain_inertia: float = _number(0.75, 0, 0.99, "share", "held, bears on T19", "strain that is left at the next session")
    repair_logit: float = _number(0.2, -8, 8, "logit", "held, bears on T19", "how often a rupture is repaired")
    repair_slope: float = _number(1.3, 0, 4, "logit per SD", "held, bears on T19, T20", "repair succeeds in strong alliances")

    # from the alliance to symptoms: the paths that can be switched off
    alliance_path: float = _number(1.0, 0, 3, "multiplier", "1 as fitted, 0 none", "how strongly the alliance acts at all")
    warm_up: float = _number(3.0, 1, 60, "sessions", "fitted to T08; G05", "the alliance acts in full from here on")
    alliance_strength_sd: float = _number(0.46, 0, 2, "share", "fitted to T35; G04, G13", "clients differ in what it does for them")
    spiral: float = _number(0.7, 0, 0.99, "correlation", "chosen; bears on T35; G13", "it does more where it is usually strong")
    task_effect: float = _number(0.06, 0, 1, "SD per SD and session", "fitted to T01, T03", "agreed tasks lower symptoms")
    study_alliance_sd: float = _number(0.26, 0, 2, "share", "fitted to T02; A01", "how much the alliance effect varies by study")
    goal_steadiness: float = _number(0.20, 0, 1, "log share per SD", "chosen for teaching", "shared goals make progress steadier")
    strain_harm: float = _number(0.64, 0, 1, "SD per SD and session", "fitted to T19; D07", "strain itself raises symptoms")
    repair_path: float = _number(1.0, 0, 1, "share", "1 as fitted, 0 none", "strain of a rupture that its repair takes away")
    bond_defensiveness: float = _number(0.50, 0, 1, "loading", "chosen for teaching", "a strong bond lowers defensiveness")
    defensiveness_path: float = _number(0.50, 0, 3, "logit per SD", "chosen for teaching", "defensiveness keeps technique out")
    task_uptake: float = _number(0.3, 0, 3, "logit per SD", "fitted to T33; A16, G12", "technique lands when tasks are agreed")
    uptake_logit: float = _number(2.0, -8, 8, "logit", "fitted to T33", "how well technique lands on average")
    bond_disclosure: float = _number(0.60, 0, 3, "logit per SD", "chosen for teaching", "a strong bond makes room to say more")
    disclosure_logit: float = _number(0.8, -8, 8, "logit", "chosen for teaching; H11", "how much is said on average")
    disclosure_sd: float = _number(0.60, 0, 3, "logit", "chosen for teaching", "stable differences in how much people say")
    disclosure_session_sd: float = _number(0.40, 0, 3, "logit", "chosen for teaching", "what is said from session to session")
    disclosure_path: float = _number(0.37, 0, 1, "SD", "fitted to T01, T03", "what is said can be worked on")
    task_homework: float = _number(0.32, 0, 3, "logit per SD", "fitted to T04, T34", "agreed tasks are done between sessions")
    readiness_homework: float = _number(0.0, 0, 3, "logit per SD", "fitted to T25; E27", "ready clients do more")
    homework_set: float = _number(1.0, 0, 1, "share", "setting: 0 leaves homework out, T40; E28", "homework that is set")
    homework_logit: float = _number(0.3, -8, 8, "logit", "chosen for teaching", "how much homework is done on average")
    homework_sd: float = _number(0.76, 0, 3, "logit", "fitted to T04, T25", "stable differences in doing homework")
    homework_session_sd: float = _number(0.50, 0, 3, "logit", "chosen for teaching", "what is done from week to week")
    homework_share: float = _number(0.42, 0, 1, "share", "fitted to T34, T40", "technique that works by what is done at home")
    engagement_path: float = _number(0.73, 0, 1, "SD", "fitted to T25, T40; E28", "homework lowers symptoms")

    # symptoms and technique
    symptom_inertia: float = _number(0.65, 0, 0.99, "share", "fitted to T06, T07", "how slowly symptoms move to their set-point")
    symptom_session_sd: float = _number(0.22, 0, 2, "SD", "fitted to T01, T06", "good and bad weeks")
    dose_sd: float = _number(0.30, 0, 2, "dose", "chosen for teaching; T09", "differences in dose inside a treatment")
    dose_session_sd: float = _number(0.30, 0, 2, "dose", "chosen for teaching", "dose from session to session")
    responsiveness: float = _number(0.30, -2, 2, "dose per SD", "held, bears on T09; E01", "more technique when progress stalls")
    progress_knowledge: float = _number(0.30, 0, 1, "share", "setting: 0.9 with feedback, T37", "how much of a client's lag a therapist sees")
    adaptation: float = _number(1.7, 0, 3, "SD per SD", "fitted to T37; I04", "what a therapist does about a lag seen")
    allegiance: float = _number(0.10, 0, 1, "SD", "chosen within T10; E10", "extra lift in the arm that a trial favours")
    targeted_gain: float = _number(0.25, 0, 2, "SD per dose", "held, bears on T11; E09", "an added part on its own problem")
    facet_loading: float = _number(0.6, 0, 1, "loading", "chosen for teaching", "the added part's own problem on symptoms")

    # leaving early
    dropout_logit: float = _number(-3.72, -9, 5, "logit", "fitted to T21; I01", "chance of leaving after a session")
    dropout_slope: float = _number(0.44, 0, 3, "logit per SD", "fitted to T22; I02", "a weak alliance makes leaving likelier")
    dropout_fall: float = _number(0.4, 0, 3, "logit per log session", "chosen for teaching", "leaving gets rarer in time")
    dropout_rupture: float = _number(0.5, 0, 3, "logit", "fitted to T22, T31", "an unrepaired rupture makes leaving likelier")
    dropout_progress: float = _number(0.05, 0, 3, "logit per SD", "fitted to T31", "so does being behind what was expected")
    ending_sessions: float = _number(0.0, 0, 60, "sessions", "setting: 3 in routine practice, 0 never", "good enough in a row ends therapy")
    good_enough: float = _number(-0.8, -3, 3, "SD", "fitted to T28, T31; I19", "symptoms that are good enough to end")

    # measurement
    item_loading: float = _number(0.82, 0.05, 0.99, "loading", "held, bears on T24; H06", "how well an item shows its component")
    symptom_reliability: float = _number(0.9, 0.3, 0.999, "reliability at intake", "fitted to T08, within .85 to .90", "of the symptom form")
    same_rater: float = _number(0.05, 0, 1, "SD", "chosen for teaching", "a rosy view that colours both of a client's forms")
    therapist_view: float = _number(0.43, 0, 0.99, "correlation", "fitted to T23; H01", "therapist's with the client's view")
    view_sharpens: float = _number(3.0, 0.1, 60, "sessions", "chosen for teaching", "the therapist comes to know the client")
    observer_view: float = _number(0.43, 0, 0.99, "correlation", "fitted to T26; H05", "observer's with the client's view")
    rater_gap: float = _number(0.42, 0, 2, "SD", "fitted to T23; H03", "how much lower therapists and observers rate")
    symptom_mirror: float = _number(0.25, 0, 1, "SD per SD", "held, bears on T26; G06", "how far symptoms colour others' ratings")
    mirror_level: float = _number(0.5, -3, 3, "SD", "chosen: centres the mirror", "symptoms at which others' view is even")
    empathy_alliance: float = _number(0.43, 0, 0.99, "loading", "fitted to T25; C05", "rated empathy on the general alliance")
    empathy_readiness: float = _number(0.53, 0, 0.99, "loading", "fitted to T25; C01", "rated empathy on readiness")
    expectation_readiness: float = _number(0.64, 0, 0.99, "loading", "fitted to T25, T32; C08", "rated expectation on readiness")
    notices_client: float = _number(0.88, 0, 1, "share", "chosen within T18; D04", "ruptures that the client flags")
    notices_therapist: float = _number(0.90, 0, 1, "share", "chosen within T18; D08", "ruptures that the therapist flags")
    notices_observer: float = _number(0.95, 0, 1, "share", "chosen within T18; D05", "ruptures that the observer flags")
    imagines_client: float = _number(0.04, 0, 1, "share", "chosen within T18; D04", "other sessions that the client flags")
    imagines_therapist: float = _number(0.13, 0, 1, "share", "chosen within T18; D08", "other sessions that the therapist flags")
    imagines_observer: float = _number(0.35, 0, 1, "share", "chosen within T18; D05", "small signs that the observer counts")
    empathy_mean: float = _number(3.6, 1, 5, "points of 1 to 5", "chosen for teaching", "average rating of empathy")
    empathy_sd: float = _number(0.8, 0, 4, "points of 1 to 5", "chosen for teaching", "spread of these ratings")
    expectation_mean: float = _number(6.0, 0, 10, "points of 0 to 10", "chosen for teaching", "average expectation")
    expectation_sd: float = _number(2.0, 0, 10, "points of 0 to 10", "chosen for teaching", "spread of expectation")
    scale_middle: float = _number(4.0, 1, 7, "points of 1 to 7", "chosen for teaching", "adherence, competence: average")
    adherence_points: float = _number(1.5, 0, 7, "points per dose", "chosen for teaching", "rated adherence on true dose")
    adherence_error: float = _number(0.15, 0, 2, "dose", "chosen for teaching", "error of rated adherence")
    competence_points: float = _number(0.8, 0, 7, "points per SD", "chosen for teaching", "rated competence on true competence")
    competence_error: float = _number(0.65, 0, 3, "SD", "held, bears on T09", "error of rated competence")
    # fmt: on
    thresholds: tuple[float, ...] = field(
        default=(-2.2, -1.5, -0.6, 0.5),
        metadata={
            "unit": "SD",
            "source": "held, bears on T24; H10",
            "meaning": "where an answer moves from 1 to 2, 3, 4, 5",
        },
    )
    common_shares: tuple[float, ...] = field(
        default=(1.0, 1.0, 1.0, 0.044, 1.0),
        metadata={
            "unit": "share",
            "source": "OCD fitted to T14, T33; the others 1",
            "meaning": "how much what is common to therapies does in each condition",
        },
    )
    technique_effects: tuple[tuple[float, ...], ...] = field(
        default=_TECHNIQUE_EFFECTS,
        metadata={
            "unit": "SD",
            "source": "fitted to T10, T12, T14; E16-E25",
            "meaning": "condition (row) by treatment (column)",
        },
    )

    def __post_init__(self) -> None:
        for entry in fields(self):
            value, facts = getattr(self, entry.name), entry.metadata
            if "low" not in facts:
                continue
            given_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (given_number and facts["low"] <= value <= facts["high"]):
                raise ValueError(
                    f"{entry.name}={value!r} is not allowed: give a number from "
                    f"{facts['low']:g} to {facts['high']:g} ({facts['unit']})"
                )
        if len(self.thresholds) != 4 or list(self.thresholds) != sorted(set(self.thresholds)):
            raise ValueError(
                f"thresholds={self.thresholds!r} is not allowed: give four rising numbers"
            )
        shares = self.common_shares
        if len(shares) != len(CONDITIONS) or not all(0 <= share <= 2 for share in shares):
            raise ValueError(
                f"common_shares={shares!r} is not allowed: give {len(CONDITIONS)} numbers (one a "
                "condition) from 0 to 2"
            )
        if [len(row) for row in self.technique_effects] != [len(TREATMENTS)] * len(CONDITIONS):
            raise ValueError(
                f"technique_effects is not allowed: give {len(CONDITIONS)} rows (conditions) "
                f"of {len(TREATMENTS)} numbers (treatments)"
            )
        if not all(math.isfinite(value) for row in self.technique_effects for value in row):
            raise ValueError("technique_effects is not allowed: all must be finite numbers")

    @classmethod
    def table(cls) -> list[dict[str, Any]]:
        """One entry a parameter: name, value, unit, range, source and meaning.

        Examples
        --------
        >>> Parameters.table()[0]["name"]
        'readiness_alliance'
        """
        return [{"name": f.name, "value": f.default, **f.metadata} for f in fields(cls)]

    @classmethod
    def of_the_model(cls) -> list[str]:
        """Names of the numbers that move clients, as against those that only measure them."""
        names = [f.name for f in fields(cls) if "low" in f.metadata]
        return names[: names.index("item_loading")]


PARAMETERS = Parameters()

WORLDS = {"course": PARAMETERS, "rival": replace(PARAMETERS, **RIVAL)}
