# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from typing import Any, NamedTuple

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from odoo.addons.queue_job_operations.side_cursor import side_env

from ...engine.documents.bills import addresses
from ...locks import VENDOR_LOCK
from .ai_queue_bill_alias import normalize
from .bill_reasons import make

#: Legal forms, which one document prints and the next leaves out.
_LEGAL_FORMS = re.compile(
    r"\b(gmbh|mbh|ag|kg|ohg|ug|gbr|e\.?k|s\.?a\.?r\.?l|s\.?a\.?s|s\.?a|s\.?r\.?l"
    r"|s\.?p\.?a|s\.?l|b\.?v|n\.?v|ltd|limited|llc|inc|corp|co|plc|oy|ab|aps|a/s|as"
    r"|sp\. ?z ?o\.? ?o|s\.?r\.?o|d\.?o\.?o|kft|lda|eirl|sprl|srl|bvba)\b\.?",
    re.IGNORECASE,
)
#: Domains of which everybody can have an address.
_PUBLIC_DOMAINS = {
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com"),
    *("yahoo.com", "yahoo.fr", "yahoo.de", "icloud.com", "me.com", "aol.com"),
    *("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de"),
    *("orange.fr", "wanadoo.fr", "free.fr", "libero.it", "telenet.be", "skynet.be"),
    *("proton.me", "protonmail.com", "mail.com", "posteo.de", "bluewin.ch"),
}
#: How many partners of a similar name are looked at.
_CANDIDATES = 40


class Found(NamedTuple):
    """A vendor, and what a person should know about how it was found."""

    partner: Any
    reasons: list


def name_key(name):
    """A name without its legal form, blanks and signs."""
    return normalize(_LEGAL_FORMS.sub(" ", name or ""))


