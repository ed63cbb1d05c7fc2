# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..asked import asked, goes_on, is_never_mind, understand
from .common import AiQueueAgentCommon

#: Questions as people write them, and the tool that is meant.
QUESTIONS = {
    "my_runs": (
        "How are my runs?",
        "how far are you with my jobs",
        "what is running right now",
        "Wie weit sind meine Läufe?",
        "Was läuft gerade?",
        "¿Cómo van mis ejecuciones?",
        "¿Qué tal mis trabajos en la cola?",
        "Où en sont mes exécutions ?",
        "Come vanno le mie esecuzioni?",
        "A che punto siamo?",
        "Hoe staat het met mijn taken in de wachtrij?",
        "Wat loopt er nu?",
    ),
    "waits_for_me": (
        "What waits for me?",
        "what do I have to do today",
        "Is anything waiting for me",
        "Anything for me today?",
        "Was wartet auf mich?",
        "Was muss ich heute tun?",
        "Was ist noch offen?",
        "¿Qué espera por mí?",
        "¿Qué tengo que hacer?",
        "Qu'est-ce qui m'attend ?",
        "Que dois-je faire ?",
        "Cosa mi aspetta?",
        "Cosa devo fare oggi?",
        "Wat wacht op mij?",
        "Wat moet ik doen?",
    ),
    "why_held": (
        "Why is this bill held?",
        "why was BILL/2026/0001 not posted",
        "What is missing here?",
        "Why has this bill not been posted?",
        "Is anything wrong with it?",
        "Warum ist die Rechnung angehalten?",
        "Wieso wurde sie nicht freigegeben?",
        "Was fehlt?",
        "¿Por qué está retenida esta factura?",
        "¿Qué falta?",
        "Pourquoi cette facture est-elle bloquée ?",
        "Qu'est-ce qui manque ?",
        "Perché questa fattura è bloccata?",
        "Cosa manca?",
        "Waarom wordt deze factuur vastgehouden?",
        "Wat ontbreekt er?",
    ),
    "help": (
        "help",
        "What can you do?",
        "Hilfe",
        "Was kannst du?",
        "¿Qué puedes hacer?",
        "Que peux-tu faire ?",
        "Cosa puoi fare?",
        "Wat kun je doen?",
    ),
    None: (
        "What is the price of a chair?",
        "Guten Morgen",
        "Please approve all bills",
        "",
        "¿?",
    ),
}


@tagged("post_install", "-at_install")
class TestAsked(AiQueueAgentCommon):
    """Which tool a question is for, in six languages."""

    def test_questions_in_all_languages(self):
        agent = self.env.ref("ai_queue_agent.ai_queue_agent_colleague")
        tools = self.env["ai.queue.agent.tools"]._get_askable(agent)
        for name, questions in QUESTIONS.items():
            for text in questions:
                # Whatever the person has set.
                for language in ("en", "de", "nl", "zh"):
                    with self.subTest(text=text, language=language):
                        self.assertEqual(understand(text, tools, language), name)

    def test_the_more_words_the_better(self):
        @asked(en="bill*")
        def bills():
            pass

        @asked(en="bill* next_week", de="rechnung")
        def due():
            pass

        tools = {"bills": bills, "due": due}
        self.assertEqual(understand("the bills?", tools), "bills")
        self.assertEqual(understand("bills of the next week", tools), "due")
        self.assertEqual(understand("next bills of a week", tools), "bills")

    def test_what_could_be_both_is_neither(self):
        @asked(en="stock")
        def one():
            pass

        @asked(de="stock")
        def other():
            pass

        tools = {"one": one, "other": other}
        self.assertIsNone(understand("stock", tools))
        self.assertEqual(understand("stock", tools, "de"), "other")

    def test_what_goes_on(self):
        for text in ("and the other one?", "Und morgen?", "¿Y mañana?", "et demain ?"):
            self.assertTrue(goes_on(text), text)
        self.assertFalse(goes_on("android"))
        self.assertFalse(goes_on("and now for something that is completely different"))

    def test_what_calls_it_off(self):
        for text in ("Never mind!", "Vergiss es", "olvídalo", "laisse tomber"):
            self.assertTrue(is_never_mind(text), text)
        self.assertFalse(is_never_mind("It is the second one"))
