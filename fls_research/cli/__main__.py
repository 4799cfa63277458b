"""``python -m fls_research.cli`` is the ``fls`` command, installed or not."""

from fls_research.cli import main

if __name__ == "__main__":
    main()
