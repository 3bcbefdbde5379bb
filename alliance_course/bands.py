"""What each target is compared with: the published number, and what counts as reproduced.

T27 to T40 were written down before the second version of the model was fitted. Corrected with them,
and no band made wider: T13 is compared with trials against waiting lists (.70 as published; the
bias-adjusted .31 leaves waiting lists out, so it is no lower bound here). T14 holds the OCD trials
of 2021 beside the older ones. D07 of T19 is a standardised regression weight, not a difference in
standard deviations. T02 reads A01 by its share of negative studies; the width of A01's interval,
which implies studies that differ more, stands beside it as T38.
"""

from typing import NamedTuple


class Statistic(NamedTuple):
    """One number of one target: what was published and what counts as reproduced."""

    target: str
    name: str
    finding: str
    rows: str
    published: float
    low: float
    high: float
    # "CI": the published 95% interval; "range": the published range; "chosen": a band set for
    # this course. `published` is missing where a study states a range, a sign or a bound.
    interval: str


NAN = float("nan")
# fmt: off
STATISTICS = tuple(
    Statistic(*row)
    for row in (
        ("T01", "r", "alliance with outcome", "A01", 0.278, 0.256, 0.299, "CI"),
        ("T02", "SD of z", "spread of study effects", "A01", NAN, 0.12, 0.20, "chosen"),
        ("T02", "share below 0", "studies below zero, %", "A01", 2, 1, 5, "chosen"),
        ("T03", "task", "task with outcome", "B01", 0.28, 0.22, 0.34, "chosen"),
        ("T03", "bond", "bond with outcome", "B02", 0.16, 0.10, 0.22, "chosen"),
        ("T03", "task minus bond", "task above bond", "B01 B02", 0.12, 0.05, 0.25, "chosen"),
        ("T04", "goal", "goal agreement with outcome", "B06", 0.24, 0.19, 0.28, "CI"),
        ("T04", "collaboration", "collaboration with outcome", "B07", 0.29, 0.24, 0.34, "CI"),
        ("T05", "given intake", "r, intake partialled out", "A14", NAN, 0.23, 0.31, "range"),
        ("T05", "given process", "r, process partialled out", "A14", NAN, 0.23, 0.31, "range"),
        ("T05", "given both", "r, both partialled out", "A14", NAN, 0.23, 0.31, "range"),
        ("T06", "alliance to symptoms", "lagged, standardised", "G02 G04", NAN, 0.05, 0.30, "chosen"),
        ("T06", "symptoms to alliance", "lagged, standardised", "G02 G04", NAN, 0.05, 0.30, "chosen"),
        ("T07", "alliance to distress", "lagged, standardised", "G03", 0.185, 0.02, 0.38, "CI"),
        ("T08", "severity lowers alliance", "share of runs, p < .05", "G05", NAN, 0.8, 1, "chosen"),
        ("T08", "early change raises it", "share of runs, p < .05", "G05", NAN, 0.8, 1, "chosen"),
        ("T08", "alliance, later change", "share of runs, p < .05", "G05", NAN, 0.8, 1, "chosen"),
        ("T09", "adherence", "adherence with outcome", "E01", 0.02, -0.05, 0.09, "chosen"),
        ("T09", "competence, trials", "competence, narrow range", "E02", 0.07, 0, 0.12, "chosen"),
        ("T09", "competence, practice", "competence, wide range", "E03", 0.17, 0.07, 0.26, "CI"),
        ("T10", "mean d", "recognised therapies, d", "E05 E06", 0, -0.10, 0.10, "chosen"),
        ("T10", "mean absolute d", "recognised therapies, |d|", "E05 E06", NAN, 0, 0.20, "chosen"),
        ("T10", "activation minus CBT, points", "on a 27-point form", "E26", 0.1, -1.3, 1.5, "CI"),
        ("T11", "full minus dismantled", "d", "E08", 0, -0.10, 0.10, "chosen"),
        ("T11", "additive, targeted problem", "d", "E09", 0.14, 0.05, 0.25, "chosen"),
        ("T12", "supportive, waiting list", "g", "E11", 0.58, 0.45, 0.72, "CI"),
        ("T12", "supportive, full therapy", "g", "E12", -0.20, -0.32, -0.08, "CI"),
        ("T13", "therapy, waiting list", "g", "I11", 0.70, 0.50, 0.70, "chosen"),
        ("T13", "change from intake", "pre-post d", "I12", 0.96, 0.88, 1.04, "CI"),
        ("T14", "CBT, OCD", "g, waiting list", "E17", 1.39, 0.9, 1.5, "chosen"),
        ("T14", "exposure, OCD", "d, waiting list", "E18", 1.13, 0.9, 1.5, "chosen"),
        ("T14", "exposure, attention control", "g, OCD: large", "E33 E19", 1.13, 0.8, 1.5, "chosen"),
        ("T14", "exposure minus CBT, OCD", "g: about the same", "E34", -0.05, -0.15, 0.15, "chosen"),
        ("T14", "exposure, all controls", "g, OCD", "E32", 0.74, 0.51, 0.97, "CI"),
        ("T14", "CBT, relaxation, panic", "d: above zero", "E16", NAN, 0.1, 0.8, "chosen"),
        ("T14", "CBT, relaxation, GAD", "d: about zero", "E16", 0, -0.15, 0.15, "chosen"),
        ("T14", "activation, depression", "d, control", "E25", 0.74, 0.56, 0.91, "CI"),
        ("T15", "outcome", "% between therapists", "F01 F02", 5, 3, 8, "chosen"),
        ("T16", "alliance", "% between therapists", "F04", NAN, 1.74, 6.93, "range"),
        ("T17", "between is steeper", "share of runs", "F05", NAN, 0.8, 1, "chosen"),
        ("T17", "within is steeper", "share of runs", "F06", NAN, 0.8, 1, "chosen"),
        ("T18", "client", "% of sessions", "D04", NAN, 19, 42, "range"),
        ("T18", "observer", "% of sessions", "D05", NAN, 41, 100, "range"),
        ("T18", "therapist minus client", "% of sessions", "D08", NAN, 0, 40, "chosen"),
        ("T19", "repaired against unrepaired", "r", "D01", 0.29, 0.10, 0.47, "CI"),
        ("T19", "harm of unrepaired", "regression weight", "D07", 0.45, 0.20, 0.60, "chosen"),
        ("T20", "training", "r", "D02", 0.11, -0.09, 0.30, "CI"),
        ("T21", "dropout", "%", "I01", 19.7, 18.7, 20.7, "CI"),
        ("T21", "CBT minus psychodynamic", "% points", "I01", 0, -3, 3, "chosen"),
        ("T22", "stayers minus leavers", "d of early alliance", "I02", 0.55, 0.35, 0.75, "chosen"),
        ("T23", "agreement", "client with therapist, r", "H01", 0.36, 0.25, 0.45, "chosen"),
        ("T23", "gap", "client above therapist, g", "H03", 0.41, 0.28, 0.53, "CI"),
        ("T24", "lowest alpha", "of the components", "H06", NAN, 0.80, 0.95, "chosen"),
        ("T24", "goal with task", "latent r", "H08", NAN, 0.88, 1, "chosen"),
        ("T24", "agreement with bond", "latent r", "H08 H09", NAN, 0.60, 0.80, "chosen"),
        ("T24", "gain of a third factor", "CFI", "H08", NAN, -0.01, 0.01, "chosen"),
        ("T24", "skew", "of the total", "H10", NAN, -1.5, -0.4, "chosen"),
        ("T25", "empathy, outcome", "r", "C01", 0.28, 0.23, 0.33, "CI"),
        ("T25", "empathy, alliance", "r", "C05", 0.50, 0.42, 0.57, "CI"),
        ("T25", "expectation, outcome", "r", "C08", 0.18, 0.12, 0.24, "chosen"),
        ("T25", "homework, outcome", "r", "E27", 0.26, 0.19, 0.33, "CI"),
        ("T26", "therapist-rated r", "alliance with outcome", "A01", 0.278, 0.20, 0.31, "chosen"),
        ("T26", "observer-rated r", "alliance with outcome", "A01", 0.278, 0.20, 0.31, "chosen"),
        # written down before the second version of the model was fitted
        ("T27", "half are improved", "sessions", "I17", NAN, 13, 18, "range"),
        ("T28", "long minus short", "% improved, practice", "I19", -26, -40, 0, "chosen"),
        # chosen: the binomial interval on 44 cases
        ("T29", "with a linear trend", "% of cases", "D09", 66, 52, 80, "chosen"),
        ("T30", "dropout", "% between therapists", "F08 F09", NAN, 5.7, 12.6, "range"),
        ("T30", "highest minus lowest", "therapists, % points", "F09", 72, 40, 80, "chosen"),
        ("T31", "leavers behind", "points of 27", "F11", 6, 4.5, 7.5, "chosen"),
        ("T32", "share by the alliance", "of expectation", "C11", 0.33, 0.20, 0.50, "chosen"),
        ("T33", "OCD", "r, alliance with outcome", "A16", 0.156, 0.058, 0.254, "CI"),
        ("T34", "task minus total", "r, OCD", "A17 A18", NAN, 0, 0.20, "chosen"),
        ("T34", "share by homework", "of task, OCD", "A17", NAN, 0.3, 1, "chosen"),
        ("T35", "step, high minus low", "lagged, standardised", "G13", NAN, 0.01, 0.20, "chosen"),
        ("T36", "response", "% on a waiting list", "I21", 18, 16, 20, "CI"),
        ("T37", "feedback", "d", "I04", 0.15, 0.10, 0.20, "CI"),
        # these four were known misses of the first version, then told in words only
        ("T38", "width of the interval", "r, 295 studies", "A01", 0.043, 0.038, 0.048, "chosen"),
        ("T39", "pairs, client", "% with a rupture in 6", "D08", 37, 29, 45, "chosen"),
        ("T39", "pairs, therapist", "% with a rupture in 6", "D08", 56, 47, 65, "chosen"),
        ("T40", "with homework", "d", "E28", 0.48, 0.30, 0.66, "chosen"),
    )
)
# fmt: on
