"""Research and reproducible-report kit for the Fracture Liaison Service Database (FLS-DB)."""

__version__ = "0.1.0"
