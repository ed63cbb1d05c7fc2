"""What the printed labels of a bill mean, in the languages of Europe and the US.

All patterns are for folded text (lower case, no accents, see `text.fold`). They name
subjects, not vendors: what stands where on whose paper is not known here.
"""

from __future__ import annotations

import re


def _any(*words):
    return re.compile(r"(?<![a-z])(?:" + "|".join(words) + r")(?![a-z])")


# ------------------------------------------------------------
# AMOUNTS
# ------------------------------------------------------------

_PRIOR = _any(
    r"previous\w*",
    r"(?:prior|past|old|unpaid|last) (?:\w+ )?(?:balance|bill|invoice|amount)s?",
    r"unpaid",
    r"carried (?:over|forward)|brought forward",
    r"altsaldo|vortrag|saldovortrag|ubertrag|alter saldo|ruckstand\w*",
    r"(?:solde|reliquat|report|saldo) (?:anterieur|precedent\w*|anterior|vorig\w*)",
    r"vorig\w* saldo|transporte",
)
_PAID = _any(
    r"(?:already )?paid|payments?(?: received)?|deposits?|prepaid|advance",
    r"(?:bereits|schon) (?:be|ge)zahlt\w*|(?:an|voraus|teil)zahlung\w*|gezahlt",
    r"acomptes?|deja (?:paye|regle|verse)\w*|arrhes|versement\w*",
    r"(?:reeds )?(?:betaald|voldaan)|(?:aan|vooruit)betaling\w*|voorschot\w*",
    r"accont[oi]|anticip[oi]|pagat[oi]|pagad[oa]|a cuenta|sinal|adiantamento\w*",
    r"cash|change|tender\w*|wechselgeld|ruckgeld|bar|rendu|especes|contant|wisselgeld",
    r"resto|contanti|efectivo|cambio|troco",
    r"visa|mastercard|master ?card|amex|maestro|debit|credit card|ec-?karte|ideal",
)
_DUE = _any(
    r"(?:amount|balance|total|now) (?:due|owing|payable|owed)",
    r"please pay|pay this amount|to pay|outstanding",
    r"zahlbetrag|zahlungsbetrag|zu zahlen\w*|zu zahlender? betrag",
    r"(?:offener|falliger|fallig) betrag|restbetrag|restsumme",
    r"(?:net |montant |reste |solde )?(?:a payer|a regler|du)",
    r"(?:nog )?te (?:betalen|voldoen)|openstaand\w*",
    r"(?:netto |importo |totale )?(?:a|da) pagare|saldo|a pagar|pendiente",
)
_DISCOUNT = _any(
    r"(?:\w+ )?discounts?|allowances?|rebates?|\w*rabatte?|\w*nachlass|abschlag\w*",
    r"skonto|remises?|rabais|ristourne|escompte|\w*korting\w*|sconti?o?|abbuono",
    r"descuentos?|descontos?|gutschein|coupon|voucher",
)
_CHARGE = _any(
    r"shipping\w*|freight|postage|handling|delivery(?: charge| fee)?|surcharge|s & h",
    r"s&h|\w*versand\w*|fracht\w*|porto\w*|\w*zuschlag\w*|zuschlage|transportkosten",
    r"frais(?: de \w+)?|port|livraison|verzend\w*|toeslag\w*|spese|spedizione",
    r"trasporto|serv\w*\.? (?:charge|chg)|portes|envio|gastos|svc chg|tip|gratuity",
)
_ROUNDING = _any(r"round(?:ing|ed|)\w*(?: adj\w*)?", r"rundung\w*|arrondi\w*|afronding")
_TAX = _any(
    r"(?:\w+ )?tax(?:es)?|vat|g\.?s\.?t|h\.?s\.?t|[cisu]gst|pst|qst",
    r"mwst|m\.?w\.?st|u\.?st|\w*umsatzsteuer|\w*mehrwertsteuer|steuer|steuerbetrag\w*",
    r"vorsteuer|t\.?v\.?a|taxes?|b\.?t\.?w|omzetbelasting|i\.?v\.?a|imposta|impost[oa]s?",
    r"impuestos?|igic|moms|mva",
)
#: The label of a tax number, and not of tax.
_TAX_NUMBER = re.compile(
    r"(?:tax|vat|gst|steuer|ust|tva|btw|iva)[\s.-]*(?:id\b|ident|reg|nr|no\b|num|n[°º])"
)
#: The label of a number of things.
_COUNT = _any(r"qty|quantity|items?|count|pcs|units|menge|anzahl|stuck|points|savings?")
#: What makes a label one before tax, whatever else it says.
_BEFORE = _any(
    r"ex[ck][l1i]\w*|ex\.?|ohne|without|before|hors|zonder|sin|sem|exempt",
    r"h\.?t|net(?:to|t|s)?(?: amount| value| total)?|\w*netto\w*|taxable|imponibile",
    r"basisbetrag|steuerbasis\w*|bemessungs\w*|base(?: imponible| imposable| ht)?",
    r"grondslag|warenwert|liquido|iliquido|incidencia|tax base",
)
_AFTER = _any(
    r"in[ck][l1i]\w*|mit|\w*brutto\w*|gross",
    r"t\.?t\.?c|toutes taxes comprises|con iva|com iva|iva inclu\w*|iva compresa",
    r"endbetrag|endsumme",
)
_SUB = _any(
    r"sub-? ?total|zwischensumme|positionssumme|summe positionen|sous-? ?total",
    r"subtotaal|subtotale|suma|somme|totale? (?:merce|imponibile)|line total",
    r"(?:total )?(?:goods|merchandise|items?)",
)
_TOTAL = _any(
    r"(?:invoice |order |bill )?(?:grand|net)?totals?(?:rm|eur|usd|gbp|chf)?",
    r"totaal\w*|totale|\w*summe|gesamt\w*|\w*gesamtbetrag|rechnungsbetrag|\w*betrag",
    r"montant",
    r"(?:invoice |bill )?amount|bedrag|factuurbedrag|importo|importe|valor|somma",
    r"ttl|nett",
)

