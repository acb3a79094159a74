"""Imported by a process that forks, before it does: it ends with the process that started it, however that ends.

Those that it forks end with it (stage.py): else they would keep it, and each other, alive.
"""

from tests.crash.stage import dies_with_its_parent

dies_with_its_parent()
