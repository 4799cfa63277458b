"""Many runs as one piece of work: what to run, what is up to date, who runs it, and what became of it."""
