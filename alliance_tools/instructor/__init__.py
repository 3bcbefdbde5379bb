"""Agendas, guide, slides, tests, assignments and the answers of a class."""
