"""Small-number policies, and the only maker of :class:`Publishable`.

=======================  =============================================================================================
``release``              a ``counts`` frame (numerators and denominators) as it may leave
``release_counts``       plain counts of records as they may leave
``release_reference``    a table that counts nobody
``release_curve``        curves of cumulative incidence by whole days; ``days_reached`` reads them the other way
``release_estimates``    means, differences, ratios and tests, by the patients they rest on
``Publishable``          what they return, and all that ``outputs`` accepts; ``frame``, ``release``, ``where``
``verify``               refuses what was not issued here, or was altered since
``audit``                the hidden numbers that a reader of several released tables could work out
``scan_text``            personal data in a text, by rule and never by value
``scan_files``           the same for the files about to leave
``policy``, ``Policy``   the named policies: ``hes``, ``opensafely``, ``midpoint6``, ``threshold10``
``Lane``, ``Level``      the words a release is told by
=======================  =============================================================================================
"""

from fls_research.disclosure.audit import Leak, audit
from fls_research.disclosure.curves import days_reached, release_curve
from fls_research.disclosure.estimates import release_estimates
from fls_research.disclosure.plain import release_counts, release_reference
from fls_research.disclosure.policies import Lane, Level, Policy, policy
from fls_research.disclosure.publishable import Publishable, Release, verify
from fls_research.disclosure.release import release
from fls_research.disclosure.scan import Finding, scan_files, scan_text

__all__ = [
    "Finding",
    "Lane",
    "Leak",
    "Level",
    "Policy",
    "Publishable",
    "Release",
    "audit",
    "days_reached",
    "policy",
    "release",
    "release_counts",
    "release_curve",
    "release_estimates",
    "release_reference",
    "scan_files",
    "scan_text",
    "verify",
]