#: The kinds that `amount_kind` knows.
KINDS = (
    *("untaxed", "tax", "total", "due", "prior"),
    *("paid", "discount", "charge", "rounding", ""),
)


def amount_kind(folded: str) -> str:
    """What the label of an amount makes it, one of `KINDS`; ``""`` when it is silent.

    The order matters: "total excluding tax" is untaxed, "tax total" is tax, "amount
    due" is due, "previous amount due" is an older debt.
    """
    if _TAX_NUMBER.search(folded) or _COUNT.search(folded):
        return ""
    has_tax = bool(_TAX.search(folded))
    if _ROUNDING.search(folded):
        return "total" if _TOTAL.search(folded) and "adj" not in folded else "rounding"
    if _PRIOR.search(folded):
        return "prior"
    if _DISCOUNT.search(folded) and not _BEFORE.search(folded):
        return "discount"
    if _AFTER.search(folded) and (has_tax or not _BEFORE.search(folded)):
        return "tax" if _only_tax(folded) else "total"
    if _DUE.search(folded):
        return "due"
    if _SUB.search(folded):
        return "untaxed"
    if _BEFORE.search(folded):
        return "untaxed"
    if _PAID.search(folded) and not has_tax:
        return "paid"
    if has_tax:
        return "tax"
    if _CHARGE.search(folded):
        return "charge"
    return "total" if _TOTAL.search(folded) else ""


def _only_tax(folded):
    """ "Included VAT": the tax that the total holds, and not the total."""
    if _TOTAL.search(folded) or re.search("brutto|gross|ttc|endbetrag", folded):
        return False
    before = folded[: _AFTER.search(folded).start()]
    return bool(_TAX.search(folded)) and not re.search("[a-z]{3}", _TAX.sub("", before))


