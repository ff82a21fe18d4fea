/// English, Russian (in either script), German, Spanish, French, Portuguese, Italian and Polish, as warehouses write them.
extension NameMeaning {
    // MARK: Relations

    static let holdings = NameMeaning([
        3: "holding* position* posicion* posizion* posic* pozyc* pozits* pozic* posten",
        2.5: "ostat* bestand* bestaende saldo* saldi salden balance*",
        2: """
        portfolio* portefeuille* portafogli* cartera* carteira* portfel* depot* ownership avoirs encours giacenz*
        stany vlozhen* detention* subscription* contract* contrat* contratt* vertrag* vertraege dogovor* umow* polic*
        polis* enrol*
        """,
        1.5: "matrix matrice matriz macierz produkte produkty",
        0.5: "fact fakt facts",
        -1: "hist history historie istoria archive* arkhiv* arch",
        -2: "staging stg old test demo copy sample",
        -3: """
        transaction* tranzak* transak* transac* trade* deal* order* ordini zlecen* sdelk* sdelok umsatz* umsaetze
        buchung* bewegung* moviment* mouvement* movimient* operac* operat* operaz* prowod* provod* log logs event*
        audit* error* payment* plat* quote* price* tsen* kurs*
        """,
        -4: "tmp temp backup bak",
        -6: """
        exclu* restrict* blacklist* blocked recommend* suggestion* model models benchmark* watch* wish* forecast* budget* campaign* lead leads
        opportunit* limit limits isklyuch* zapret* ausschl* sperr* wyklucz*
        esclus* interdi* rekomend* empfehl* recomend* target*
        """,
    ])
    /// Lists of what was bought and sold, rather than of what is held.
    static let trades = NameMeaning([
        3: """
        trade* transaction* tranzak* transak* transac* transaz* deal* order* ordini zlecen* sdelk* sdelok umsatz*
        umsaetze buchung* bewegung* moviment* mouvement* movimient* operac* operat* operaz* provod* prowod*
        purchase* zakup* achats compras acquisti kaeufe pokup* execution* fills
        """
    ])
    static let exclusions = NameMeaning([
        3: """
        exclu* restrict* blacklist* blocked forbidden isklyuch* zapret* ausschl* sperr* wyklucz* esclus* interdi*
        bloque* bloquead* stop
        """,
        2: "suitability",
    ])
    static let calendar = NameMeaning([
        3: "calendar* kalend* calendr* kalendarz*",
        2: """
        date* datum data daty dat fecha* fechas tempo temps tiempo czas zeit time day days dni dia dias giorni
        jours *datum
        """,
    ])

    // MARK: Keys

    static let client = NameMeaning([
        3: """
        client* customer* cust kunde* kundin* klien* investor* inwestor* inversor* inversion* investisseur*
        investidor* investitor* anleger* geschaeftspartner vkladchik* depositor*
        """,
        2.5: "kund",
        2: """
        holder* titular* titolar* inhaber* party partner* member* mitglied* socio subscriber* abonent* abonn* cif
        codpers* *codpers pesel
        """,
        1.5: """
        household* account* acct konto* konta cuenta* compte* conta contas conto conti schet* scheta rachunek
        rachunk* *konto depot* inn cpf nif dni
        """,
        1: "portfolio* portefeuille* portfel* user* nutzer usuario* utilisateur* utente person* lico litso",
    ])
    static let product = NameMeaning([
        3: """
        product* produkt* produit* produto* prodott* instrument* strument* instrumen* security securities isin
        wertpapier* wkn cusip sedol figi
        """,
        2.5: """
        prod asset* fund funds fond fonds fondo* fundo* fundusz* ticker* bumag* papel papeles papier* titre*
        titolo titoli titulo*
        """,
        2: """
        symbol* article* artikel* articul* articol* artykul* tovar* towar* uslug* servic* sku aktiv aktiva aktivy
        """,
        1.5: "item* plan plans package* paket* coverage* offer* tarif* ativo activo actif attivo",
    ])

    // MARK: Columns of holdings

