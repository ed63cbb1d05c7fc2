"""The small trading company of ``bin/demo``: what it sells, to whom, and its sales.

``catalogue`` and ``sales`` are plain Python (no Odoo, standard library only);
``load`` puts both into a database from inside Odoo.
"""
