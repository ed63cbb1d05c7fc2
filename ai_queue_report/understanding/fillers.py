# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Words that say nothing about a report, by language."""

#: Words that say nothing about a report.
FILLERS = {
    "en": (
        "a an the of in on at to for from with and or me us my our we you i it"
        " its is are was were be been did do does have has had show give tell"
        " list display see want need like please what which who whose how much"
        " many get got make made create report chart graph overview analysis"
        " analyse as by per only just all any there this that these those"
        " against versus vs over during within into than then now so far up can"
        " could would will let look let's about each post posted write wrote"
        " view table between overall altogether instead but also s everything"
        " figures data statistics order ordered sorted sort value values amounts"
        " split grouped group sold bought come came yet hi hello hey thanks thank you"
        " could i'd like know find out tell us please break down detail details total"
        " same made placed place take took happened happen their own generated"
        " generate business doing perform performing where when here again once"
        " one ones still currently current breakdown result results switch change turn"
        " use money nor"
    ),
    "de": (
        "ein eine einer eines einem einen der die das den dem des im in ins am"
        " an auf aus bei mit von vom zu zum zur fur und oder mir uns mein meine"
        " unser unsere wir du sie ich es ist sind war waren wurde wurden wird"
        " werden hat haben hatte hatten zeig zeige zeigen gib geben sag bitte"
        " was welche welcher welches welchen wer wie viel viele hoch gross als"
        " nach pro je nur bloss alle aller jeder bericht diagramm grafik"
        " ubersicht auswertung analyse gegen gegenuber versus uber wahrend bis"
        " jetzt bisher wieviel so mal doch auch da kann konnen mochte will brauche"
        " wollen machen gemacht erstelle erstellen darstellen dargestellt"
        " anzeigen ansicht insgesamt sortiert geschrieben gestellt verkauft"
        " gekauft gab gibt sich zuerst aber sowie daten zahlen statistik unserer"
        " unserem unseren hallo danke konnten konntest konnte wurden wurde gern gerne"
        " wissen sehen nenne nennen liste mochten mir bekomme bekommen lass lassen"
        " erzielt erzielten gemacht machten getatigt angefallen angelegt erstellt"
        " verteilt entwickelt entwickelte unseres unserer jeweils dabei davon"
        " denn eigentlich noch dort hier wieder einmal jetzt nun zeigt dasselbe"
        " gleiche gleichen aufgeteilt gesamt gesamten wo wann alles ware wollte"
        " euro eur wechsle andere stelle nimm geld"
    ),
    "fr": (
        "un une des le la les l d de du au aux a en dans sur sous avec pour par"
        " et ou moi nous mon ma mes notre nos vous je j il elle on est sont"
        " etait etaient ete avons avez ont avait montre montrer montrez donne"
        " donner donnez affiche afficher voir veux voudrais besoin svp s te"
        " plait quel quelle quels quelles qui que quoi qu comment combien ce"
        " cette ces cet seulement uniquement juste tout tous toute toutes"
        " rapport graphique apercu analyse comme contre versus pendant durant"
        " jusqu ici fait faire faites faits y ci eu forme vue global ensemble"
        " trie tries triees vendu vendus achete achetes mais aussi selon donnees"
        " chiffres statistiques ne n bonjour merci pouvez pouvons peux peut peut"
        " pourrais aimerais aimerions savoir connaitre liste lister affichez"
        " presente presenter realise realises realisees realise effectue genere"
        " passe passes passees cree crees creees enregistre detail details total"
        " meme chez entre encore actuellement actuel voici ont on leur leurs"
        " maintenant chose euro euros eur argent change changer"
    ),
}
