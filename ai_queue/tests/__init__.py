from . import test_forecast_demand
from . import test_forecast_job
from . import test_forecast_press
from . import test_forecast_store
from . import test_queue_job
from . import test_run
