/// What clients and products have, besides what is held.
extension NameMeaning {
    static let manager = NameMeaning([
        3: """
        manager* advis* banker* berater* betreuer* gestor* asesor* conseill* consulent* doradc* opiekun* mened*
        kurator* gerente* assessor* relationship_manager
        """,
        2.5: "rm",
        1: "relationship responsible otvetstv* verantwort*",
    ])
    static let segment = NameMeaning([
        3: "segment*",
        2: "tier* kundengruppe* kategor* categor* clase",
        1.5: "group* grupp* gruppe* typ type tipo tip",
    ])
    static let risk = NameMeaning([
        3: "risk* risik* riesgo* risque* risco* rischio* rischi ryzyk*",
        0.5: "level* class* profile* profil* perfil* klass* uroven* stufe*",
    ])
    static let qualified = NameMeaning([
        3: "qualif* qualifiz* kvalif* kwalif* cualific* professional* accredited"
    ])
    static let complex = NameMeaning([
        3: "complex* qualif* kvalif* kwalif* komplex* slozhn*"
    ])
    static let name = NameMeaning([
        3: "name* nm nam naimenovan* nazvan* nombre* nom nome nazwa* bezeichnung* denomin*",
        2.5: "title* label* libell* intitul*",
        1.5: "descri* opis* beschreib*",
    ])
    static let available = NameMeaning([
        3: "available* offered sellable verfuegbar* verfugbar* disponib* dispon* dostup* dostepn* verkaeuflich",
        2.5: "active* aktiv* tradable tradeable activo actif ativo attivo aktywn* dejstv* deistv*",
        2: "enabled open status",
    ])
    /// What products are alike in.
    static let category = NameMeaning([
        3: """
        issuer* emitent* emittent* emisor* emetteur* emissor* emittente categor* kategor* assetclass* sector*
        sektor* branche*
        """,
        2: "class* klass* group* grupp* gruppe* grupo groupe* type typ tipo family famil* region*",
    ])
    /// In which currency an amount is.
    static let currency = NameMeaning([
        3: "currency* curr ccy cur waehrung* wahrung* valyut* valuta* divisa* moneda* devise* moeda* walut* iso_ccy"
    ])
    /// Names of whatever is said of somebody in another column, row by row.
    static let property = NameMeaning([
        3:
            "attr attribute* property properties param* eigenschaft* merkmal* atribut* attribut* field* feature* svojstv*",
        2: "key* name* variable* metric*",
    ])
    static let reason = NameMeaning([
        3: "reason* prichin* grund motiv* raison* powod*",
        2: "cause*",
        1.5: "comment* rule* kommentar*",
        1: "note*",
    ])
    /// Which version of a row counts.
    static let current = NameMeaning([
        3: """
        current* aktuell* aktual* actual* vigente* courant* atual attual* corrent* tekushch* tekusch* latest last
        """
    ])
    static let status = NameMeaning([
        3: "status* state estado* etat* statut* stato zustand* sostoyan*",
        2: "stan situac*",
        1: "active* aktiv* closed* open*",
    ])

    /// What clients are like, which is never a product, whatever the type of the column.
    static let attribute = NameMeaning([
        3: """
        age alter edad idade eta wiek vozrast sex sexo sexe sesso plec pol gender geschlecht income* einkommen*
        renta ingres* revenu* renda reddit* dochod* dokhod* salary* salair* gehalt birth* geb* tenure antig*
        seniorit* children kids kinder hijos enfants figli dzieci deti region* country* land pais* pays paese kraj
        strana city stadt ciudad ville citta miasto gorod province* prov prov* postal* zip plz marital* famil*
        educat* bildung occupat* profes* beruf nuev* new emplead* employee* deceased fallec* indfall resid*
        indresi score* rating* segment* risk* risik* channel* canal* domicil* tipodom relation* indrel* indext
        foreign* vip student* retired pension_age optin consent* newsletter* digital online app login* visit*
        complaint* phone* email* mail language* sprache idioma* qualif* professional* pep blacklist* actividad
        activity active inactive activo aktiv* aktywn* antiguedad conyuemp birthday married dependents household*
        homeowner smoker kyc fatca crs churn* default* fraud* debtor male female man woman deleted closed blocked
        frozen locked archived current latest test
        """,
        2: """
        count* cnt num* n qty_logins days tage dni_od year* month* avg mean ratio pct percent* rate rank* lat lon
        latitude longitude height weight
        """,
    ])
    /// What makes a column for each product recognizable.
    static let matrix = NameMeaning([
        3: """
        has have holds hold own owns owned held product* prod produkt* produit* produto* prodott* bal balance*
        saldo* amt amount* pos position* hat tiene posee possede possui detient ma posiada est
        """
    ])
}
