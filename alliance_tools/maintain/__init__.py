"""Keep the course true: calibration, targets, coverage, notebooks, data."""
