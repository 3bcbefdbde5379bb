"""Start the course on a machine: the lab, the learner's folder, the check of a machine."""
