"""The figures and the explorers of each lesson, by its number."""
