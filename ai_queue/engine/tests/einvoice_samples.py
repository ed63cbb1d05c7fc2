"""Electronic invoices made up for tests: UBL, CII, FatturaPA, and what they come in."""

import base64
import json
import re

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
VENDOR = "Ebereschen Werkstatt GmbH"
IBAN = "DE89370400440532013000"


def ubl(
    head="",
    *,
    root="Invoice",
    kind="<b:InvoiceTypeCode>380</b:InvoiceTypeCode>",
    due="<b:DueDate>2026-04-04</b:DueDate>",
    body="",
    tax=None,
    totals=None,
    lines=None,
    scheme="VAT",
    account=IBAN,
):
    """A UBL document of 100.00 plus 19 %; parts of it are other ones on demand."""
    line = {"CreditNote": "CreditNote", "DebitNote": "DebitNote"}.get(root, "Invoice")
    name = "RequestedMonetaryTotal" if root == "DebitNote" else "LegalMonetaryTotal"
    tax = ubl_tax("19.00", ("19", "100.00", "19.00")) if tax is None else tax
    totals = totals or ubl_totals("100.00", "119.00", "119.00")
    lines = ubl_line("100.00") if lines is None else lines
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="{_UBL}:{root}-2" xmlns:c="{_UBL}:CommonAggregateComponents-2"
 xmlns:b="{_UBL}:CommonBasicComponents-2">{head}
<b:ID>W-77</b:ID><b:IssueDate>2026-03-05</b:IssueDate>{due}{kind}
<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
<c:AccountingSupplierParty><c:Party><c:PartyTaxScheme>
<b:CompanyID>DE136695976</b:CompanyID><c:TaxScheme><b:ID>{scheme}</b:ID></c:TaxScheme>
</c:PartyTaxScheme><c:PartyLegalEntity><b:RegistrationName>{VENDOR}</b:RegistrationName>
</c:PartyLegalEntity></c:Party></c:AccountingSupplierParty>
<c:PaymentMeans><b:PaymentMeansCode>30</b:PaymentMeansCode>
<c:PayeeFinancialAccount><b:ID>{account}</b:ID></c:PayeeFinancialAccount>
</c:PaymentMeans>{body}{tax}
<c:{name}>{totals}</c:{name}>{lines.replace("Invoice", line)}</{root}>"""


def ubl_tax(amount, *parts, currency="EUR"):
    """A ``TaxTotal``; a part is ``(rate, base, tax)`` or with a category behind."""
    found = "".join(
        f"<c:TaxSubtotal><b:TaxableAmount>{base}</b:TaxableAmount>"
        f"<b:TaxAmount>{tax}</b:TaxAmount><c:TaxCategory><b:ID>{''.join(code) or 'S'}"
        f"</b:ID><b:Percent>{rate}</b:Percent></c:TaxCategory></c:TaxSubtotal>"
        for rate, base, tax, *code in parts
    )
    return (
        f'<c:TaxTotal><b:TaxAmount currencyID="{currency}">{amount}</b:TaxAmount>'
        f"{found}</c:TaxTotal>"
    )


def ubl_totals(untaxed, total, payable, more="", lines=None):
    """The totals; ``more`` stands between them."""
    return (
        f"<b:LineExtensionAmount>{lines or untaxed}</b:LineExtensionAmount>"
        f"<b:TaxExclusiveAmount>{untaxed}</b:TaxExclusiveAmount>"
        f"<b:TaxInclusiveAmount>{total}</b:TaxInclusiveAmount>{more}"
        f"<b:PayableAmount>{payable}</b:PayableAmount>"
    )


def ubl_line(amount, rate="19", quantity="2", price="50.00", more="", code="S"):
    """A line of an invoice."""
    return (
        f'<c:InvoiceLine><b:InvoicedQuantity unitCode="C62">{quantity}'
        f"</b:InvoicedQuantity><b:LineExtensionAmount>{amount}</b:LineExtensionAmount>"
        f"{more}<c:Item><b:Name>Regal</b:Name><c:ClassifiedTaxCategory><b:ID>{code}</b:ID>"
        f"<b:Percent>{rate}</b:Percent></c:ClassifiedTaxCategory></c:Item>"
        f"<c:Price><b:PriceAmount>{price}</b:PriceAmount></c:Price></c:InvoiceLine>"
    )


def ubl_change(is_charge, amount, rate, reason):
    """A discount or charge of the whole document."""
    return (
        f"<c:AllowanceCharge><b:ChargeIndicator>{str(is_charge).lower()}"
        f"</b:ChargeIndicator><b:AllowanceChargeReason>{reason}"
        f"</b:AllowanceChargeReason><b:Amount>{amount}</b:Amount><c:TaxCategory>"
        f"<b:ID>S</b:ID><b:Percent>{rate}</b:Percent></c:TaxCategory></c:AllowanceCharge>"
    )


def attached(inner):
    """An invoice in the envelope that Latin America sends it in."""
    inner = inner.replace("]]>", "]]]]><![CDATA[>")
    return f"""<AttachedDocument xmlns="{_UBL}:AttachedDocument-2"
 xmlns:c="{_UBL}:CommonAggregateComponents-2" xmlns:b="{_UBL}:CommonBasicComponents-2">
