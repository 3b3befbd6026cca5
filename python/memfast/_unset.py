"""An argument that was left out, where None is a value."""


class Unset:
    """The type of `UNSET`."""

    def __repr__(self) -> str:
        """Show the marker in signatures."""
        return "<unset>"


UNSET = Unset()
