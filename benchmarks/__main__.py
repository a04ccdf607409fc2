"""Run every benchmark."""

from . import check_time

check_time.main()
