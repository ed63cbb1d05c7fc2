# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What questions call their subjects: words in English, German and French."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """Something that questions are about, with its words by language.

    ``subjects``: keys of the ways to answer, the first one that has all that is asked
    for. ``measure``: concept that is meant when none is named. ``noun``: the concept of
    ``words.DIMENSIONS`` that its words are, too: "customers" is a topic, and "sales by
    customer" is not about them.
    """

    key: str
    subjects: tuple[str, ...]
    words: dict
    measure: str = ""
    noun: str = ""
    #: whether its words name its usual measure: "forecast against actual demand"
    is_measure: bool = False


TOPICS = (
    Topic(
        "revenue",
        ("revenue", "revenue_line"),
        {
            "en": "revenue|revenues|turnover|invoiced revenue|income"
            "|sales revenue|billings|earn|earned|takings",
            "de": "umsatz|umsatze|erlos|erlose|einnahmen|umsatzentwicklung"
            "|umsatzverlauf"
            "|umsatzerlos|einnahme|umsatzvolumen|eingenommen|verdient|umgesetzt",
            "fr": "chiffre d affaires|chiffres d affaires|ca|revenu|recettes"
            "|recette|chiffre daffaires|chiffre d affaire|chiffres d affaire"
            "|facturation|revenus",
        },
    ),
    Topic(
        "customer_invoice",
        ("customer_invoice", "customer_invoice_line"),
        {
            "en": "customer invoice|invoice|invoiced|owe us|owes us|owed to us"
            "|sales invoice|outgoing invoice|billed|receivable|accounts receivable",
            "de": "ausgangsrechnung|kundenrechnung|rechnung|rechnungsentwurf"
            "|rechnungsentwurfe|rechnungsbetrag|schulden uns|schuldet uns"
            "|verkaufsrechnung|debitorenrechnung|faktura|fakturiert"
            "|in rechnung gestellt|forderung|aussenstande",
            "fr": "facture client|facture clients|factures de vente|facture"
            "|nous doivent|nous doit"
            "|facture de vente|facture emise|facturee|creance|creances clients"
            "|facture de client",
        },
    ),
    Topic(
        "customer_credit_note",
        ("customer_credit_note", "customer_credit_note_line"),
        {
            "en": "customer credit note|credit note|refund"
            "|credit memo|credit|refunds to customers",
            "de": "gutschrift|kundengutschrift|rechnungskorrektur"
            "|stornorechnung|ruckerstattung",
            "fr": "avoir client|avoirs clients|note de credit|avoirs"
            "|remboursement|avoir|notes de credit",
        },
    ),
    Topic(
        "vendor_bill",
        ("vendor_bill", "vendor_bill_line"),
        {
            "en": "vendor bill|supplier bill|supplier invoice|vendor invoice|bill"
            "|purchase invoice|we owe|do we owe"
            "|incoming invoice|payable|accounts payable|invoice received"
            "|received invoice|purchase bill",
            "de": "eingangsrechnung|lieferantenrechnung|kreditorenrechnung"
            "|schulden wir|wir schulden"
            "|einkaufsrechnung|rechnungen von lieferanten|verbindlichkeit"
            "|erhaltene rechnung",
            "fr": "facture fournisseur|facture d achat|factures fournisseurs"
            "|nous devons|devons nous"
            "|facture achat|facture de fournisseur|facture recue|dettes fournisseurs"
            "|dette",
        },
    ),
    Topic(
        "vendor_credit_note",
        ("vendor_credit_note",),
        {
            "en": "vendor credit note|supplier credit note|vendor refund",
            "de": "lieferantengutschrift",
            "fr": "avoir fournisseur|avoirs fournisseurs",
        },
    ),
    Topic(
        "sale_order",
        ("sale_order", "sale"),
        {
            "en": "sales order|sale order|customer order|order|order value|basket"
            "|order intake|order received|confirmed order|ordered",
            "de": "verkaufsauftrag|kundenauftrag|auftrag|auftrage|auftragswert"
            "|kundenbestellung|auftragsbestand|auftragsvolumen|bestellungen von kunden",
            "fr": "commande client|commande de vente|bon de commande|commande|panier"
            "|commande de client|commande vente|commandes passees|prise de commande",
        },
        "count",
    ),
    Topic(
        "sale",
        ("sale", "sale_order", "revenue", "revenue_line"),
        {
            "en": "sales|sale|sold|sell|selling|best selling"
            "|sales volume|sells|top selling|bestseller|best seller",
            "de": "verkauf|verkaufe|absatz|vertrieb|verkauft|verkaufte|meistverkauft"
            "|auftragseingang"
            "|verkaufsvolumen|verkaufszahlen|absatzzahl|verkaufen|bestverkauft"
            "|bestseller|abverkauf|topseller",
            "fr": "vente|ventes|vendu|vendue|plus vendu|moins vendu"
            "|volume des ventes|volume de ventes|vendre|mieux vendu|meilleures ventes"
            "|meilleure vente",
        },
    ),
    Topic(
        "quotation",
        ("quotation_order", "quotation"),
        {
            "en": "quotation|quote|offer|proposal|sales quote",
            "de": "angebot|offerte|kostenvoranschlag|verkaufsangebot",
            "fr": "devis|offre|proposition commerciale|offre de prix|proposition",
        },
        "count",
    ),
    Topic(
        "purchase_order",
        ("purchase_order", "purchase"),
        {
            "en": "purchase order|po"
            "|supplier order|vendor order|orders to suppliers|orders to vendors",
            "de": "bestellung|einkaufsbestellung|lieferantenbestellung"
            "|einkaufsauftrag|beschaffungsauftrag|lieferantenauftrag"
            "|bestellungen bei lieferanten|bestellwert|bestellbetrag",
            "fr": "commande fournisseur|bons de commande fournisseurs"
            "|bon de commande fournisseur|commande d achat"
            "|commande achat|commandes d achats|commande aux fournisseurs"
            "|commande a fournisseur",
        },
        "count",
    ),
    Topic(
        "purchase",
        ("purchase", "purchase_order", "vendor_bill", "vendor_bill_line"),
        {
            "en": "purchase|purchasing|procurement|bought|purchased|buy|buys"
            "|purchase volume|purchasing volume|buying|sourcing",
            "de": "einkauf|einkaufe|einkaufsvolumen|beschaffung|gekauft|gekaufte"
            "|eingekauft"
            "|bestellvolumen|beschaffungsvolumen|einkaufswert|bezogen|zukauf|kaufen",
            "fr": "achat|achats|approvisionnement|achete"
            "|volume d achat|volume d achats|volume des achats|acheter|achetee",
        },
    ),
    Topic(
        "rfq",
        ("rfq_order", "rfq"),
        {
            "en": "rfq|rfqs|request for quotation",
            "de": "anfrage|angebotsanfrage|preisanfrage",
            "fr": "demande de prix|demande de devis|appel d offre",
        },
        "count",
    ),
    Topic(
        "stock",
        ("stock",),
        {
            "en": "stock on hand|quantity on hand|on hand|stock|inventory|stock level"
            "|stock value|inventory value|stock valuation"
            "|in stock|stock quantity|available stock|warehouse stock|inventories",
            "de": "lagerbestand|bestand|vorrat|lagermenge|lagerwert|bestandswert"
            "|auf lager|am lager|vorratig|warenbestand|warenbestande|vorrate|inventar"
            "|lagervorrat|bestande",
            "fr": "stock|quantite en stock|inventaire|quantite en main|niveau de stock"
            "|valeur du stock"
            "|en stock|stocks|stock disponible|etat des stocks|quantites en stock"
            "|valeur des stocks|valorisation du stock",
        },
    ),
    Topic(
        "delivery",
        ("delivery",),
        {
            "en": "delivery|deliveries|delivery order|shipment|outgoing shipment"
            "|shipping|dispatch|customer delivery|outgoing delivery|goods issue",
            "de": "lieferung|auslieferung|warenausgang|lieferauftrag|versand"
            "|lieferschein|sendung|ausgehende lieferung|warenausgange|kundenlieferung",
            "fr": "livraison|expedition|bon de livraison"
            "|envoi|livraison client|bons de livraison",
        },
    ),
    Topic(
        "receipt",
        ("receipt",),
        {
            "en": "receipt|goods receipt|incoming shipment"
            "|incoming goods|goods received|incoming delivery|arrival",
            "de": "wareneingang|wareneingange|eingang"
            "|anlieferung|eingehende lieferung|lieferantenlieferung",
            "fr": "reception|receptions"
            "|arrivage|reception de marchandises|entree de marchandises"
            "|entree en stock",
        },
    ),
    Topic(
        "transfer",
        ("transfer",),
        {
            "en": "transfer|picking|stock transfer|internal transfer|stock movement",
            "de": "transfer|umlagerung|lagerbewegung|lagertransfer",
            "fr": "transfert|mouvement de stock|transfert interne",
        },
    ),
    Topic(
        "customer_payment",
        ("customer_payment",),
        {
            "en": "customer payment|payment received|incoming payment|payment"
            "|payment from customers|money received|cash received|inbound payment"
            "|cash in",
            "de": "zahlungseingang|zahlungseingange|kundenzahlung|zahlung"
            "|eingegangene zahlung|geldeingang|erhaltene zahlung|zahlungen von kunden",
            "fr": "paiement client|paiements clients|encaissement|paiement"
            "|paiement recu|reglement|reglement client|reglements clients|versement"
            "|paiements des clients",
        },
    ),
    Topic(
        "vendor_payment",
        ("vendor_payment",),
        {
            "en": "vendor payment|supplier payment|outgoing payment"
            "|payments to vendors|payments to suppliers|payment made|paid out|cash out"
            "|outbound payment",
            "de": "zahlungsausgang|lieferantenzahlung|auszahlung"
            "|zahlungen an lieferanten|geleistete zahlung|ausgehende zahlung"
            "|geldausgang",
            "fr": "paiement fournisseur|decaissement"
            "|paiements aux fournisseurs|reglement fournisseur|reglements fournisseurs"
            "|paiement effectue|paiements emis",
        },
    ),
    Topic(
        "expense",
        ("expense",),
        {
            "en": "expense|expense report|travel expense"
            "|employee expense|staff expense|business expense|reimbursement",
            "de": "spesen|auslagen|reisekosten|spesenabrechnung"
            "|ausgaben der mitarbeiter"
            "|mitarbeiterausgabe|mitarbeiterspesen|reisespesen|mitarbeiterauslagen",
            "fr": "note de frais|notes de frais|depenses des employes|frais"
            "|frais professionnels|frais de deplacement|depenses des salaries"
            "|depenses du personnel|ndf|frais des employes",
        },
    ),
    Topic(
        "production",
        ("production",),
        {
            "en": "manufacturing order|production order|production|manufacturing"
            "|manufactured|produced|mo",
            "de": "fertigungsauftrag|fertigungsauftrage|produktionsauftrag|fertigung"
            "|produktion|produziert|gefertigt|hergestellt",
            "fr": "ordre de fabrication|ordres de fabrication|fabrication"
            "|ordre de production|fabrique|fabriquee|ordres de production",
        },
    ),
    Topic(
        "ai_call",
        ("ai_call",),
        {
            "en": "ai call|model call|ai cost|ai spending|cost of ai|ai token|ai",
            "de": "ki kosten|ki aufruf|ki anfrage|ki token|ki",
            "fr": "cout de l ia|couts de l ia|appel ia|ia|jetons ia",
        },
    ),
    Topic(
        "ai_run",
        ("ai_run",),
        {
            "en": "ai run|ai runs|run|runs",
            "de": "ki lauf|ki laufe|lauf|laufe",
            "fr": "execution ia|executions ia|traitement ia",
        },
    ),
    Topic(
        "forecast",
        ("forecast",),
        {
            "en": "forecast|expected demand|demand forecast|demand|predicted demand",
            "de": "prognose|bedarfsprognose|bedarf|vorhersage|nachfrage",
            "fr": "prevision|demande prevue|demande|previsions de demande",
        },
        is_measure=True,
    ),
    # Nouns that mostly stand for what something is split by.
    Topic(
        "customer",
        ("customer",),
        {
            "en": "customer|client",
            "de": "kunde|kunden|kundin|debitor|kundschaft",
            "fr": "client|cliente|clientele",
        },
        noun="customer",
    ),
    Topic(
        "vendor",
        ("vendor",),
        {
            "en": "vendor|supplier",
            "de": "lieferant|lieferanten",
            "fr": "fournisseur",
        },
        noun="vendor",
    ),
    Topic(
        "contact",
        ("contact",),
        {"en": "contact", "de": "kontakt", "fr": "contact"},
        noun="partner",
    ),
    Topic(
        "product",
        ("product",),
        {
            "en": "product|item|article",
            "de": "produkt|artikel",
            "fr": "produit|article",
        },
        noun="product",
    ),
    Topic(
        "employee",
        ("employee",),
        {
            "en": "employee|staff|headcount",
            "de": "mitarbeiter|angestellte",
            "fr": "employe|salarie|effectif",
        },
        noun="employee",
    ),
)
