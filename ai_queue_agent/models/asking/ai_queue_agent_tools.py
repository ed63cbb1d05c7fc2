# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from datetime import timedelta
from textwrap import shorten

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from odoo.addons.ai_queue.models.runs.ai_queue_run import ACTIVE_STATES

from ...asked import asked, said
from ...findings import end_once
from ...tools import agent_tool

#: What the person asked, in their own words: the argument of a tool that can be asked.
ABOUT = {"type": "string", "maxLength": 500}
#: Lines of an answer; what is left out is counted.
MAX_LINES = 8
#: Proposals that are looked through for those that the person may decide on.
MAX_PROPOSALS = 200
_NUMBER = re.compile(r"[\w/.-]*\d[\w/.-]*")


class AiQueueAgentTools(models.AbstractModel):
    """Tools that can be asked in a chat, with or without a model.

    A tool is asked when its words (``asked``) are in the question and its agent has it.
    It returns lines (``said``). ``_example_<name>`` is a question for it.
    """

    _inherit = "ai.queue.agent.tools"

    # ------------------------------------------------------------
    # WHICH THERE ARE
    # ------------------------------------------------------------

    @api.model
    def _get_askable(self, agent):
        """The tools of an agent that answer by themselves: {name: method}."""
        found = {"help": type(self)._say_help}
        # Who may ask the agent has it use its tools.
        for code in sorted(agent.sudo().tool_ids.mapped("code")):
            method = self._find(code)
            if method and hasattr(method, "_asked"):
                found[code] = method
        return found

    @asked(
        en="help; what can|could you; who are you; how does this work",
        de="hilfe; was kannst du; was konnen sie; wer bist du",
        es="ayuda; que puedes|sabes; quien eres",
        fr="aide; que peux|sais tu; que pouvez vous; qui es tu",
        it="aiuto; cosa puoi|sai; chi sei",
        nl="help|hulp; wat kun|kan|kunt je|jij|u; wie ben je|jij",
    )
    def _say_help(self, agent, record=None):
        """What can be asked, with an example of each."""
        if record:
            first = self.env._(
                "Ask me about %s, or anything of this:", record.display_name
            )
        else:
            first = self.env._("You can ask me:")
        return [said(first), *self._say_examples(agent)]

    def _say_unable(self, agent, record=None, reason=""):
        """That a question cannot be answered, and which can."""
        first = self.env._("I cannot answer that.")
        if reason:
            first = self.env._("I cannot answer that: %s", reason)
        elif not agent._get_provider():
            first = self.env._(
                "I cannot answer that: I work by rules alone here. An administrator "
                "of AI Agents can let me ask a model."
            )
        return [said(first), said(self.env._("You can ask me:"))] + (
            self._say_examples(agent)
        )

    def _say_examples(self, agent):
        """An example for each tool that can be asked."""
        lines = []
        for code in self._get_askable(agent):
            example = getattr(self, f"_example_{code}", None)
            if example:
                lines.append({"text": example(), "is_item": True})
        return lines

    # ------------------------------------------------------------
    # AS A MESSAGE
    # ------------------------------------------------------------

    @api.model
    def _find_record(self, model, record_id):
        """A record that a line is about, if the current user may read it."""
        if model not in self.env:
            return None
        record = self.env[model].browse(record_id).exists()
        return record._filtered_access("read")[:1] or None

    def _as_html(self, lines):
        """Lines of a tool as the body of a message, with links to their records."""
        if isinstance(lines, dict):
            lines = [said(lines.get("error") or "")]
        parts, items = [], []
        for line in lines:
            text = Markup("%s") % line["text"]
            if reference := line.get("record"):
                record = self._find_record(*reference[:2])
                if record:
                    text += Markup(" %s") % record._get_html_link()
            if line.get("is_item") or line.get("record"):
                items.append(Markup("<li>%s</li>") % text)
                continue
            if items:
                parts.append(_as_list(items))
                items = []
            parts.append(Markup("<p>%s</p>") % text)
        if items:
            parts.append(_as_list(items))
        return Markup("").join(parts)

    def _as_html_of_model(self, text, records):
        """What a model said, as plain text, and links to what its tools have shown."""
        paragraphs = [one.strip() for one in text.split("\n") if one.strip()]
        body = Markup("").join(Markup("<p>%s</p>") % one for one in paragraphs)
        if records:
            links = [record._get_html_link() for record in records]
            body += Markup("<p>%s</p>") % Markup(", ").join(links)
        return body or Markup("<p>…</p>")

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    @asked(
        en="run|runs|job|jobs|queue; what is running; how far are you|we|it",
        de="lauf|laufe|laufen|job|jobs|warteschlange; was lauft; wie weit",
        es="ejecucion|ejecuciones|trabajo|trabajos|cola; que esta en_marcha",
        fr="execution|executions|traitement|traitements|tache|taches|file; ou en",
        it="esecuzione|esecuzioni|lavori|coda; a che punto",
        nl="run|runs|taak|taken|wachtrij; wat loopt|draait; hoe ver; "
        "hoe staat run|runs|taken|wachtrij",
    )
    @agent_tool(about=ABOUT)
    def _tool_my_runs(self, agent, record, about):
        """Reads the state of the runs that the person has started: what runs, what
        failed and why, what is done."""
        runs = self.env["ai.queue.run"]
        mine = Domain("user_id", "=", self.env.uid) & Domain("kind", "!=", "ask")
        active = runs.search(mine & Domain("state", "in", ACTIVE_STATES))
        since = fields.Datetime.now() - timedelta(days=1)
        recent = runs.search(
            mine
            & Domain("state", "not in", ACTIVE_STATES)
            & Domain("create_date", ">=", since)
        )
        if not active and not recent:
            return [said(self.env._("You have started no run within a day."))]
        lines = [
            said(
                self.env._(
                    "Under way: %(active)s of your runs. Ended within a day: "
                    "%(ended)s, of which %(failed)s failed.",
                    active=len(active),
                    ended=len(recent),
                    failed=len(recent.filtered(lambda run: run.state == "failed")),
                )
            )
        ]
        failed_first = recent.sorted(lambda run: run.state != "failed")
        shown = active + failed_first
        lines += [said(self._say_run(run), run) for run in shown[:MAX_LINES]]
        return lines + self._say_rest(shown)

    def _example_my_runs(self):
        return self.env._("How are my runs?")

    def _say_run(self, run):
        state = dict(run._fields["state"]._description_selection(self.env))[run.state]
        why = run.hold_summary or run.waiting_summary or run.failure_summary or ""
        return self.env._(
            "%(state)s, %(done)s of %(total)s. %(why)s",
            state=state,
            done=run.finished,
            total=run.total,
            why=_cut(why, 300),
        )

    @asked(
        en="waits|waiting me; my todo|tasks|to_do; what must|should|do i do|have; "
        "what have i to_do; to_do today; decide|approve i|me; anything for_me",
        de="wartet|warten mich; was muss|soll ich; zu_tun; meine aufgaben; "
        "was ist offen",
        es="espera|esperan|esperando mi; debo|tengo que hacer; mis tareas; pendiente*",
        fr="attend|attendent moi|m; dois je faire; a_faire; mes taches",
        it="aspetta|aspettano me|mi; devo fare; da_fare; miei compiti",
        nl="wacht|wachten mij|me; moet ik doen; te_doen; mijn taken",
    )
    @agent_tool(about=ABOUT)
    def _tool_waits_for_me(self, agent, record, about):
        """Reads what waits for the person: questions of agents, proposals to decide,
        bills to review, activities that are due."""
        lines = [
            *self._say_waiting_cases(),
            *self._say_open_proposals(),
            *self._say_bills_to_review(),
            *self._say_due_activities(),
        ]
        return lines or [said(self.env._("Nothing waits for you."))]

    def _example_waits_for_me(self):
        return self.env._("What waits for me?")

    def _say_waiting_cases(self):
        cases = self.env["ai.queue.agent.case"].search(
            [("state", "=", "waiting"), ("user_id", "=", self.env.uid)]
        )
        for case in cases[:MAX_LINES]:
            text = self.env._("An agent asks you: %s", case.question or "?")
            yield said(text, case)

    def _say_open_proposals(self):
        if not self.env["ai.queue.proposal"].has_access("read"):
            return
        proposals = self.env["ai.queue.proposal"].search(
            [("state", "=", "open")], limit=MAX_PROPOSALS
        )
        mine = proposals.filtered("can_decide")
        if mine:
            yield said(self.env._("Proposals to decide: %s.", len(mine)))
        for proposal in mine[:MAX_LINES]:
            text = end_once(f"{proposal.display_name}. {proposal.main_reason or ''}")
            yield said(text, proposal)

    def _say_bills_to_review(self):
        moves = self.env["account.move"]
        if not moves._has_field_access(moves._fields["ai_reading_state"], "read"):
            return
        if not moves.has_access("write"):
            return
        bills = moves.search([("ai_reading_state", "=", "review")])
        if bills:
            yield said(self.env._("Bills to review: %s.", len(bills)))
        for bill in bills[:3]:
            yield said(_cut(bill.ai_reading_reasons or "", 200), bill)

    def _say_due_activities(self):
        today = fields.Date.context_today(self)
        activities = self.env["mail.activity"].search(
            [("user_id", "=", self.env.uid), ("date_deadline", "<=", today)]
        )
        if activities:
            yield said(self.env._("Activities that are due: %s.", len(activities)))
        for activity in activities[:3]:
            what = activity.summary or activity.activity_type_id.name or ""
            if found := self._find_record(activity.res_model, activity.res_id):
                yield said(what, found)

    @asked(
        en="why hold|held|holding|stopped|blocked|stuck|posted|approved; "
        "what|anything wrong|missing; on hold why|reason",
        de="warum|wieso|weshalb angehalten|zuruckgehalten|blockiert|gesperrt|hangt|"
        "gebucht|freigegeben|gestoppt; was fehlt; stimmt nicht",
        es="por_que retenid*|bloquead*|parad*|detenid*|contabilizad*|aprobad*; "
        "que falta",
        fr="pourquoi retenu*|bloque*|suspendu*|arrete*|comptabilise*|attente; "
        "que manque; qu manque; qui manque",
        it="perche ferm*|bloccat*|sospes*|trattenut*|registrat*|approvat*; cosa manca",
        nl="waarom vast*|geblokkeerd*|tegen*|gehouden|aangehouden|geboekt|goedgekeurd; "
        "wat ontbreekt; wat klopt niet",
    )
    @agent_tool(about=ABOUT)
    def _tool_why_held(self, agent, record, about):
        """Reads why a record, as a vendor bill, is held: what was found, what a person
        has to decide. Without a record, name the number of the bill."""
        found = self._find_held(record, about)
        if not found:
            return [
                said(
                    self.env._(
                        "Which one? Ask me from the form of the bill, or give me its "
                        "number. I find only what you may see."
                    )
                )
            ]
        lines = []
        for one in found[:3]:
            lines += self._say_why_held(one)
        return lines

    def _example_why_held(self):
        return self.env._("Why is this bill held?")

    def _find_held(self, record, about):
        """The record of the chat, or the bills with a number that is in the words."""
        # Without the full stop of the sentence.
        numbers = [number.rstrip("./-") for number in _NUMBER.findall(about)]
        moves = self.env["account.move"]
        if numbers and moves.has_access("read"):
            named = Domain.OR(
                Domain("name", "=ilike", number) | Domain("ref", "=ilike", number)
                for number in map(escape_psql, numbers[:5])
            )
            if found := moves.search(named, limit=4):
                return found
        is_chat_alone = record._name in ("ai.queue.question", "ai.queue.agent")
        return moves.browse() if is_chat_alone else record

    def _say_why_held(self, record):
        proposals = self.env["ai.queue.proposal"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )
        is_bill = record._name == "account.move"
        if is_bill and record.state != "draft":
            yield said(self.env._("Nothing holds it: it is no longer a draft."), record)
            return
        opened = proposals.filtered(lambda one: one.state == "open")
        if opened:
            yield from self._say_proposal(record, opened[0])
            return
        if is_bill and (reasons := self._read_reasons(record)):
            yield said(self.env._("It waits for a review:"), record)
            for reason in reasons:
                yield {"text": reason, "is_item": True}
            return
        if proposals:
            yield said(self._say_last(proposals[0]), record)
            return
        yield said(
            self.env._("No agent has looked at it, as far as you may see."), record
        )

    def _say_proposal(self, record, proposal):
        verdicts = dict(proposal._fields["verdict"]._description_selection(self.env))
        yield said(
            self.env._(
                # A link to the record stands behind it, and the reasons below.
                "%(agent)s says %(verdict)s:",
                # Who sees the proposal sees whose it is.
                agent=proposal.sudo().agent_id.name,
                verdict=verdicts[proposal.verdict],
            ),
            record,
        )
        for sentence in (proposal.reason or "").splitlines()[:MAX_LINES]:
            yield {"text": sentence, "is_item": True}
        yield said(self.env._("You decide on it here:"), proposal)

    def _say_last(self, proposal):
        states = dict(proposal._fields["state"]._description_selection(self.env))
        why = proposal.rejection or proposal.outdated_reason or ""
        return self.env._(
            "What was proposed last is settled: %(state)s. %(why)s",
            state=states[proposal.state],
            why=why,
        )

    def _read_reasons(self, move):
        field = move._fields["ai_reading_state"]
        if not move._has_field_access(field, "read"):
            return []
        if move.ai_reading_state != "review":
            return []
        return (move.ai_reading_reasons or "").splitlines()[:MAX_LINES]

    def _say_rest(self, records):
        rest = len(records) - MAX_LINES
        return [said(self.env._("… and %s more.", rest))] if rest > 0 else []


def _cut(text, length):
    """One line, cut between words: half a number would be another one."""
    return shorten(text, length, placeholder=" …")


def _as_list(items):
    return Markup("<ul>%s</ul>") % Markup("").join(items)
