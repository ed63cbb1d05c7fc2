# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """Leave no job that cannot be loaded, and let the runner go back to odoo.conf.

    Alone, the host would hand such a job out every ten seconds, for ever.
    """
    env["queue.job"]._cancel_gone(env._("What it needs is not installed any more."))
    env["queue.job.channel"]._notify_channel_config_changed()
