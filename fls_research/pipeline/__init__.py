"""Executing, proving, stitching: the only room that may import every other one."""
