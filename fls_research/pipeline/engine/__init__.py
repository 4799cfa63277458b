"""Papermill's engine of the kit: each notebook runs in a process forked from one that has everything loaded."""
