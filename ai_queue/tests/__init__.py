from . import test_forecast_demand
from . import test_forecast_store
