"""The rival world: in what it differs from the course's own.

In it the alliance changes nobody's symptoms (`alliance_path` is 0 for every client). What clients
bring feeds both the alliance and their course, and symptoms colour the alliance. Its numbers were
fitted to the same targets as those of the course; `parameters.WORLDS` holds both.
"""

from typing import Any

RIVAL: dict[str, Any] = {
    "alliance_path": 0.0,
    "readiness_alliance": 0.77,
    "readiness_effect": 0.74,
    "course_sd": 0.98,
    "natural_course": 0.18,
    "therapy_lift": 0.75,
    "severity_persistence": 0.46,
    "shift_logit": -3.38,
    "shift_size": 1.13,
    "shift_work": 0.5,
    "therapist_outcome_sd": 0.22,
    "competence_effect": 0.26,
    "alliance_trait_sd": 0.88,
    "alliance_session_sd": 0.25,
    "reverse_path": 0.11,
    "bond_loading": 0.61,
    "impression_sd": 0.4,
    "engagement_path": 0.83,
    "readiness_homework": 0.31,
    "homework_sd": 0.8,
    "homework_share": 0.43,
    "adaptation": 2.25,
    "dropout_logit": -3.7,
    "dropout_slope": 0.42,
    "dropout_progress": 0.071,
    "dropout_rupture": 0.76,
    "empathy_alliance": 0.33,
    "empathy_readiness": 0.44,
    "expectation_readiness": 0.44,
    "therapist_view": 0.44,
    "common_shares": (1.0, 1.0, 1.0, 0.0, 1.0),
    "technique_effects": (
        (0.2, 0.2, 0.2, 0.0, 0.15, 0.2, 0.15, 0.0),
        (0.3, 0.3, 0.3, 0.0, 0.3, 0.15, 0.3, 0.0),
        (0.7, 0.4, 0.55, 0.0, 0.7, 0.15, 0.15, 0.0),
        (1.92, 0.3, 0.8, 0.0, 1.92, 0.15, 0.0, 0.0),
        (0.55, 0.4, 0.45, 0.0, 0.6, 0.25, 0.1, 0.0),
    ),
}
