"""Run every benchmark."""

from . import check_time, grading, packing

check_time.main()
packing.main()
grading.main()
