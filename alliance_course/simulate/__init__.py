"""The generative model: its numbers, its equations, trials and studies."""
