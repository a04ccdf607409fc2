"""nbval as the course runs it: strict, guarded, decimals within 1e-4. See labs_lib/course/nb/plugin.py."""

from labs_lib.course.nb.plugin import pytest_collect_file, pytest_configure, pytest_runtest_setup

__all__ = ["pytest_collect_file", "pytest_configure", "pytest_runtest_setup"]
