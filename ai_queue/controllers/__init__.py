from . import attachment
from . import token
from . import health
from . import metrics