<b:ID>9</b:ID><c:Attachment><c:ExternalReference><b:MimeCode>text/xml</b:MimeCode>
<b:Description><![CDATA[{inner}]]></b:Description></c:ExternalReference></c:Attachment>
</AttachedDocument>"""


def sbdh(*inner):
    """Invoices in a Standard Business Document."""
    plain = "".join(re.sub(r"\A<\?xml[^>]*\?>", "", one) for one in inner)
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    return f"""<?xml version="1.0"?><StandardBusinessDocument xmlns="{space}">
<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion>
</StandardBusinessDocumentHeader>{plain}</StandardBusinessDocument>"""


def cii(
    *, code="380", terms="", lines=None, changes="", totals="", more="", profile=""
):
    """A CII document of 100.00 plus 19 %."""
    lines = cii_line("100.00") if lines is None else lines
    space = "urn:un:unece:uncefact:data:standard"
    context = f"<a:ID>{profile or 'urn:cen.eu:en16931:2017'}</a:ID>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<r:CrossIndustryInvoice xmlns:r="{space}:CrossIndustryInvoice:100"
 xmlns:a="{space}:ReusableAggregateBusinessInformationEntity:100"
 xmlns:u="{space}:UnqualifiedDataType:100"><r:ExchangedDocumentContext>
<a:GuidelineSpecifiedDocumentContextParameter>{context}
</a:GuidelineSpecifiedDocumentContextParameter></r:ExchangedDocumentContext>
<r:ExchangedDocument><a:ID>Z-12</a:ID><a:TypeCode>{code}</a:TypeCode><a:IssueDateTime>
<u:DateTimeString format="102">20260305</u:DateTimeString></a:IssueDateTime>
</r:ExchangedDocument><r:SupplyChainTradeTransaction>{lines}
<a:ApplicableHeaderTradeAgreement><a:SellerTradeParty><a:Name>{VENDOR}</a:Name>
<a:SpecifiedTaxRegistration><a:ID schemeID="VA">DE136695976</a:ID>
</a:SpecifiedTaxRegistration></a:SellerTradeParty></a:ApplicableHeaderTradeAgreement>
<a:ApplicableHeaderTradeSettlement><a:InvoiceCurrencyCode>EUR</a:InvoiceCurrencyCode>
{more}{changes}{terms}<a:SpecifiedTradeSettlementHeaderMonetarySummation>
<a:TaxBasisTotalAmount>100.00</a:TaxBasisTotalAmount>
<a:TaxTotalAmount currencyID="EUR">19.00</a:TaxTotalAmount>
<a:GrandTotalAmount>119.00</a:GrandTotalAmount>{totals}
</a:SpecifiedTradeSettlementHeaderMonetarySummation>
</a:ApplicableHeaderTradeSettlement></r:SupplyChainTradeTransaction>
</r:CrossIndustryInvoice>"""


