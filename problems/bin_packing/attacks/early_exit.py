# expect: crash | suspect
"""Writes a result and leaves before it is asked."""

import os

os.write(1, b'{"excess": 0.0}\n')
os._exit(0)
