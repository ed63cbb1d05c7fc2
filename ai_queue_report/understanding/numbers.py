# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether one is spoken of, or several."""

from __future__ import annotations

import re

_ENGLISH = (
    "customer|client|product|item|article|vendor|supplier|sales ?person|salesman|seller"
    "|sales rep|rep|buyer|team|sales team|category|product category|country|region|city"
    "|warehouse|employee|department|order|sales order|purchase order|invoice"
    "|customer invoice|vendor bill|bill|quotation|quote|expense|rfq"
    "|credit note|customer credit note|vendor credit note|refund|vendor refund"
    "|payment|customer payment|vendor payment|supplier payment"
)
_GERMAN = (
    "kunde|produkt|lieferant|kategorie|produktkategorie|warengruppe|land|stadt|region"
    "|vertriebsteam|abteilung|auftrag|verkaufsauftrag|bestellung|rechnung|angebot"
    "|ausgangsrechnung|kundenrechnung|eingangsrechnung|lieferantenrechnung|kundin"
    "|gutschrift|kundengutschrift|lieferantengutschrift|zahlung|kundenzahlung"
    "|lieferantenzahlung|zahlungseingang|zahlungsausgang|auszahlung|ruckerstattung"
)
_FRENCH = (
    "client|cliente|produit|article|fournisseur|vendeur|commercial|acheteur|equipe"
    "|equipe commerciale|categorie|categorie de produit|ville|region|entrepot|employe"
    "|commande|commande client|commande fournisseur|facture|facture client"
    "|facture fournisseur|devis|note de frais|avoir|avoir client|avoir fournisseur"
    "|paiement|paiement client|paiement fournisseur|remboursement|encaissement"
)
#: Words of which one is meant.
SINGULAR = "|".join((_ENGLISH, _GERMAN, _FRENCH))
_SINGULAR = re.compile(SINGULAR)
#: Adjectives of one thing, where its word is the same for several.
_OF_ONE = re.compile(r"(?:\w*(?:st|gr)?(?:er|es))|meilleure?|pire")
_SAME_FOR_SEVERAL = re.compile(r"artikel|verkaufer|mitarbeiter|einkaufer|lager")


def is_singular(name: str, adjective: str = "") -> bool:
    """Whether words mean one thing.

    :param name: what it is called, folded
    :param adjective: what stands before it, folded
    """
    if _SAME_FOR_SEVERAL.fullmatch(name):
        return bool(_OF_ONE.fullmatch(adjective))
    return bool(_SINGULAR.fullmatch(name))
