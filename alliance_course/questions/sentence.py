"""Text that reads as text: what most functions of the course answer with."""


class Sentence(str):
    """Text that a notebook shows without quotes, and wraps between words."""

    def __repr__(self) -> str:
        return str(self)

    _repr_markdown_ = __repr__