# ------------------------------------------------------------
# DATES
# ------------------------------------------------------------

_DUE_DATE = re.compile(
    r"\bdue|(?:pay|remit)\w* (?:by|until|before)"
    r"|\bfallig|zahlbar|zahlungsziel|zahlbar bis|pay(?:able)? by|payment date"
    r"|uberweisen.*bis|bis zum|echeance|a payer (?:avant|le)|vervaldat|vervaldag"
    r"|forfall"
    r"|betaald? (?:voor|uiterlijk)|uiterlijk|betalen voor|scadenza|vencimi?ento|vencto"
    r"|pagar (?:antes|hasta|ate)|data limite|limite de paiement|net \d+ days"
)
_OTHER_DATE = re.compile(
    r"deliver|liefer|leistung|livraison|lever|consegna|entrega|ship|versand|dispatch"
    r"|service|period|zeitraum|periode|from|until|training|print|druck"
    r"|order|bestell|auftrag|commande|ordine|pedido|encomenda|\bpo\b|p\.o\."
    r"|paid|payment|bezahlt|paye|betaald|start|end date|birth|geb\b|valid|gultig"
    r"|skonto|discount|vom auftrag|lieferschein|contract|vertrag|check-?(?:in|out)"
    r"|exp(?:iry|ires|\.)|statement period|abgerechnet"
)
#: The day of payment: that of the bill where a receipt prints no other.
_PAID_DATE = re.compile(
    r"\b(?:date )?(?:paid|bezahlt|paye|betaald|pagado)\b(?: on| am)?"
)
_BILL_DATE = re.compile(
    r"(?:invoice|bill|rechnungs|facture|factuur|fattura|factura|fatura|credit note"
    r"|gutschrifts?|beleg|document|issue|ausstellungs|receipt|tax invoice)[\s.-]*"
    r"(?:dat[eau]m?|datum|d)?"
    r"|date d[e'] ?(?:la )?(?:facture|emission|facturation)|data (?:fattura|documento)"
    r"|data d[ae] (?:fatura|emissao)|fecha (?:de (?:la )?)?(?:factura|emision)"
    r"|date of issue|issued?|dated"
)
_DATE = re.compile(
    r"\b(?:tax point|date|datum|data|fecha|dated|vom|le|del|van|tag)\b|^date"
)


def date_kind(folded: str) -> str:
    """What its label makes a date: ``due``, ``bill``, ``date``, ``paid``, ``other``.

    ``""`` when it says nothing of a date.
    """
    if _DUE_DATE.search(folded):
        return "due"
    if re.search(
        r"(?:invoice|rechnungs|factuur|factur|fattura|fatura)\w*[\s-]*dat", folded
    ):
        return "bill"
    if _PAID_DATE.search(folded):
        return "paid"
    if _OTHER_DATE.search(folded):
        return "other"
    if _BILL_DATE.search(folded):
        return "bill"
    return "date" if _DATE.search(folded) else ""


# ------------------------------------------------------------
# NUMBERS
# ------------------------------------------------------------

