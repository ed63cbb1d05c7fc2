from . import test_bridge
from . import test_cli
from . import test_files
from . import test_forecasts
from . import test_hand_off
from . import test_packing
from . import test_seen
from . import test_settings
