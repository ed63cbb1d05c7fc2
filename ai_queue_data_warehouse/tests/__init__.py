from . import test_capture
from . import test_sync
from . import test_security