def cii_line(amount, status="", name="Regal"):
    """A line; ``status`` is that of a group or an information."""
    reason = f"<a:LineStatusReasonCode>{status}</a:LineStatusReasonCode>"
    return f"""<a:IncludedSupplyChainTradeLineItem><a:AssociatedDocumentLineDocument>
{reason if status else ""}</a:AssociatedDocumentLineDocument><a:SpecifiedTradeProduct>
<a:Name>{name}</a:Name></a:SpecifiedTradeProduct><a:SpecifiedLineTradeDelivery>
<a:BilledQuantity unitCode="C62">1</a:BilledQuantity></a:SpecifiedLineTradeDelivery>
<a:SpecifiedLineTradeSettlement><a:ApplicableTradeTax><a:CategoryCode>S</a:CategoryCode>
<a:RateApplicablePercent>19</a:RateApplicablePercent></a:ApplicableTradeTax>
<a:SpecifiedTradeSettlementLineMonetarySummation><a:LineTotalAmount>{amount}
</a:LineTotalAmount></a:SpecifiedTradeSettlementLineMonetarySummation>
</a:SpecifiedLineTradeSettlement></a:IncludedSupplyChainTradeLineItem>"""


def cii_terms(day="", text="", discount=False):
    """Terms of payment."""
    date = f"<u:DateTimeString>{day}</u:DateTimeString>"
    date = f"<a:DueDateDateTime>{date}</a:DueDateDateTime>"
    less = "<a:CalculationPercent>2</a:CalculationPercent>"
    name = "ApplicableTradePaymentDiscountTerms"
    less = f"<a:{name}>{less}</a:{name}>"
    return (
        "<a:SpecifiedTradePaymentTerms>"
        f"<a:Description>{text}</a:Description>{date if day else ''}"
        f"{less if discount else ''}</a:SpecifiedTradePaymentTerms>"
    )


def fattura(general="", *, code="TD01", lines=None, summary=None, payment="", total=""):
    """A FatturaPA of 100.00 plus 22 %."""
    lines = fattura_line("100.00") if lines is None else lines
    summary = (
        fattura_summary("22.00", "100.00", "22.00") if summary is None else summary
    )
    space = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
    whole = f"<ImportoTotaleDocumento>{total}</ImportoTotaleDocumento>" if total else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica xmlns:p="{space}" versione="FPR12"><FatturaElettronicaHeader>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese>
<IdCodice>00743110157</IdCodice></IdFiscaleIVA><Anagrafica>
<Denominazione>Officina Sorbo Srl</Denominazione></Anagrafica></DatiAnagrafici>
</CedentePrestatore></FatturaElettronicaHeader><FatturaElettronicaBody><DatiGenerali>
<DatiGeneraliDocumento><TipoDocumento>{code}</TipoDocumento><Divisa>EUR</Divisa>
<Data>2026-03-05</Data><Numero>44/A</Numero>{general}{whole}</DatiGeneraliDocumento>
</DatiGenerali><DatiBeniServizi>{lines}{summary}</DatiBeniServizi>
<DatiPagamento>{payment}</DatiPagamento></FatturaElettronicaBody>
</p:FatturaElettronica>"""


def fattura_line(amount, rate="22.00", price=None, quantity="1.00", more=""):
    """A line; ``more`` stands before its amount or behind its rate."""
    return (
        f"<DettaglioLinee><Descrizione>Scaffale</Descrizione><Quantita>{quantity}"
        f"</Quantita><PrezzoUnitario>{price or amount}</PrezzoUnitario>{more}"
        f"<PrezzoTotale>{amount}</PrezzoTotale><AliquotaIVA>{rate}</AliquotaIVA>"
        "</DettaglioLinee>"
    )


def fattura_summary(rate, base, tax, more=""):
    """A line of the tax summary."""
    return (
        f"<DatiRiepilogo><AliquotaIVA>{rate}</AliquotaIVA>{more}<ImponibileImporto>"
        f"{base}</ImponibileImporto><Imposta>{tax}</Imposta></DatiRiepilogo>"
    )


def fattura_payment(amount="", day="", more=""):
    """A payment; the day may be missing."""
    due = f"<DataScadenzaPagamento>{day}</DataScadenzaPagamento>" if day else ""
    asked = f"<ImportoPagamento>{amount}</ImportoPagamento>" if amount else ""
    return f"<DettaglioPagamento>{due}{asked}{more}</DettaglioPagamento>"


SIMPLIFIED = """<p:FatturaElettronicaSemplificata versione="FSM10"
 xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0">
