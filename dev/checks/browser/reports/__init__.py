"""Checks of the screens of reports: they share one server."""
