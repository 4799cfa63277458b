"""From a raw extract to a validated cohort; the only place where patient rows are read."""
