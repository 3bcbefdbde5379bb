"""A class's own versions of the practice: other items and numbers than are published."""
