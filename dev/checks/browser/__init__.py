"""Checks of the screens: a browser, a running server with several processes."""
