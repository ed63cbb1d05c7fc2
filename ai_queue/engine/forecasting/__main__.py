"""``PYTHONPATH=ai_queue python -m engine.forecasting FILE``."""

import sys

from .cli import main

sys.exit(main())