class AiQueueBillVendor(models.AbstractModel):
    """Finds the vendor of a read bill among the partners; a press makes one."""

    _name = "ai.queue.bill.vendor"
    _description = "Vendor of a Read Bill"

    @api.model
    def _find(self, company, data):
        """The vendor that a document names.

        In this order: by VAT number, name as a person taught it, bank account, name
        and e-mail address. For a VAT number, too, counts first what a person taught.

        :param company: the company that got the bill
        :param data: the bill as ``engine.documents.bills.invoice.to_json`` gives it
        :return: `Found`; without a partner when nobody fits
        """
        aliases = self.env["ai.queue.bill.alias"]
        printed = self._printed(data)
        domain = self._domain(company)
        partner = aliases._find(company, "vat", printed) or self._by_vat(data, domain)
        if partner:
            return Found(partner, [])
        partner = (
            aliases._find(company, "name", printed)
            or self._by_iban(data, company)
            or self._by_name(data, domain)
        )
        if partner:
            return self._found_without_vat(partner, data)
        partner = self._by_email(data, domain)
        if partner:
            reason = make("vendor_email", vendor=partner.display_name)
            return Found(partner, [reason])
        name = data.get("vendor_name") or data.get("vendor_vat")
        reasons = [make("vendor_unknown", name=name)] if name else []
        return Found(self.env["res.partner"], reasons)

    @api.model
    def _printed(self, data):
        """What on a document stands for its vendor, by kind of alias."""
        return {"vat": data.get("vendor_vat"), "name": data.get("vendor_name")}

    def _domain(self, company):
        """Partners of this company or of all, but never the company itself."""
        partners = self.env["res.partner"]
        return Domain(partners._check_company_domain(company)) & Domain(
            "commercial_partner_id", "!=", company.partner_id.id
        )

    def _found_without_vat(self, partner, data):
        vat, known = normalize(data.get("vendor_vat")), normalize(partner.vat)
        if vat and known and not (vat.endswith(known) or known.endswith(vat)):
            # Names and accounts are no proof against another tax number.
            reason = make("vendor_vat", vendor=partner.display_name, vat=vat.upper())
            return Found(self.env["res.partner"], [reason])
        return Found(partner, [])

    def _by_vat(self, data, domain):
        partners = self.env["res.partner"]
        vat = data.get("vendor_vat")
        found = partners._retrieve_partner_with_vat(vat, list(domain)) or partners
        return found.commercial_partner_id[:1]

    def _by_iban(self, data, company):
        iban = normalize(data.get("vendor_iban")).upper()
        banks = self.env["res.partner.bank"]
        if not iban:
            return banks.partner_id
        banks = banks.search(
            [
                ("sanitized_acc_number", "=", iban),
                ("company_id", "in", [False, company.id]),
            ]
        )
        partners = banks.partner_id.commercial_partner_id - company.partner_id
        return partners if len(partners) == 1 else partners.browse()

    def _by_name(self, data, domain):
        partners = self.env["res.partner"]
        name = data.get("vendor_name")
        key = name_key(name)
        if len(key) < 3:
            return partners
        words = re.findall(r"\w+", _LEGAL_FORMS.sub(" ", name))
        # From narrow to wide: many partners may share a word.
        for likely in (
            Domain("name", "=ilike", escape_psql(name.strip())),
            Domain.AND(Domain("name", "ilike", word) for word in words),
            Domain("name", "ilike", max(words, key=len)),
        ):
            near = partners.search(domain & likely, limit=_CANDIDATES)
            if same := near.filtered(lambda one: name_key(one.name) == key):
                return self._only(same)
        return partners

    def _by_email(self, data, domain):
        partners = self.env["res.partner"]
        email = (data.get("vendor_email") or "").strip().lower()
        if "@" not in email:
            return partners
        found = self._only(
            partners.search(domain & Domain("email_normalized", "=", email), limit=9)
        )
        host = email.rpartition("@")[2]
        if found or host in _PUBLIC_DOMAINS:
            return found
        return self._only(
            partners.search(
                domain & Domain("email_normalized", "=ilike", f"%@{host}"), limit=9
            )
        )

    def _only(self, partners):
        """The one company behind these partners; of several rather a vendor."""
        owners = partners.commercial_partner_id
        if len(owners) > 1:
            owners = owners.filtered("supplier_rank")
        return owners if len(owners) == 1 else owners.browse()

    @api.model
    def _is_same(self, data, other):
        """Whether two documents name the same vendor: by VAT number, account or name.

        Another VAT number is another vendor.
        """
        vats = [normalize(one.get("vendor_vat")) for one in (data, other)]
        if all(vats):
            return vats[0] == vats[1]
        ibans = [normalize(one.get("vendor_iban")) for one in (data, other)]
        names = [name_key(one.get("vendor_name")) for one in (data, other)]
        return any(all(some) and some[0] == some[1] for some in (ibans, names))

    @api.model
    def _find_or_create(self, company, data):
        """The partner for a vendor that was read: that of somebody else's press, too.

        :raise ConcurrencyError: when another request makes it; Odoo tries again
        """
        self._claim(company, data)
        found = self._find(company, data)
        if found.partner and not found.reasons:
            return found.partner
        partner = self.env["res.partner"].create(self._prepare_vals(data, company))
        self._add_account(partner, data)
        return partner

    def _claim(self, company, data):
        """See to it that two presses at the same moment make one partner."""
        printed = self._printed(data)
        keys = {normalize(printed["vat"]), name_key(printed["name"])} - {""}
        for key in sorted(keys):
            lock = SQL(
                "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))",
                VENDOR_LOCK,
                f"{company.id}:{key}",
            )
            if not self.env.execute_query(lock)[0][0]:
                raise ConcurrencyError(f"Vendor {key} is being made")
        known = self._find(company, data).partner
        with side_env(self.env) as env:
            # Who was made since this transaction began.
            found = env[self._name]._find(company.with_env(env), data).partner
            if set(found.ids) - set(known.ids):
                raise ConcurrencyError(f"Vendor {found.id} has just been made")

    def _add_account(self, partner, data):
        """Give a new vendor the account that was read; nobody has trusted it yet."""
        number = data.get("vendor_iban") or data.get("vendor_account")
        banks = self.env["res.partner.bank"]
        if number and banks.has_access("create"):
            banks.create(
                {
                    "acc_number": number,
                    "partner_id": partner.id,
                    "company_id": partner.company_id.id,
                    "allow_out_payment": False,
                }
            )

    def _prepare_vals(self, data, company):
        """Values of a new partner for the vendor that a document names."""
        address = addresses.split(data.get("vendor_address"))
        country = self.env["res.country"]
        if data.get("vendor_country"):
            country = country.search([("code", "=", data["vendor_country"])])
        state = country.state_ids.filtered(lambda one: one.code == address.state)
        return {
            "name": data.get("vendor_name") or data.get("vendor_vat"),
            "is_company": True,
            "vat": data.get("vendor_vat") or False,
            "email": data.get("vendor_email") or False,
            "street": address.street or False,
            "street2": address.street2 or False,
            "zip": address.zip or False,
            "city": address.city or False,
            "state_id": state[:1].id,
            "country_id": country.id,
            "company_id": company.id if len(self.env.companies) > 1 else False,
            "supplier_rank": 1,
        }
