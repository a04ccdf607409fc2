"""``python -m labs_lib`` is the same program as ``labs``."""

from .course.cli import main

main()
