"""Shows parameters with the types of their signatures.

Our docstrings say ``name : what it is``, since the types are in the signature.  The numpy style
takes what follows the colon for the type; so it is moved to where a description stands.
"""

import re
from typing import Any

import griffe

SECTIONS = re.compile(
    r"^(?P<head>(?:Parameters|Attributes)\n-+\n)(?P<body>.*?)(?=^\S+\n-+$|\Z)",
    re.MULTILINE | re.DOTALL,
)
# A role of reStructuredText, such as :class:`~nugen_gan.flux.Flux`: its last word is shown.
ROLE = re.compile(r":(?:class|meth|func|mod|attr):`~?(?:[\w.]*\.)?(\w+)`")
ITEM = re.compile(r"^(?P<names>[*\w]+(?:, [*\w]+)*) : (?P<text>.*)$", re.MULTILINE)


class DescribedParameters(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of one object; called by griffe."""
        if obj.docstring is not None:
            text = ROLE.sub(r"`\1`", obj.docstring.value)
            obj.docstring.value = SECTIONS.sub(_section, text)


def _section(found: re.Match[str]) -> str:
    body = ITEM.sub(lambda item: f"{item['names']}\n    {item['text']}", found["body"])
    return found["head"] + body
