"""The lessons' figures: for each `plot_x` a `describe_x` that says the same in words."""
