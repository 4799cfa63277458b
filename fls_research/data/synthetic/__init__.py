"""A synthetic FLS-DB extract, calibrated to what the audit has published; no row is or resembles a real patient."""

from fls_research.data.synthetic.demo import Demo, write_demo
from fls_research.data.synthetic.generate import generate

__all__ = ["Demo", "generate", "write_demo"]
