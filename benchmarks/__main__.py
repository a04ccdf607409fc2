"""Run every benchmark."""

from . import check_time, packing

check_time.main()
packing.main()
