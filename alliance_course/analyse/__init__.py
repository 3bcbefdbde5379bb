"""The statistics of the course: association, pooling, levels, structure.

Each takes plain tables and hands back a small table. Heavier libraries load when first used.
"""
