from . import test_capture
from . import test_sync
from . import test_security
from . import test_operations
from . import test_sync_cloud
from . import test_reading
from . import test_cloud
