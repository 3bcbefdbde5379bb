# Every public name, once: the package loads each from here when it is first used, and type checkers
# and editors read the same lines.

# data and published findings
from .data.published import published_effects as published_effects
from .data.tables import describe_dataset as describe_dataset
from .data.tables import list_datasets as list_datasets
from .data.tables import load_dataset as load_dataset
from .show.citations import show_codebook as show_codebook
from .show.citations import show_evidence as show_evidence
from .show.citations import show_references as show_references

# simulated clients
from .simulate.parameters import PARAMETERS as PARAMETERS
from .simulate.studies import simulate_literature as simulate_literature
from .simulate.trial import simulate_trial as simulate_trial
from .simulate.trial import simulate_worlds as simulate_worlds

# the form and its raters
from .measure.agreement import rater_agreement as rater_agreement
from .measure.form import score_form as score_form
from .measure.reliability import reliability as reliability

# statistics
from .analyse.association import cohens_d as cohens_d
from .analyse.association import correlation as correlation
from .analyse.association import estimate_interaction as estimate_interaction
from .analyse.association import partial_correlation as partial_correlation
from .analyse.levels import multilevel_slopes as multilevel_slopes
from .analyse.levels import split_within_between as split_within_between
from .analyse.levels import variance_share as variance_share
from .analyse.pooling import pool_correlations as pool_correlations
from .analyse.pooling import pool_effects as pool_effects
from .analyse.structural import cross_lagged as cross_lagged
from .analyse.structural import factor_models as factor_models

# questions, labels, progress, capstone
from .questions.capstone import capstone as capstone
from .questions.capstone_page import export_capstone as export_capstone
from .questions.cards import ask as ask
from .questions.cards import mark as mark
from .questions.cards import predict as predict
from .questions.cards import revisit as revisit
from .questions.judge import check as check
from .questions.judge import hint as hint
from .questions.judge import solution as solution
from .questions.labels import compare_labels as compare_labels
from .questions.labels import label_exchanges as label_exchanges
from .questions.progress import export_progress as export_progress
from .questions.progress import import_progress as import_progress

# pictures of your own
from .show.figure import caption as caption

# a hundred people, where the message is how many
from .show.people import plot_people as plot_people

# lesson 01
from .lessons.lesson_01 import explore_components as explore_components
from .lessons.lesson_01 import plot_components as plot_components

# lesson 02
from .lessons.lesson_02 import explore_disclosure as explore_disclosure
from .lessons.lesson_02 import plot_held_back as plot_held_back

# lesson 03
from .lessons.lesson_03 import explore_goal_alignment as explore_goal_alignment
from .lessons.lesson_03 import plot_unevenness as plot_unevenness

# lesson 04
from .lessons.lesson_04 import explore_shared_rationale as explore_shared_rationale
from .lessons.lesson_04 import plot_gain_by_task as plot_gain_by_task
from .lessons.lesson_04 import plot_homework as plot_homework

# lesson 05
from .lessons.lesson_05 import compare_politeness as compare_politeness
from .lessons.lesson_05 import explore_form as explore_form
from .lessons.lesson_05 import explore_measurement as explore_measurement
from .lessons.lesson_05 import plot_caseload as plot_caseload

# lesson 06
from .lessons.lesson_06 import explore_correlation as explore_correlation
from .lessons.lesson_06 import explore_pooling as explore_pooling
from .lessons.lesson_06 import plot_forest as plot_forest
from .lessons.lesson_06 import plot_funnel as plot_funnel
from .lessons.lesson_06 import plot_levels as plot_levels
from .lessons.lesson_06 import plot_published as plot_published

# lesson 07
from .lessons.lesson_07 import compare_shares as compare_shares
from .lessons.lesson_07 import dismantle as dismantle
from .lessons.lesson_07 import explore_alliance_and_technique as explore_alliance_and_technique
from .lessons.lesson_07 import plot_hidden_technique as plot_hidden_technique
from .lessons.lesson_07 import plot_shares as plot_shares

# lesson 08
from .lessons.lesson_08 import explore_rupture_repair as explore_rupture_repair
from .lessons.lesson_08 import play_client as play_client
from .lessons.lesson_08 import plot_paths as plot_paths
from .lessons.lesson_08 import plot_repair_groups as plot_repair_groups
from .lessons.lesson_08 import plot_rupture_counts as plot_rupture_counts
from .lessons.lesson_08 import take_out_homework as take_out_homework
from .lessons.lesson_08 import train_repair as train_repair

# lesson 09
from .lessons.lesson_09 import explore_two_worlds as explore_two_worlds

# lesson 10
from .lessons.lesson_10 import explore_technique_fit as explore_technique_fit
from .lessons.lesson_10 import plot_by_condition as plot_by_condition

# lesson 11
from .lessons.lesson_11 import explore_first_sessions as explore_first_sessions

__version__: str
