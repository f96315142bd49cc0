"""Container images for candidates: exported from this machine's Python, or made of Debian's packages."""
