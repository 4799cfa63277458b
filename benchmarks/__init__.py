"""Speed, measured as ratios within one run; never part of the tests, because machines are shared and noisy."""
