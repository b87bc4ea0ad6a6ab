"""What zoning refuses, below the error tree that every floor shares.

::

    InputError
    ├── RulesError                  rules or crop files that cannot be used as they are
    │   ├── ChangeError             a change of rules that somebody sends to see it
    │   ├── CropError               one crop of the library
    │   └── LimitsError             class limits that are no limits
    ├── NewCutsError                a change of rules that needs layers to be coded anew
    └── JudgementError              a matrix of pairwise judgements that gives no weights
"""

from __future__ import annotations

from gis.errors import InputError


class RulesError(InputError):
    """A ruleset that cannot be used as it is: the message names file, line and key."""


class ChangeError(RulesError):
    """A change of rules that is none, or does not fit the rules: the message names the part by its path."""


class CropError(RulesError):
    """A crop file that cannot be used as it is: the message names file, line and key."""


class LimitsError(RulesError):
    """Class limits out of order, tied without being a declared step, or without unit or citation."""


class NewCutsError(InputError):
    """A change of rules with a limit where the codes of a stack have none: layers must be coded anew for it."""


class JudgementError(InputError):
    """Pairwise judgements that are no reciprocal matrix or that contradict themselves."""
