from . import health
from . import metrics
from . import run_job
