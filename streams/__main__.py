"""`python -m streams` is `hullwatch`."""

import sys

from streams.cli import main

sys.exit(main())
