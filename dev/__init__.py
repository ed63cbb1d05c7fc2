"""What the commands in ``bin/`` stand on: getting Odoo, PostgreSQL and Python ready.

Standard library only, because this code runs before anything is installed.
No product code lives here.
"""
