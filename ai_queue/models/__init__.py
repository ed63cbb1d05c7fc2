from . import runs
from . import decisions
from . import ledger
from . import forecast
from . import bills
from . import operations
