from . import boards
