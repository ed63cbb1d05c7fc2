# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """Let the job runner go back to odoo.conf, once the addon is gone."""
    env["queue.job.channel"]._notify_channel_config_changed()
