"""Numbers in, numbers out: statistical methods named by the textbook, knowing nothing of fractures or services.

Every function takes arrays or a tidy frame and returns a small frozen result or a tidy frame. Nothing that changes a
number has a default: confidence, ties and small-sample corrections are said by the caller. ``docs/statistics.md`` says
which engine does what, and why.
"""