_NO = r"(?:no\.?|nr\.?|n[°º.]|nos?\b|num(?:ber|mer|ero)?\.?|#|id|nummer|numero|number)"
_BILL = (
    r"(?:tax |sales |proforma |commercial |vat )?(?:invoice|inv|bill|credit note"
    r"|credit memo|rechnung|gutschrift|beleg|facture|avoir|factuur|faktura"
    r"|creditnota|fattura"
    r"|nota di credito|factura|fatura|nota de credito|recibo|handelsrechnung|receipt"
    r"|rechnungskorrektur|korrekturrechnung|document|doc|statement|trans(?:action)?)"
)
#: Label of the number of the bill, at the beginning of a text; the value may follow.
NUMBER_LABELS = (
    (
        re.compile(
            rf"^(?:{_BILL}[\s-]*s?[\s-]*{_NO}"
            rf"|{_NO}\s*(?:de |d'|della |da |di |de la )?(?:{_BILL})"
            rf"|{_BILL}s?-?(?:nr|nummer|no|numero)\b)"
        ),
        1.0,
    ),
    (re.compile(rf"^{_BILL}\s*(?:\([^)]*\)\s*)?(?:{_NO})?\s*[:#]"), 0.9),
    (re.compile(rf"^{_BILL}\s*(?:\([^)]*\)\s*)?(?:{_NO}[\s.]*)+"), 0.9),
    (re.compile(rf"^{_BILL}(?=\s)"), 0.6),
    (re.compile(rf"^{_BILL}$"), 0.5),
    (re.compile(rf"^{_NO}\s*:"), 0.4),
    (
        re.compile(
            r"^(?:ref(?:erence|erenz)?\.?(?: no\.?)?|#|no\.?|nr\.?|n[°º])\s*[:.]?"
        ),
        0.3,
    ),
)
#: A number that belongs to something else than the bill.
OTHER_NUMBER = re.compile(
    r"(?<![a-z])(?:customer|kunde|client|klant|cliente|order|bestell|auftrag"
    r"|commande|ordine|pedido|deliver|liefer|livraison|account|konto|phone|tel|fax|mobile|iban|bic|swift|vat"
    r"|ust|tva|btw|iva|tax id|gst|reg|siret|siren|kvk|steuer|project|projekt|contract"
    r"|vertrag|item|artikel|product|gln|page|seite|terminal|table|cashier|store|due)"
)
PO_LABELS = (
    (
        re.compile(
            rf"(?:purchase order|p\.?\s?o\.?)(?![a-z-])\s*(?:{_NO}|ref\w*)?\s*[:.#]?"
            rf"|(?:customer|client|your|ihre?|votre|uw|vostro|su|sua)\s"
            rf"(?:purchase |po )?"
            rf"(?:order|bestell\w*|commande|ordine|pedido|reference|referenz|ref\.?)"
            rf"\s*-?\s*(?:{_NO})?\s*[:.#]?"
        ),
        1.0,
    ),
    (
        re.compile(
            rf"(?:bestell(?:ung|nummer|nr)|auftrags?(?:nummer|nr)?|bon de commande"
            rf"|commande|bestelbon|bestelnummer|inkoop\w*|ordine|pedido|encomenda)"
            rf"\w*\.?\s*-?\s*(?:{_NO})?\s*[:.#]?"
        ),
        0.8,
    ),
)

#: Words that name the document, with what they make it.
CREDIT = _any(
    r"credit (?:note|memo|invoice)|creditnote|gutschrift|rechnungskorrektur|storno\w*",
    r"korrekturrechnung|stornorechnung|avoir|note de credit|facture d'avoir",
    r"creditnota|creditfactuur|nota di credito|(?:factura )?rectificativa|abono",
    r"nota de credito",
)
INVOICE = _any(
    r"(?:tax )?invoice|bill|\w*rechnung|facture|factuur|fattura|factura|fatura",
    r"statement|quittung",
)
RECEIPT = _any(
    r"receipt|kassenbon|bon|ticket|ticket de caisse|kassabon|scontrino|recibo|talao",
)

# ------------------------------------------------------------
# PARTIES
# ------------------------------------------------------------

