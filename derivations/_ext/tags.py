"""Equations go by their tags, as in the code: a reference reads eq:gls, not (17)."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain


class TagDomain(MathDomain):
    """The math domain, with another text for its references."""

    def resolve_xref(self, *args: Any, **kwargs: Any) -> nodes.reference | None:
        """A link to the equation, or None for one that is not there, which is a warning."""
        reference = super().resolve_xref(*args, **kwargs)
        if reference is not None:
            tag = kwargs.get("target", args[4] if len(args) > 4 else "")
            reference.children = []
            reference += nodes.literal(text=tag, classes=["eqref"])
        return reference


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_domain(TagDomain, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
