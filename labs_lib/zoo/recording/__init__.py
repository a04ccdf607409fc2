"""Scripts that made what lies in ``files/``, from libraries that the course does not depend on."""
