"""The options by which a command names a model, and the endpoint that they mean."""

from __future__ import annotations

import os

from .shapes import Endpoint


def add_model(group) -> None:
    """Add the options to a parser or one of its groups."""
    group.add_argument(
        "--base-url", metavar="URL", help="like http://localhost:8000/v1"
    )
    group.add_argument("--model", metavar="NAME", help="as the server calls it")
    group.add_argument(
        "--api-key-env", metavar="NAME", help="the environment variable with the key"
    )
    group.add_argument(
        "--timeout",
        type=float,
        default=90.0,
        metavar="SECONDS",
        help="how long one answer may take (default: %(default)g)",
    )


def endpoint(parser, options) -> Endpoint:
    """Where the model is; ends the command when its key is not there."""
    key = options.api_key_env and os.environ.get(options.api_key_env)
    if options.api_key_env and not key:
        parser.error(f"the environment variable {options.api_key_env} is not set")
    return Endpoint(
        options.base_url,
        api_key=key or None,
        read_timeout=options.timeout,
        request_timeout=options.timeout,
    )
