"""Alliance Course: learn about the therapeutic alliance with simulated clients.

Everything a lesson uses is reachable from here, and loads only when it is first used::

    import alliance_course as ac
    trial = ac.simulate_trial(n_clients=200, seed=1)

All clients are simulated. Nothing here is evidence about real people.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "parameters": ["PARAMETERS", "Parameters"],
    "simulate": ["Trial", "simulate_trial", "simulate_worlds"],
    "literature": ["simulate_literature"],
    "measures": ["FORM", "reliability", "score_form"],
    "evidence": ["cite", "published_effects"],
    "citations": ["show_codebook", "show_evidence", "show_references"],
    "datasets": ["class_data", "describe_dataset", "list_datasets", "load_dataset"],
    "capstone_service": ["capstone", "capstone_question", "capstone_rubric"],
    "answer_key": ["capstone_key"],
    "handin": ["export_capstone"],
    "checks": ["Result", "check", "hint", "mark", "revisit", "solution"],
    "choices": ["ask", "predict"],
    "progress": ["export_progress", "import_progress"],
    "agreement": ["compare_labels", "label_exchanges", "rater_agreement"],
    "analysis": [
        "binomial_display",
        "cohens_d",
        "correlation",
        "estimate_interaction",
        "multilevel_slopes",
        "partial_correlation",
        "pool_correlations",
        "pool_effects",
        "split_within_between",
        "variance_share",
    ],
    "models": ["cross_lagged", "factor_models"],
    "calibration": ["calibrate", "plot_calibration"],
    "teaching.class_report": ["describe_class", "plot_class"],
    "teaching.classroom": ["read_class"],
    "teaching.gain": ["class_gain", "score_test"],
    "doctor": ["check_setup"],
    "plots.show": ["show"],
    "plots.bond": ["describe_held_back", "plot_held_back"],
    "plots.components": ["describe_components", "plot_components"],
    "plots.goals": ["describe_unevenness", "plot_unevenness", "unevenness"],
    "plots.levels": ["describe_levels", "plot_levels"],
    "plots.literature": [
        "describe_forest",
        "describe_funnel",
        "describe_published",
        "plot_forest",
        "plot_funnel",
        "plot_published",
    ],
    "plots.mechanisms": [
        "describe_paths",
        "describe_repair_groups",
        "describe_rupture_counts",
        "plot_paths",
        "plot_repair_groups",
        "plot_rupture_counts",
    ],
    "plots.measuring": [
        "describe_caseload",
        "describe_pileup",
        "describe_raters",
        "plot_caseload",
        "plot_pileup",
        "plot_raters",
    ],
    "plots.shares": ["describe_shares", "plot_shares"],
    "plots.tasks": [
        "describe_gain_by_task",
        "describe_homework",
        "plot_gain_by_task",
        "plot_homework",
    ],
    "plots.technique": [
        "describe_hidden_technique",
        "describe_treatments",
        "plot_hidden_technique",
        "plot_treatments",
    ],
    "plots.worlds": ["describe_two_worlds", "plot_two_worlds"],
    "plots.fit": [
        "describe_by_condition",
        "describe_corners",
        "plot_by_condition",
        "plot_corners",
    ],
    "explorers.alliance_and_technique": ["explore_alliance_and_technique"],
    "explorers.components": ["explore_components"],
    "explorers.disclosure": ["explore_disclosure"],
    "explorers.correlation": ["explore_correlation"],
    "explorers.first_sessions": ["explore_first_sessions"],
    "explorers.form": ["explore_form"],
    "explorers.goal_alignment": ["explore_goal_alignment"],
    "explorers.measurement": ["explore_measurement"],
    "explorers.play": ["play_client"],
    "explorers.pooling": ["explore_pooling"],
    "explorers.rupture_repair": ["explore_rupture_repair"],
    "explorers.shared_rationale": ["explore_shared_rationale"],
    "explorers.technique_fit": ["explore_technique_fit"],
    "explorers.two_worlds": ["explore_two_worlds"],
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
