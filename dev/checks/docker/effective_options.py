"""What Odoo and queue_job make of a configuration; run with Odoo's Python.

Called as ``effective_options.py ODOO.CONF`` in the environment of a service; prints
JSON: the options, names in the file that Odoo does not know, the runner's settings.
"""

import configparser
import json
import sys

from odoo.tools import config


def main(path):
    """Print the settings as Odoo sees them."""
    config.parse_config(["--config", path], setup_logging=False)
    # Imported now, because it reads its settings when it is imported.
    from odoo.addons.queue_job import jobrunner
    from odoo.addons.queue_job.jobrunner import runner

    file = configparser.RawConfigParser()
    file.read(path)
    instance = runner.QueueJobRunner.from_environ_or_config()
    channels = instance.channel_manager
    described = {
        name: channel.capacity for name, channel in channels._channels_by_name.items()
    }
    json.dump(
        {
            "options": {name: config[name] for name in config.options_index},
            "unknown": sorted(set(file["options"]) - set(config.options_index)),
            "runner": {
                "enabled": jobrunner._is_runner_enabled(),
                "host": instance.host,
                "port": int(instance.port),
                "channels": described,
            },
        },
        sys.stdout,
        default=str,
    )


if __name__ == "__main__":
    main(sys.argv[1])