<FatturaElettronicaHeader><CedentePrestatore><IdFiscaleIVA><IdPaese>IT</IdPaese>
<IdCodice>00743110157</IdCodice></IdFiscaleIVA>
<Denominazione>Osteria Sorbo</Denominazione>
</CedentePrestatore></FatturaElettronicaHeader><FatturaElettronicaBody><DatiGenerali>
<DatiGeneraliDocumento><TipoDocumento>TD07</TipoDocumento><Divisa>EUR</Divisa>
<Data>2026-03-05</Data><Numero>S-8</Numero></DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi><Descrizione>Cena</Descrizione><Importo>110.00</Importo><DatiIVA>
<Imposta>10.00</Imposta><Aliquota>10.00</Aliquota></DatiIVA></DatiBeniServizi>
<DatiBeniServizi><Descrizione>Libro</Descrizione><Importo>10.40</Importo><DatiIVA>
<Aliquota>4.00</Aliquota></DatiIVA></DatiBeniServizi></FatturaElettronicaBody>
</p:FatturaElettronicaSemplificata>"""


def der(tag, *parts):
    """An element of DER."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + len(body).to_bytes(size, "big") + body


def ber(tag, *parts):
    """An element whose end is marked."""
    return bytes((tag, 0x80)) + b"".join(parts) + b"\0\0"


def signed(content, element=der, pieces=0):
    """A file with a signature around it that nobody made (CMS, RFC 5652).

    :param pieces: bytes of each piece of the content; 0 for all in one
    """
    octets = der(0x04, content)
    if pieces:
        starts = range(0, len(content), pieces)
        octets = element(0x24, *(der(0x04, content[at : at + pieces]) for at in starts))
    data = der(6, bytes.fromhex("2a864886f70d010701"))
    inner = element(0x30, data, element(0xA0, octets))
    algorithms = der(0x31, der(0x30, der(6, bytes.fromhex("608648016503040201"))))
    whole = element(0x30, der(2, b"\1"), algorithms, inner, der(0x31))
    return element(
        0x30, der(6, bytes.fromhex("2a864886f70d010702")), element(0xA0, whole)
    )


def token(payload):
    """A signed token (JWT) whose signature is none."""
    parts = ({"alg": "RS256"}, payload)
    text = (base64.urlsafe_b64encode(json.dumps(one).encode()) for one in parts)
    return ".".join(one.decode().rstrip("=") for one in text) + ".c2lnbmF0dXJl"


GST = {
    "Version": "1.1",
    "TranDtls": {"TaxSch": "GST", "SupTyp": "B2B", "RegRev": "N"},
    "DocDtls": {"Typ": "INV", "No": "RW/26/9", "Dt": "05/03/2026"},
    "SellerDtls": {
        "Gstin": "27AAPFU0939F1ZV",
        "LglNm": "Rowan Works LLP",
        "Pin": 411001,
    },
    "BuyerDtls": {"Gstin": "29AAGCB7383J1Z4", "LglNm": "Buyer Pvt Ltd"},
    "ItemList": [
        {
            "SlNo": "1",
            "PrdDesc": "Shelf",
            "Qty": 4,
            "Unit": "NOS",
            "UnitPrice": 250.0,
            "TotAmt": 1000.0,
            "Discount": 100.0,
            "AssAmt": 900.0,
            "GstRt": 18,
            "CgstAmt": 81.0,
            "SgstAmt": 81.0,
            "TotItemVal": 1062.0,
        }
    ],
    "ValDtls": {
        "AssVal": 900.0,
        "CgstVal": 81.0,
        "SgstVal": 81.0,
        "OthChrg": 10.0,
        "RndOffAmt": 0.4,
        "TotInvVal": 1072.4,
    },
    "PayDtls": {"CrDay": 30, "AccDet": "000123456789"},
    "RefDtls": {"ContrDtls": [{"PORefr": "PO-5"}]},
}
