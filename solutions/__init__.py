"""Reference answers. The learner's modules in ``labs_lib/`` are generated from these files by ``labs stubs``."""
