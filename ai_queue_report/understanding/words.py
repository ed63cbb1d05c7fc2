# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Words of questions in English, German and French, and what they mean.

Each meaning has its words by language, forms divided by ``|``. They are compared by
their stems (see ``text.stem``), so that plurals and cases need not be given; articles
are left out.
"""

#: What is added up.
MEASURES = {
    "untaxed": {
        "en": "untaxed amount|untaxed|net amount|amount|net|without tax"
        "|without vat|excluding tax|excluding vat|excl tax|excl vat|order value|basket"
        "|basket size|order size|ticket|invoice value|volume|amount before tax"
        "|before tax|before taxes|before vat",
        "de": "nettobetrag|netto|betrag|summe|wert|ohne steuern|ohne steuer"
        "|ohne mehrwertsteuer|ohne mwst|ohne umsatzsteuer|auftragswert|bestellwert"
        "|rechnungsbetrag|bestellwert|bestellbetrag|auftragsbetrag|warenkorb|volumen"
        "|rechnungswert|zzgl mwst|exkl mwst|betrage|vor steuern|vor steuer",
        "fr": "montant hors taxes|montant ht|hors taxes|montant|valeur hors taxes"
        "|sans tva|hors tva|sans taxes|panier|ht|volume|valeur|avant taxes",
    },
    "total": {
        "en": "total amount|total|gross amount|gross|with tax|including tax"
        "|amount with taxes|tax included|tax inclusive|taxes included|incl tax|incl vat"
        "|including vat|with vat|inc vat|after tax|after taxes|after vat",
        "de": "gesamtbetrag|bruttobetrag|brutto|gesamt|mit steuern|inkl mwst"
        "|inkl steuern"
        "|inklusive mwst|inklusive mehrwertsteuer|mit mwst|mit mehrwertsteuer"
        "|inklusive steuern|inkl ust|nach steuern",
        "fr": "montant total|montant ttc|total|toutes taxes|ttc|taxes comprises"
        "|toutes taxes comprises|tva comprise|tva incluse|taxes incluses|avec tva"
        "|apres taxes",
    },
    "tax": {
        "en": "tax amount|taxes|tax|vat",
        "de": "steuerbetrag|steuer|mehrwertsteuer|umsatzsteuer",
        "fr": "montant des taxes|taxes|tva",
    },
    "due": {
        "en": "amount due|due amount|outstanding amount|residual amount|balance due"
        "|owe us|owes us|owed to us|we owe|do we owe|receivable|accounts receivable"
        "|payable|accounts payable|open balance|outstanding balance|arrears",
        "de": "offener betrag|offene betrage|ausstehender betrag|offene posten"
        "|schulden uns|schuldet uns|schulden wir|wir schulden|aussenstande|forderung"
        "|verbindlichkeit|offener saldo|restbetrag|ruckstand",
        "fr": "montant du|reste a payer|solde du|restant du"
        "|nous doivent|nous doit|nous devons|devons nous|creance|creances clients"
        "|encours|dettes fournisseurs|dette|montant restant|solde ouvert",
    },
    "quantity": {
        "en": "quantity|quantities|units|pieces|qty|qties|units sold|number of units"
        "|number of pieces",
        "de": "menge|stuckzahl|stuck|anzahl stuck|mengenmassig",
        "fr": "quantite|unites|pieces|qte|qtes|nombre d unites|nombre de pieces"
        "|en volume",
    },
    "margin": {
        "en": "margin|profit|gross profit|gross margin|earnings|profitability"
        "|profitable|most profitable|least profitable",
        "de": "marge|gewinn|rohertrag|deckungsbeitrag|gewinnmarge|gewinnspanne|spanne"
        "|profit|rohgewinn|rohmarge|profitabelste|rentabelste|gewinnbringendste",
        "fr": "marge|benefice|marge brute|profit|rentabilite|rentable|plus rentable"
        "|moins rentable|le plus rentable|le moins rentable",
    },
    "cost": {
        "en": "cost|costs|spending|spend|spent|expenditure",
        "de": "kosten|ausgaben|ausgegeben|aufwand",
        "fr": "cout|couts|depenses|depense",
    },
    "value": {
        "en": "stock value|inventory value|value|valuation|worth",
        "de": "lagerwert|bestandswert|wert|warenwert|lagerbestandswert|bewertung",
        "fr": "valeur du stock|valeur|valeur des stocks|valorisation",
    },
    "tokens": {
        "en": "tokens|ai tokens",
        "de": "tokens|token|ki tokens",
        "fr": "jetons|tokens|jetons ia",
    },
    "latency": {
        "en": "latency|response time|duration",
        "de": "antwortzeit|latenz|dauer",
        "fr": "latence|temps de reponse|duree",
    },
    "actual": {
        "en": "actual demand|actual quantity|actual|real demand",
        "de": "tatsachlicher bedarf|tatsachlichen bedarf|tatsachliche menge|ist menge",
        "fr": "demande reelle|quantite reelle|reel",
    },
    "error": {
        "en": "forecast error|error|accuracy",
        "de": "prognosefehler|fehler|genauigkeit",
        "fr": "erreur de prevision|erreur|precision",
    },
    "delivered": {
        "en": "delivered quantity|quantity delivered",
        "de": "gelieferte menge",
        "fr": "quantite livree",
    },
    "received": {
        "en": "received quantity|quantity received",
        "de": "erhaltene menge|gelieferte menge",
        "fr": "quantite recue",
    },
    "reserved": {
        "en": "reserved quantity|quantity reserved|reserved",
        "de": "reservierte menge|reserviert",
        "fr": "quantite reservee|reserve",
    },
    "to_invoice": {
        "en": "to be invoiced|to invoice|uninvoiced amount|not invoiced",
        "de": "abzurechnen|noch nicht abgerechnet|zu fakturieren",
        "fr": "a facturer|non facture",
    },
    "discount": {"en": "discount", "de": "rabatt|nachlass", "fr": "remise"},
    "count": {
        "en": "number of|how many|count of|count|number|no of|nr of|amount of orders"
        "|quantity of orders",
        "de": "anzahl der|anzahl|wie viele|zahl der|wieviele|anz|zahl von",
        "fr": "nombre de|nombre d|combien de|combien d|nombre|nb de|nb d|nb|nbre de"
        "|nbre d|nbre",
    },
}

#: What it is split by.
DIMENSIONS = {
    "customer": {
        "en": "customer|client|buyer company|purchaser company|account name|consumer",
        "de": "kunde|kunden|auftraggeber"
        "|kundin|kundschaft|abnehmer|klient|debitor|endkunde",
        "fr": "client|clients|acquereur|cliente|clientele",
    },
    "vendor": {
        "en": "vendor|supplier|provider of goods|seller company",
        "de": "lieferant|lieferanten|kreditor|zulieferer|anbieter von waren",
        "fr": "fournisseur|fournisseurs|prestataire fournisseur",
    },
    "partner": {
        "en": "partner|partners|contact",
        "de": "partner|partnern|kontakt",
        "fr": "partenaire|contact",
    },
    "product": {
        "en": "product|item|article|goods|sku|article|good",
        "de": "produkt|artikel|ware|erzeugnis|waren|produkte",
        "fr": "produit|article|marchandise|reference|bien",
    },
    "category": {
        "en": "product category|category|product group"
        "|product type|product family|product line|item category|item group"
        "|product groups",
        "de": "produktkategorie|kategorie|warengruppe|produktgruppe|artikelgruppe"
        "|produktfamilie|sortiment|produktart|warenkategorie|artikelkategorie"
        "|produktlinie",
        "fr": "categorie de produit|categorie de produits"
        "|categorie d article|categorie"
        "|famille de produit|famille de produits|famille|gamme|type de produit"
        "|groupe de produits",
    },
    "country": {
        "en": "country|countries|nation",
        "de": "land|lander|staat|nation",
        "fr": "pays|nation|pays client",
    },
    "region": {
        "en": "state|region|province|county|federal state",
        "de": "bundesland|region|provinz|kanton|bundeslander",
        "fr": "region|province|departement administratif"
        "|canton|departement geographique",
    },
    "city": {
        "en": "city|town",
        "de": "stadt|ort|ortschaft|gemeinde",
        "fr": "ville|commune|localite",
    },
    "salesperson": {
        "en": "salesperson|salesman|salespeople|sales rep|sales representative|seller"
        "|sales person|rep|sales agent|account manager|sales employee|saleswoman"
        "|salesmen",
        "de": "verkaufer|vertriebsmitarbeiter|vertreter|verkauferin"
        "|vertriebler|verkaufsmitarbeiter|aussendienstmitarbeiter|kundenbetreuer"
        "|sachbearbeiter|verkauferinnen|handelsvertreter",
        "fr": "vendeur|commercial|representant"
        "|commerciaux|commerciale|charge de clientele|vendeuse|charge d affaires",
    },
    "buyer": {
        "en": "buyer|purchaser|purchasing agent|procurement officer",
        "de": "einkaufer|einkauferin",
        "fr": "acheteur|acheteuse",
    },
    "team": {
        "en": "sales team|team|sales teams|sales channel|channel",
        "de": "vertriebsteam|verkaufsteam|team"
        "|verkaufsgruppe|vertriebsgruppe|vertriebskanal",
        "fr": "equipe commerciale|equipe de vente|equipe"
        "|equipe des ventes|canal de vente",
    },
    "user": {
        "en": "user|responsible",
        "de": "benutzer|verantwortlicher|bearbeiter|anwender|nutzer",
        "fr": "utilisateur|responsable",
    },
    "warehouse": {
        "en": "warehouse|depot",
        "de": "lager|lagerhaus|lagerstandort|depot|warenlager",
        "fr": "entrepot|depot|magasin",
    },
    "location": {
        "en": "location|storage location|bin|shelf|stock location",
        "de": "lagerort|lagerplatz|stellplatz|regal|standort",
        "fr": "emplacement|emplacement de stock|localisation",
    },
    "lot": {
        "en": "lot|serial number|batch",
        "de": "charge|seriennummer|los",
        "fr": "lot|numero de serie",
    },
    "employee": {
        "en": "employee|person|staff member|worker|colleague",
        "de": "mitarbeiter|angestellter"
        "|angestellte|beschaftigter|mitarbeiterin|person|kollege",
        "fr": "employe|salarie|collaborateur|employee|personne|salariee|collegue",
    },
    "department": {
        "en": "department|division",
        "de": "abteilung|bereich",
        "fr": "departement|service|service interne",
    },
    "job": {"en": "job position|job", "de": "stelle|position", "fr": "poste"},
    "status": {"en": "status|stage", "de": "status|zustand", "fr": "statut|etat"},
    "payment_status": {
        "en": "payment status",
        "de": "zahlungsstatus",
        "fr": "statut de paiement|etat de paiement",
    },
    "invoice_status": {
        "en": "invoice status|billing status",
        "de": "rechnungsstatus|abrechnungsstatus",
        "fr": "statut de facturation",
    },
    "journal": {"en": "journal", "de": "journal", "fr": "journal"},
    "account": {"en": "account", "de": "konto|sachkonto", "fr": "compte"},
    "company": {
        "en": "company|subsidiary|legal entity",
        "de": "unternehmen|firma|gesellschaft|mandant|tochtergesellschaft",
        "fr": "societe|entreprise|filiale",
    },
    "currency": {"en": "currency", "de": "wahrung", "fr": "devise|monnaie"},
    "unit": {
        "en": "unit of measure|uom",
        "de": "mengeneinheit|masseinheit",
        "fr": "unite de mesure",
    },
    "industry": {"en": "industry|sector", "de": "branche", "fr": "secteur"},
    "payment_term": {
        "en": "payment terms|payment term",
        "de": "zahlungsbedingung|zahlungsbedingungen|zahlungsziel",
        "fr": "conditions de paiement|condition de paiement|delai de paiement",
    },
    "ai_model": {
        "en": "model|ai model|llm",
        "de": "modell|sprachmodell",
        "fr": "modele",
    },
    "provider": {
        "en": "provider",
        "de": "anbieter",
        "fr": "fournisseur d ia|prestataire",
    },
    "kind": {
        "en": "kind|type|kind of work",
        "de": "art|typ|art der arbeit",
        "fr": "type|genre|nature",
    },
    "method": {"en": "method", "de": "verfahren|methode", "fr": "methode"},
    "operation": {
        "en": "operation type",
        "de": "vorgangsart",
        "fr": "type d operation",
    },
    "source": {"en": "source", "de": "quelle", "fr": "source"},
    "campaign": {"en": "campaign", "de": "kampagne", "fr": "campagne"},
    "number": {
        "en": "each order|order",
        "de": "einzelner auftrag",
        "fr": "chaque commande",
    },
}

#: Which of them.
STATES = {
    "draft": {
        "en": "draft|drafts",
        "de": "entwurf|entwurfe|im entwurf|rechnungsentwurf|rechnungsentwurfe",
        "fr": "brouillon|brouillons|en brouillon|en brouillons",
    },
    "posted": {
        "en": "posted|validated",
        "de": "gebucht|gebuchte|verbucht",
        "fr": "comptabilise|valide|validee",
    },
    "cancelled": {
        "en": "cancelled|canceled",
        "de": "storniert|stornierte|abgebrochen",
        "fr": "annule|annulee|annulees",
    },
    "unpaid": {
        "en": "unpaid|not paid|to be paid|to pay|unsettled",
        "de": "unbezahlt|unbezahlte|nicht bezahlt|unbeglichen|nicht beglichen"
        "|zu bezahlen",
        "fr": "impaye|impayee|impayees|non paye|non payees|non reglees|non regle"
        "|a payer"
        "|a regler",
    },
    "open": {
        "en": "open|outstanding|not closed|still open|in progress|ongoing",
        "de": "offen|offene|ausstehend|noch offen|laufend|in arbeit|in bearbeitung",
        "fr": "ouvert|ouverte|ouvertes|en cours|non cloturees|non soldees|en suspens",
    },
    "undelivered": {
        "en": "undelivered|not delivered|to deliver|to be delivered|not shipped|to ship"
        "|not yet delivered|not yet shipped|unshipped|backorder|not received|to receive"
        "|not yet received",
        "de": "ungeliefert|nicht geliefert|noch nicht geliefert|zu liefern"
        "|nicht ausgeliefert|noch nicht ausgeliefert|auszuliefernd|nicht erhalten"
        "|noch nicht erhalten",
        "fr": "non livre|non livrees|a livrer|pas encore livrees|pas livrees"
        "|non expediees|a expedier|non recues|a recevoir|pas encore recues",
    },
    "delivered": {
        "en": "delivered|shipped|fully delivered",
        "de": "geliefert|ausgeliefert|versandt|versendet",
        "fr": "livre|livree|livrees|expediees",
    },
    "overdue": {
        "en": "overdue|past due|late|delayed|in arrears|behind schedule",
        "de": "uberfallig|uberfallige|verspatet"
        "|verspatete|rueckstandig|ruckstandig|saumig|im verzug|in verzug",
        "fr": "en retard|echu|echue|echues|en souffrance"
        "|en retard de paiement|tardive|arriere",
    },
    "paid": {
        "en": "paid|settled",
        "de": "bezahlt|bezahlte|beglichen|beglichene",
        "fr": "paye|payee|payees|reglees|reglee|regle|acquittees",
    },
    "confirmed": {
        "en": "confirmed|approved orders",
        "de": "bestatigt|bestatigte",
        "fr": "confirme|confirmee|confirmees|confirmees",
    },
    "done": {
        "en": "done|completed|finished|closed",
        "de": "erledigt|abgeschlossen|fertig"
        "|erledigte|beendet|fertiggestellt|ausgefuhrt",
        "fr": "fait|termine|terminee|effectuees|finie|effectue|realisees|cloturees",
    },
    "waiting": {
        "en": "waiting|pending|not done",
        "de": "wartend|wartende|ausstehende",
        "fr": "en attente|attente",
    },
    "ready": {"en": "ready", "de": "bereit", "fr": "pret|pretes"},
    "failed": {
        "en": "failed",
        "de": "fehlgeschlagen|fehlgeschlagene",
        "fr": "echoue|en echec",
    },
    "new": {"en": "new", "de": "neu|neue", "fr": "nouveau|nouveaux|nouvelle"},
    "invoiceable": {
        "en": "to be invoiced"
        "|to invoice|not invoiced|not yet invoiced|uninvoiced|unbilled|to bill"
        "|to be billed|not billed",
        "de": "abzurechnende"
        "|abzurechnen|noch nicht abgerechnet|nicht abgerechnet|nicht fakturiert"
        "|noch nicht fakturiert|zu fakturieren|zu berechnen",
        "fr": "a facturer"
        "|non facture|non facturees|pas encore facturees|pas facturees|a facturer",
    },
    "refused": {
        "en": "refused|rejected",
        "de": "abgelehnt|abgelehnte",
        "fr": "refuse|refusees",
    },
    "approved": {
        "en": "approved",
        "de": "genehmigt|genehmigte",
        "fr": "approuve|approuvees",
    },
}

#: By which of several dates a time is meant.
DATES = {
    "due": {
        "en": "due|falling due|due date",
        "de": "fallig|fallige|falligen|falligkeit",
        "fr": "echeance|a echeance|arrivant a echeance",
    },
}

#: How it is shown.
CHARTS = {
    "bar": {
        "en": "bar chart|bar graph|bars|column chart|histogram|columns|bar|column",
        "de": "balkendiagramm|saulendiagramm|balken|saulen"
        "|balkengrafik|saulengrafik|balkenform",
        "fr": "diagramme en barres|graphique en barres|barres|histogramme"
        "|histogrammes|batons|diagramme a barres|graphique a barres|barre",
    },
    "line": {
        "en": "line chart|line graph|line|trend|curve|development"
        "|over time|trend line|timeline|evolution|lines",
        "de": "liniendiagramm|linie|verlauf|kurve|trend|entwicklung"
        "|umsatzentwicklung|umsatzverlauf"
        "|im zeitverlauf|zeitverlauf|im verlauf|zeitreihe|linien|liniengrafik",
        "fr": "courbe|graphique en courbe|ligne|evolution"
        "|au fil du temps|dans le temps|courbes|tendance|graphique lineaire"
        "|diagramme lineaire|lineaire",
    },
    "pie": {
        "en": "pie chart|pie|donut|doughnut|share|distribution|pie graph|ring chart",
        "de": "kreisdiagramm|tortendiagramm|kuchendiagramm|torte"
        "|kuchen|verteilung|anteil|ringdiagramm|kreis|tortengrafik",
        "fr": "camembert|graphique circulaire|secteurs|diagramme circulaire"
        "|repartition|part|diagramme en camembert|anneau|graphique en secteurs"
        "|diagramme en secteurs",
    },
    "pivot": {
        "en": "pivot table|pivot|crosstab|cross table|matrix",
        "de": "pivottabelle|pivot|kreuztabelle|matrix",
        "fr": "tableau croise|tableau croise dynamique|pivot|table pivot|matrice",
    },
    "list": {
        "en": "table|list|tabular|spreadsheet|grid",
        "de": "tabelle|liste|tabellarisch|tabellenform|listenform|aufstellung",
        "fr": "tableau|liste|listing|table",
    },
    "number": {
        "en": "only the number|single number",
        "de": "nur die zahl",
        "fr": "le chiffre seul",
    },
}

#: Words that say how the others are meant.
MARKS = {
    "top": {
        "en": "top|best|highest|biggest|largest|most|leading|best selling|strongest"
        "|greatest|first|major|main|highest selling|top selling|top performing"
        "|maximum number of|most profitable",
        "de": "top|beste|besten|hochste|hochsten|grosste|grossten|meiste|meisten"
        "|starkste|umsatzstarkste|meistverkauft"
        "|bester|bestes|grosster|grosstes|hochster|ersten|wichtigste|fuhrende"
        "|bestverkauft|am meisten|starkster|profitabelste|rentabelste"
        "|gewinnbringendste",
        "fr": "top|meilleur|meilleurs|plus grand|plus grands|plus gros"
        "|premiers|plus eleve"
        "|plus vendu|plus important|le plus"
        "|premier|premiers|premiere|meilleure|plus vendus|plus grosse|plus rentable"
        "|principal|principaux|mieux|le mieux|plus elevee|mieux vendu|plus grande"
        "|le plus grand|le plus gros|le plus eleve|le plus important|le plus rentable",
    },
    "bottom": {
        "en": "bottom|worst|lowest|smallest|least|weakest"
        "|poorest|fewest|slowest selling|minimum number of|worst selling"
        "|slowest moving|worst performing|least profitable",
        "de": "schlechteste|schlechtesten|niedrigste|kleinste|geringste|wenigsten"
        "|schwachste|flop"
        "|schlechtester|schlechtestes|am wenigsten|schwachster|niedrigster|kleinster"
        "|letzten platze|umsatzschwachste",
        "fr": "pire|pires|plus petit|plus petits|plus bas|moins vendu"
        "|plus faible|le moins"
        "|dernier du classement"
        "|moins bon|moins bons|moins bonne|plus mauvais|plus petite|plus basse"
        "|moins vendus|moins performant|plus faibles|moins rentable|le plus petit"
        "|le plus bas|le plus faible|le plus mauvais|le moins rentable",
    },
    "down": {
        "en": "highest first|largest first|descending|in descending order"
        "|biggest first"
        "|from high to low|from highest to lowest|decreasing|most first|best first",
        "de": "hochste zuerst|hochster zuerst|grosste zuerst|absteigend"
        "|absteigend sortiert"
        "|von hoch nach niedrig|hochste zu erst|meiste zuerst|beste zuerst|fallend",
        "fr": "plus eleve d abord|plus grand d abord|plus eleves d abord|decroissant"
        "|par ordre decroissant|ordre decroissant"
        "|du plus grand au plus petit|decroissante|ordre descendant"
        "|plus grands d abord|plus gros d abord",
    },
    "up": {
        "en": "lowest first|smallest first|ascending|in ascending order"
        "|from low to high|from lowest to highest|increasing|least first|worst first",
        "de": "niedrigste zuerst|kleinste zuerst|aufsteigend|aufsteigend sortiert"
        "|von niedrig nach hoch|geringste zuerst|wenigste zuerst|steigend",
        "fr": "plus bas d abord|plus petit d abord|croissant|ordre croissant"
        "|du plus petit au plus grand|croissante|plus faible d abord"
        "|plus petits d abord",
    },
    "avg": {
        "en": "average|mean|avg|on average|averages|averaged",
        "de": "durchschnitt|durchschnittlich|durchschnittliche|mittlere|mittelwert"
        "|ø|durchschnittswert|im schnitt|im durchschnitt|im mittel|durchschn|schnitt",
        "fr": "moyen|moyenne|moyens|en moyenne|moy|moyennes",
    },
    "max": {"en": "maximum|max", "de": "maximum|maximal", "fr": "maximum|maximal"},
    "min": {"en": "minimum|min", "de": "minimum|minimal", "fr": "minimum|minimal"},
    "without": {
        "en": "without|except|except for|excl|everything but|all but|outside|apart from"
        "|exclude|minus|leave out|remove|drop|excluding|not|other than|not in|but not"
        "|never|no|neither|out of|not including|not counting"
        "|not yet|hasn t|haven t|didn t|don t|doesn t|isn t|aren t|wasn t",
        "de": "ohne|ausser|nicht|nicht in|noch nicht|nie|niemals|kein|keine|keinen"
        "|exkl|ausgenommen|abgesehen von|ausserhalb|ausschliesslich der|bis auf"
        "|entferne|weglassen|nicht inklusive|nicht eingeschlossen|weder",
        "fr": "sans|sauf|hors|excepte|pas|pas encore|jamais|aucun|aucune"
        "|hors de|en dehors de|a l exception de|a l exclusion de|non|excluant|retire"
        "|enleve|excepter|non compris|en rupture de|ni",
    },
    "instead": {
        "en": "instead of|rather than",
        "de": "statt nach|statt je|statt pro|anstatt nach|anstelle von|statt"
        "|statt der|statt des|anstelle|anstatt",
        "fr": "au lieu de|au lieu d|plutot que par|plutot que"
        "|a la place de|a la place du",
    },
    "also": {
        "en": "also by|and also|as well|also|additionally|and by|plus by|and per|too"
        "|add",
        "de": "auch nach|zusatzlich nach|zusatzlich|auch"
        "|und nach|und pro|und je|ausserdem|sowie nach|dazu|hinzufugen",
        "fr": "aussi par|egalement par|aussi|egalement|en plus"
        "|et par|ainsi que par|en plus par|ajoute|ajouter|ajoutez",
    },
    "by": {
        "en": "by|per|for each|each|broken down by|split by|grouped by"
        "|group by|for every"
        "|according to|across|for all|broken out by|sorted by|ordered by",
        "de": "nach|pro|je|aufgeteilt nach|gruppiert nach|aufgeschlusselt nach"
        "|gegliedert nach|sortiert nach|jede|jeder|jedes|jeden|fur jede|fur jeden"
        "|fur jedes|unterteilt nach|verteilt nach|per",
        "fr": "par|selon|ventile par|groupe par|pour chaque|chaque"
        "|classe par|trie par|reparti par|triees par|en fonction de|pour chacun",
    },
}
