"""Whether a server is set up for AI work: what is known of it, and the rules.

Only ``server`` looks at anything; ``rules`` and ``figures`` are given ``facts`` and
import nothing of Odoo. ``ai.queue.checkup`` gathers the facts and puts what was found
into words.
"""
