"""The eleven KPIs as records with versions, and the one engine that evaluates them.

Begin with ``definitions`` (which records exist), then ``evaluate`` (what they give on a cohort).
"""
