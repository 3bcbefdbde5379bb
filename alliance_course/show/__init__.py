"""How a result is shown: figures with their words, the look, interactive pictures."""