    static let amount = NameMeaning([
        3: "amount* amt betrag* summa* summ suma* summe* soma somma montant* importe* importo* kwota kwot*",
        2.5: """
        value* balance* saldo* solde* valeur* valor valores valore* wert *wert wartosc* stoimost* ostat* encours
        controvalore bestand* guthaben kontostand kurswert* kursbetrag* marktwert* rechenwert*
        """,
        2: """
        quantity qty units notional nominal* nennwert shares menge* stueck* stuck* cantidad* quantite* quantidade*
        quantita ilosc* kolichestv* kolvo aum mv bal giacenz* titoli
        """,
        1.5: "volume exposure obem* anzahl liczba kol val *menge stan",
        1: "position*",
        0.5: "market",
        -3: """
        price* tsen* preis* kurs* precio* prix preco* prezzo* cena* rate stavk* fx percent* pct share prozent*
        zins* interest cost* fee* commiss* komiss* tax* nalog* limit* year* month* rank* count
        """,
    ])
    /// Amounts in pieces, which add up to nothing when a position is closed, as amounts of money do not.
    static let quantity = NameMeaning([
        3: """
        quantity qty units shares menge* stueck* stuck* cantidad* quantite* quantidade* quantita ilosc*
        kolichestv* kolvo anzahl liczba kol *menge
        """,
        2: "nominal* nennwert notional volume obem*",
    ])
    /// Columns that say whether a client holds a product.
    static let held = NameMeaning([
        3: """
        held hold holds has have own owns owned tiene posee possede possui detient besitzt hat posiada vladeet est
        ima
        """,
        2: "flag* flg ind indicator* present prisutstv* nalich*",
    ])
    static let side = NameMeaning([
        3: """
        side* direction* buysell buyorsell bs richtung* seite* lado sens sentido* verso strona kierun* naprav*
        storona operationstype
        """,
        2: """
        buy sell kauf verkauf pokup* prodazh* compra venta venda achat vente kupno sprzed* debit credit dc sign
        znak* znac* operac* operat* operaz* tip* typ type tipo transaction* trx txn trans trade* deal* rodzaj
        geschaeftsart art vid sdelk* action
        """,
    ])
    static let buying = NameMeaning([
        3: "buy bought purchase* pokup* kauf compra achat acquist* kupno"
    ])

    // MARK: Days

    /// What every date may be called.
    static let day = NameMeaning([
        1: """
        date* day* datum* *datum data daty dat dt fecha* dato dia dias dzien dnia jour jours giorno giorni tag
        month* monat* mes mese mois miesiac* mesyats* mesyac* period* time timestamp* ts tstamp year* god rok ano
        anno annee jahr week* quarter* kvartal* eom
        """
    ])
    static let year = NameMeaning([3: "year yr god jahr ano anno annee rok an", 2: "fiscalyear yyyy"])
    static let month = NameMeaning([
        3: "month mon mth mes mese mois monat miesiac mesyats mesyac mesec", 2: "period periode periodo mm",
    ])
    static let snapshot = NameMeaning([
        3: "snapshot* stichtag* snimok*",
        2.5: "otchet* otchyot* sprawozd* srez* sreza corte",
        2: """
        asof business valuation* cob bewertung* rilevazion* riferiment* referenc* arret* situation situac* stan
        ultimo foto raport* cierre sostoyan*
        """,
        1.5: """
        position* pos report* informe bestand* month* monat* mes mese mois miesiac* mesyats* mesyac* period* eom
        posic* pozyc* *stichtag extract*
        """,
        1: "date* day* datum* *datum data daty dat dt fecha* dato dia dzien dnia jour giorno tag",
        0.5: "as of na",
        -3: "birth* geb* nacim* naiss* nascit* urodz* rozhd*",
    ])
    static let validFrom = NameMeaning([
        2: """
        from start* since begin* open opened opening ab von desde inicio inizio debut depuis ouvert* ouvre
        apertura abertura od otkryt* nachal* otwarc* zawarc* abschluss* zaklyuch* firma* signed eroeffn* eroffn* alta s purchase* acquir* aquis* rozpocz*
        """,
        1: "valid* effective gueltig* gultig* vigen* wazn* dejstv* deistv* eff",
    ])
    static let validTo = NameMeaning([
        2: """
        to end end* until thru through expir* close closed closing bis ende hasta fin finish fim fine ate do
        koniec konca zamkn* zakryt* okonch* okoncan* cloture* ferm* chiusur* encerr* schluss* geschlossen
        schliess* baja termin* po sold exit* cancel* delet* remov* geloesch* gelosch* udal* borrad* elimin* supprim*
        usunie* archiv*
        """,
        1: "valid* effective gueltig* gultig* vigen* wazn* dejstv* deistv* eff",
    ])
    /// When a row was taken back.
    static let removal = NameMeaning([
        3: "delet* remov* cancel* storn* void* geloesch* gelosch* udal* otmen* borrad* elimin* supprim* usunie*"
    ])
    static let tradeDay = NameMeaning([
        3: """
        trade* deal* transaction* tranzak* transak* transac* execut* order* sdelk* sdelok operac* operat* operaz*
        buchung* booking booked handel* zlecen* provod*
        """,
        1.5: "value* posting* date* datum* *datum data dat fecha* dzien day",
        -1: "settle* valut* rasch*",
    ])
    /// When a row was written, which is no day that it holds for.
    static let audit = NameMeaning([
        3: """
        load* insert* updat* creat* modif* etl import* ingest* change* zagruz* zagruzk* obnovl* geladen lade*
        aktualis* actualiz* atualiz* maj utwor* zaladow* dodan* geaendert rowversion sync* processed
        """
    ])
}