BUYER = re.compile(
    r"^(?:bill(?:ed|ing)?\s?(?:to|address)|invoice(?:d)? to|sold to|ship(?:ped|ping)? ?"
    r"(?:to|address)|deliver(?:y|ed)? (?:to|address)|customer(?: name)?|client|buyer"
    r"|purchaser|consignee|attn|attention|service address|recipient|receiver|to"
    r"|rechnungsempfanger|rechnungsadresse|rechnung an|kaufer\S*|kunde|empfanger"
    r"|leistungsempfanger|lieferadresse|lieferanschrift|rechnungsanschrift"
    r"|auftraggeber"
    r"|adresse a|factur(?:e|er|ation) a|adresse de (?:facturation|livraison)"
    r"|destinataire"
    r"|acheteur|livre a|factuuradres|afleveradres|klant|koper|aan|geadresseerde"
    r"|t\.a\.v\.?|cliente|destinatario|intestatario|spett\.?(?:le)?|acquirente|comprador"
    r"|adquirente|facturar a|enviar a|dirigid[oa] a|exmo\S*|morada de \w+|cobrar a"
    r"|para)\b"
    r"\s*(?:name)?\s*[:.]?"
)
SELLER = re.compile(
    r"^(?:from|seller|supplier|vendor|issued by|remit(?:tance)?(?: payment)? to"
    r"|pay(?:able|ment)? to|make (?:all )?che(?:ck|que)s payable to|sold by|company"
    r"|merchant|rechnungs(?:er)?steller|verkaufer|lieferant|absender|kontoinhaber"
    r"|zahlungsempfanger|aussteller|leistungserbringer|vendeur|fournisseur|emetteur"
    r"|prestataire|beneficiaire|titulaire|expediteur|verkoper|leverancier|afzender"
    r"|begunstigde|ten name van|t\.n\.v\.?|rekeninghouder|venditore|fornitore|emittente"
    r"|cedente|beneficiario|intestato a|vendedor|proveedor|emisor|titular|fornecedor"
    r"|emitente|account (?:name|holder)|beneficiary)\b\s*(?:name)?\s*[:.]?"
)
#: The holder of the bank account, inside of a line.
HOLDER = re.compile(
    r"(?:titulaire(?: du compte)?|account (?:name|holder)|kontoinhaber|beneficiary"
    r"|rekeninghouder|ten name van|t\.n\.v\.?|intestato a|titular|beneficiario)"
    r"\s*[:.]?\s*"
)
#: How the name of a company ends.
LEGAL_FORM = re.compile(
    r"(?<![A-Za-z])(?:GmbH(?: ?& ?Co\.? ?KG)?|mbH|AG|KG|OHG|GbR|UG|e\. ?K\.?|e\. ?V\.?"
    r"|a\. ?G\.?|SE|Ltd\.?|Limited|LTD\.?|LIMITED|PLC|plc|LLP|Inc\.?|INC\.?"
    r"|Incorporated|LLC|L\.L\.C\.?|Corp\.?|CORP\.?|Corporation|Co\.,? Ltd\.?|Company"
    r"|S\.?A\.?R\.?L\.?|SARL|S\.?A\.?S\.?U?|SASU|EURL|S\.A\.?|SA|SNC|SCI|SPRL|SRL"
    r"|S\.r\.l\.?|S\.R\.L\.?|S\.p\.A\.?|SpA|SPA|S\.n\.c\.?|B\.?V\.?|N\.V\.?|NV"
    r"|V\.?O\.?F\.?"
    r"|S\.?L\.?U?\.?|Lda\.?|LDA\.?|Unipessoal|ApS|A/S|AB|AS|Oy|OY"
    r"|Sp\. ?z ?o\.? ?o\.?|s\.r\.o\.?|Kft\.?"
    r"|S[DO0]N\.? ?BHD\.?|Sdn\.? ?Bhd\.?|S/B|BHD\.?|Pty\.?(?: Ltd\.?)?"
    r"|Pvt\.?(?: Ltd\.?)?|PVT\.?|Pte\.?(?: Ltd\.?)?|PTE\.?|ENTERPRISES?|TRADING)"
    r"(?![A-Za-z])"
)
BANK = re.compile(
    r"(?<![a-z])(?:\w*bank\w*|\w*sparkasse|volksbank|banque|banca|banco|credit agricole"
    r"|bnp|ing|iban|bic|swift|blz|kto)(?![a-z])"
)
