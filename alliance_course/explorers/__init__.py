"""Interactive pictures that answer within one frame: `explore_x()` returns one to display."""
