"""Grounding: whether a quote supports a claim, decided by rules that can be read.

`check` asks the rules of its neighbours in turn: `quantities`, `naming`, `polarity`, `content`; `words` and `lexicon`
are what they share.
"""

from assistant.grounding.check import ClaimCheck, Support, check_claim, check_with_both
from assistant.grounding.naming import names
from assistant.grounding.quantities import numbers

__all__ = ["ClaimCheck", "Support", "check_claim", "check_with_both", "names", "numbers"]
