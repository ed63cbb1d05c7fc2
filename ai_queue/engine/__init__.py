"""Plain Python that knows models and statistics and nothing of Odoo.

Plain data in, plain data out. Inside the package every import is relative, so
that it works both as ``odoo.addons.ai_queue.engine`` and, with
``PYTHONPATH=ai_queue``, as ``engine`` on a machine without Odoo.
"""
