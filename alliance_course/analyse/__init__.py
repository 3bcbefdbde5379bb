"""The statistics of the course: association, pooling, levels, structure.

Each takes plain tables and hands back a small table. Heavier libraries load when first used.
"""

from alliance_course.analyse.association import (
    cohens_d,
    correlation,
    estimate_interaction,
    partial_correlation,
)
from alliance_course.analyse.levels import multilevel_slopes, split_within_between, variance_share
from alliance_course.analyse.pooling import pool_correlations, pool_effects
from alliance_course.analyse.structural import cross_lagged, factor_models

__all__ = [
    "cohens_d", "correlation", "cross_lagged", "estimate_interaction", "factor_models",
    "multilevel_slopes", "partial_correlation", "pool_correlations", "pool_effects",
    "split_within_between", "variance_share",
]  # fmt: skip
