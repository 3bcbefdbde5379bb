"""Text that reads as text: what most functions of the course answer with."""


class Sentence(str):
    """Text that a notebook shows without quotes, and wraps between words."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)
