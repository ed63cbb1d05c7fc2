# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.queue_job_operations import addresses
from odoo.addons.queue_job_operations.side_cursor import side_env

from ...asking.ask import PATIENCE, Asking
from ...asking.check import Check
from ...asking.limits import longest_request
from ...asking.shapes import Asker
from ...asking.words import translate
from ...engine.client import MODES, Endpoint

MAX_TIMEOUT = 3600.0
MAX_IN_FLIGHT, MAX_PER_MINUTE, MAX_PAUSE = 1000, 1_000_000_000, 24 * 60 * 60
DEFAULT_ANSWER_TOKENS = 4000
_LINE = re.compile(r"\s*([^\s:=]+)\s*[:=]\s*(.*?)\s*")


class AiQueueProvider(models.Model):
    """Where a model is reached: built in, or at an OpenAI-compatible address.

    What changes while it is used (breaker, verdict of the last test) is in
    ``ai.queue.provider.state``; the key is in ``ai.queue.provider.secret``, which
    nobody may read.
    """

    _name = "ai.queue.provider"
    _inherit = "queue.job.outside.key"
    _description = "AI Provider"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    type = fields.Selection(
        [("local", "Built in"), ("openai", "OpenAI-compatible")],
        required=True,
        default="openai",
        help="Built in: statistics and document reading on this server, without a key "
        "and without internet. OpenAI-compatible: OpenAI, Azure, vLLM, Ollama, "
        "llama.cpp, LiteLLM and others.",
    )
    base_url = fields.Char(
        string="Base URL", help="Often ends in /v1: https://api.openai.com/v1"
    )
    organization = fields.Char(help="Only for accounts with several organizations.")
    # Some gateways have keys of their own in them.
    headers = fields.Text(
        string="Extra Headers",
        groups="base.group_system",
        help="One per line, like: api-key: {api_key}\n"
        "{api_key} stands for the key, which is then sent in that header only.",
    )
    query = fields.Text(
        string="Extra Query",
        groups="base.group_system",
        help="One per line, like: api-version=2024-10-21",
    )
    supports = fields.Selection(
        [("auto", "Find out"), *((mode, mode) for mode in MODES)],
        string="Structured Output",
        required=True,
        default="auto",
        help="How to make the server answer in JSON.",
    )
    connect_timeout = fields.Float(string="Connecting (s)", required=True, default=5.0)
    read_timeout = fields.Float(
        string="Silence (s)",
        required=True,
        default=80.0,
        help="How long the server may stay silent while its model thinks.",
    )
    request_timeout = fields.Float(
        string="Whole Request (s)",
        required=True,
        default=90.0,
        help="How long a question may take, including short retries. The time limit of "
        "the worker may shorten it.",
    )
    max_in_flight = fields.Integer(
        string="Requests at a Time",
        required=True,
        default=8,
        help="Across all workers and servers.",
    )
    requests_per_minute = fields.Integer(help="Across all workers. 0: no limit.")
    tokens_per_minute = fields.Integer(help="Across all workers. 0: no limit.")
    breaker_failures = fields.Integer(
        string="Failures in a Row",
        required=True,
        default=5,
        help="After this many requests in a row without an answer, the provider is "
        "paused.",
    )
    breaker_rate = fields.Float(
        string="Failure Rate (%)",
        required=True,
        default=50.0,
        help="If this share of the last 20 requests got no answer, the provider is "
        "paused.",
    )
    breaker_pause = fields.Integer(
        string="First Pause (s)",
        required=True,
        default=30,
        help="Doubled each time the provider still does not answer, up to 15 minutes.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        string="Prices In",
        required=True,
        default=lambda self: (
            self.env.ref("base.USD", raise_if_not_found=False)
            or self.env.company.currency_id
        ),
    )
    model_ids = fields.One2many(
        "ai.queue.provider.model", "provider_id", string="Models", copy=True
    )
    state_ids = fields.One2many("ai.queue.provider.state", "provider_id", copy=False)
    breaker_state = fields.Selection(
        related="state_ids.breaker_state", string="Breaker"
    )
    breaker_message = fields.Text(related="state_ids.breaker_message")
    breaker_until = fields.Datetime(related="state_ids.breaker_until")
    refusal_message = fields.Text(related="state_ids.refusal_message")
    check_state = fields.Selection(related="state_ids.check_state")
    check_result = fields.Text(related="state_ids.check_result")
    check_date = fields.Datetime(related="state_ids.check_date")

    _name_uniq = models.Constraint(
        "UNIQUE(name)", "There is a provider of this name already."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("type", "base_url")
    def _check_base_url(self):
        for provider in self:
            url = provider.base_url or ""
            if provider.type == "openai" and not re.match(r"https?://[^\s@?#]+$", url):
                raise ValidationError(
                    self.env._(
                        "Enter the base URL of the provider %(provider)s, like "
                        "https://api.openai.com/v1, without user name and password.",
                        provider=provider.name,
                    )
                )
            if provider.type == "openai" and (where := addresses.find_refused(url)):
                raise ValidationError(addresses.describe_refusal(self.env, where))

    @api.constrains("headers", "query")
    def _check_lines(self):
        for provider in self:
            provider._split("headers")
            provider._split("query")

    @api.constrains("connect_timeout", "read_timeout", "request_timeout")
    def _check_timeouts(self):
        for provider in self:
            times = (provider.connect_timeout, provider.read_timeout)
            if not all(0 < time <= MAX_TIMEOUT for time in times) or not (
                provider.connect_timeout < provider.request_timeout <= MAX_TIMEOUT
            ):
                raise ValidationError(
                    self.env._(
                        "Timeouts must be between 0 and %(most)s seconds, and a whole "
                        "request must get longer than connecting.",
                        most=int(MAX_TIMEOUT),
                    )
                )

    @api.constrains(
        "max_in_flight",
        "requests_per_minute",
        "tokens_per_minute",
        "breaker_failures",
        "breaker_rate",
        "breaker_pause",
    )
    def _check_limits(self):
        for provider in self:
            if provider.max_in_flight < 1 or provider.breaker_failures < 1:
                raise ValidationError(
                    self.env._(
                        "Enter at least one request at a time, and at least one "
                        "failure."
                    )
                )
            if min(provider.requests_per_minute, provider.tokens_per_minute) < 0:
                raise ValidationError(
                    self.env._(
                        "Limits per minute cannot be negative; 0 means no limit."
                    )
                )
            if (
                max(provider.max_in_flight, provider.breaker_failures) > MAX_IN_FLIGHT
                or max(provider.requests_per_minute, provider.tokens_per_minute)
                > MAX_PER_MINUTE
                or provider.breaker_pause > MAX_PAUSE
            ):
                raise ValidationError(
                    self.env._(
                        "At most %(requests)s requests at a time and failures in a "
                        "row, %(limit)s a minute, and a pause of %(pause)s seconds.",
                        requests=MAX_IN_FLIGHT,
                        limit=MAX_PER_MINUTE,
                        pause=MAX_PAUSE,
                    )
                )
            if provider.breaker_pause < 1 or not 0 < provider.breaker_rate <= 100:
                raise ValidationError(
                    self.env._(
                        "A pause must last at least a second, and the failure rate "
                        "must be above 0 and at most 100 %."
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Never into the cache of a field: it could be read from there.
        keys = [vals.get("api_key") for vals in vals_list]
        vals_list = [_without_key(vals) for vals in vals_list]
        providers = super().create(vals_list)
        states = self.env["ai.queue.provider.state"].sudo()
        states.create([{"provider_id": provider.id} for provider in providers])
        for provider, key in zip(providers, keys, strict=True):
            if key:
                provider._store_key(key)
        return providers

    def copy_data(self, default=None):
        """The copy has no key, and another name."""
        vals_list = super().copy_data(default)
        for provider, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", provider.name)
        return vals_list

    def write(self, vals):
        key = vals.get("api_key")
        moved = self.browse()
        if "base_url" in vals:
            moved = self.filtered(lambda line: line.base_url != vals["base_url"])
        result = super().write(_without_key(vals))
        # The key was meant for the old address: it must not go to another.
        if moved:
            moved._forget_key()
            # Who may change the provider may change what is known of it.
            moved.sudo().state_ids._move()
        if key:
            for provider in self:
                provider._store_key(key)
        if key:
            # What the old key did says nothing of the new one.
            self.sudo().state_ids._reset()
        if vals.keys() & {"active", "base_url", "max_in_flight"} or key:
            self.env["ai.queue.run.job"]._wake("provider", self.ids)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        calls = self.env["ai.queue.call"].sudo()
        if (
            self.env.ref("ai_queue.ai_queue_provider_local", raise_if_not_found=False)
            in self
        ):
            raise UserError(self.env._("The built-in provider cannot be deleted."))
        if calls.search_count([("provider_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("This provider has calls. Archive it instead."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_check(self):
        """Test the connection in a job: the verdict appears on the form."""
        self.ensure_one()
        self.check_access("write")
        if not self.model_ids:
            raise UserError(
                self.env._("Add a model first: the test asks it a question.")
            )
        # Who may change the provider may see what came of it.
        state = self.sudo().state_ids
        state.write({"check_state": "pending", "check_result": False})
        # What comes in by RPC may wish to have it done at once.
        self.with_context(queue_job__no_delay=False).with_delay(
            priority=1,
            max_retries=1,
            description=self.env._("Test the connection to %s", self.name),
        )._run_check()
        return True

    def action_reset_breaker(self):
        """Let work go to the provider again, at once."""
        self.check_access("write")
        # Who may change the provider may reset its breaker.
        self.sudo().state_ids._reset()
        return True

    def action_open_calls(self):
        """The calls to this provider."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ai_queue.ai_queue_call_action"
        )
        action["domain"] = [("provider_id", "in", self.ids)]
        return action

    @api.private
    def _run_check(self):
        """Test the connection"""
        self.ensure_one()
        if self.sudo().key_problem:
            self._note_check(False, [self.sudo().key_problem])
            return self.sudo().key_problem
        model_names = list(dict.fromkeys(self.model_ids.mapped("model")))
        verdicts = Check(self, model_names).run()
        lines = []
        for name, verdict in zip(model_names, verdicts, strict=True):
            lines.append(name)
            lines += [self._say_step(step) for step in verdict.steps if step.said]
        self._note_check(all(verdict.ok for verdict in verdicts), lines)
        return verdicts[0].text

    def _note_check(self, ok, lines):
        state = self.sudo().state_ids
        # Running jobs write it meanwhile: from this transaction it would conflict.
        with side_env(self.env) as env:
            env[state._name].browse(state.id)._note_check(ok, "\n".join(lines))

    def _say_step(self, step):
        """A step of the verdict, in the language of the reader."""
        said = [translate(self.env, *sentence) for sentence in step.said]
        return " ".join([{True: "✓", False: "✗"}[step.ok], *said])

    # ------------------------------------------------------------
    # WHAT THE ENGINE NEEDS
    # ------------------------------------------------------------

    def _is_local(self):
        return not self or self.type == "local"

    def _get_model(self, kind):
        """The model of this provider for a kind of work.

        :raise UserError: when none is set
        """
        self.ensure_one()
        model = self.sudo().model_ids.filtered(lambda line: line.kind == kind)[:1]
        if not model:
            kinds = dict(
                self.env["ai.queue.run"]
                ._fields["kind"]
                ._description_selection(self.env)
            )
            kind = kinds.get(kind, kind)
            if self.sudo().type == "local":
                # Nobody has chosen it: it is who does what no provider is chosen for.
                raise UserError(
                    self.env._(
                        "This company has no model for: %s. An administrator can add "
                        "one in the form of a provider (AI Queue → Configuration → "
                        "Providers), and choose that provider in the settings where "
                        "they ask for one.",
                        kind,
                    )
                )
            raise UserError(
                self.env._(
                    "The provider %(provider)s has no model for: %(kind)s. An "
                    "administrator can add one in the provider's form.",
                    provider=self.sudo().name,
                    kind=kind,
                )
            )
        return model

    def _get_rates(self, model, company):
        """Cost of a token sent and of one answered, in the currency of the company, and
        how many tokens to reserve for an answer; no costs where none are set."""
        self.ensure_one()
        # Who starts work need not see prices.
        line = self.sudo().model_ids.filtered(lambda line: line.model == model)[:1]
        if not line:
            return 0.0, 0.0, DEFAULT_ANSWER_TOKENS
        return *line._get_rates(company), line.answer_tokens

    def _get_endpoint(self):
        """Where and how to reach it, with its key: `engine.client.Endpoint`.

        :raise UserError: a key of its name is for another address
        """
        self.ensure_one()
        # Who starts work need not see how the provider is reached.
        provider = self.sudo()
        if provider.key_problem:
            raise UserError(provider.key_problem)
        request_timeout = min(provider.request_timeout, longest_request())
        return Endpoint(
            base_url=provider.base_url or "",
            api_key=provider._get_key(),
            organization=provider.organization or None,
            headers=provider._split("headers"),
            query=provider._split("query"),
            connect_timeout=provider.connect_timeout,
            read_timeout=min(provider.read_timeout, request_timeout),
            request_timeout=request_timeout,
            has_answered=provider.state_ids.has_answered,
            supports=provider.supports,
            may_reach=addresses.may_reach,
        )

    def _split(self, field):
        """The lines of a text as a mapping.

        :raise ValidationError: names the line that is none
        """
        mapping = {}
        for number, line in enumerate((self[field] or "").splitlines(), 1):
            if not line.strip():
                continue
            match = _LINE.fullmatch(line)
            if not match:
                # By its number: there may be a key in it, and errors are logged.
                raise ValidationError(
                    self.env._(
                        "Line %(number)s of “%(field)s” is not valid. Write one entry "
                        "per line, such as “name: value”.",
                        number=number,
                        field=self._fields[field]._description_string(self.env),
                    )
                )
            mapping[match[1]] = match[2]
        return mapping

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def _ask(
        self, questions, *, kind, prompt_version, progress=None, can_do_without=False
    ):
        """Ask this provider, each question once, through the ledger.

        For jobs only: what cannot be had now is an error that makes the job run again
        later, when it finds in the ledger what was answered. The caller lets go of its
        own transaction before; this uses cursors of its own.

        :param questions: list of ``engine.client.Question``, with keys that differ
        :param str kind: what for; stands in the ledger
        :param str prompt_version: changes when equal questions are to be asked again
        :param progress: function of the set of question keys that are through
        :param can_do_without: the caller has results without a model, too: what every
            question would meet, and what is waited for too long, is then an error of
            each question that is left. Budgets are waited for all the same
        :return: `asking.shapes.Outcome`: ``answers`` and ``errors`` by question key
        :raise RetryableJobError: some questions have to wait
        :raise UserError: the provider refuses all, with a sentence what to do
        """
        self.ensure_one()
        row = self.env["ai.queue.run.job"]._of_current_job()
        asker = self._get_asker(kind, row)
        asking = self._get_asking(asker, questions, prompt_version, can_do_without)
        self.env["ai.queue.kind"]._let_go(row)
        return asking.ask(
            stop=row._is_cancel_requested if row else None, progress=progress
        )

    def _get_asking(self, asker, questions, prompt_version, can_do_without):
        """What asks: hook for who has questions asked elsewhere.

        :param asker: `asking.shapes.Asker`; the others are those of ``_ask``
        """
        return Asking(self, asker, questions, prompt_version, can_do_without)

    def _get_asker(self, kind, row):
        return Asker(
            kind=kind,
            company_id=self.env.company.id,
            user_id=self.env.uid,
            run_id=row.run_id.id or None,
            run_job_id=row.id or None,
            job_uuid=row.queue_job_uuid or self.env.context.get("job_uuid"),
            attempt=len(row.attempt_ids),
            waits=len(row._get_waits()),
            date_queued=row.date_queued or None,
            waiting_since=row._get_waiting_since(timedelta(seconds=2 * PATIENCE)),
            is_last_try=row._is_last_try(),
        )


def _without_key(vals):
    return {name: value for name, value in vals.items() if name != "api_key"}
