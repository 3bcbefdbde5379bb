"""For instructors and maintainers: the command line, the kit, the calibration."""
