"""Whether a server is set up to run jobs: what is known of it, and the rules.

Only ``server`` looks at anything; ``rules`` and ``figures`` are given ``facts`` and
import nothing of Odoo. ``queue.job.checkup`` gathers the facts and puts what was found
into words.
"""
