import TestSupport
import Testing

/// `peerfolio init` on tables in many languages and types, each with what it must take.
@Suite(.requiresServer) struct InitKinTests {
    /// A table of holdings and what is proposed for it.
    struct Kin: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let lines: [String]
        let clients: Int
        let holdings: Int
    }

    /// Pairs of 150 clients and 12 products on two days, 300 a day.
    private static let pairs =
        "generate_series(1, 700) i, unnest(array[date '2026-09-30', '2026-10-31']) d on conflict do nothing"

    private static let languages = [
        Kin(
            testDescription: "Russian in Latin letters",
            sql: """
                create table dwh.ostatki_klientov (
                    kod_klienta int, kod_produkta int, ostatok numeric(18, 2), data_otcheta date,
                    primary key (kod_klienta, kod_produkta, data_otcheta));
                insert into dwh.ostatki_klientov select i % 150, i % 12, i, d from \(pairs);
                create table dwh.spr_klientov (kod_klienta int primary key, fio text, menedzher text, segment text);
                insert into dwh.spr_klientov select i, 'f', 'm' || i % 5, 's' || i % 3 from generate_series(0, 149) i;
                create table dwh.spr_produktov (kod_produkta int primary key, naimenovanie text, aktiven char(1));
                insert into dwh.spr_produktov select i, 'p', case when i % 4 = 0 then 'N' else 'Y' end
                from generate_series(0, 11) i
                """,
            lines: [
                "  client: \"kod_klienta\"", "  product: \"kod_produkta\"", "  amount: \"ostatok\"",
                "  as_of: \"data_otcheta\"", "  manager: \"menedzher\"", "  segment: \"segment\"",
                "    select h.kod_produkta, h.naimenovanie, (h.aktiven = 'Y') as is_available",
                "  available: \"is_available\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "German",
            sql: """
                create table dwh.depotbestand (
                    kundennummer varchar(10), wertpapierkennnummer char(6), kurswert money, stichtag date,
                    primary key (kundennummer, wertpapierkennnummer, stichtag));
                insert into dwh.depotbestand select 'K' || i % 150, 'A' || i % 12, i::text::money, d from \(pairs);
                create table dwh.kunden (kundennummer varchar(10) primary key, berater text, "alter" int, risikoklasse int);
                insert into dwh.kunden select 'K' || i, 'b', 20 + i % 60, 1 + i % 5 from generate_series(0, 149) i;
                create table dwh.wertpapiere (
                    wertpapierkennnummer char(6) primary key, bezeichnung text, risikoklasse int, verfuegbar boolean,
                    emittent text);
                insert into dwh.wertpapiere select 'A' || i, 'w', 1 + i % 5, true, 'e' || i % 3 from generate_series(0, 11) i
                """,
            lines: [
                "  client: \"kundennummer\"", "  product: \"wertpapierkennnummer\"", "  amount: \"kurswert\"",
                "  as_of: \"stichtag\"", "  manager: \"berater\"", "#  risk: \"risikoklasse\"",
                "  name: \"bezeichnung\"",
                "  available: \"verfuegbar\"", "#  attributes: [\"emittent\"]",
                "#  attributes: {\"alter\": 0.25, \"risikoklasse\": 0.25}",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "Spanish",
            sql: """
                create table dwh.posiciones (id_cliente bigint, id_producto varchar(8), saldo numeric(18, 2), fecha_corte date);
                insert into dwh.posiciones select i % 150, 'P' || i % 12, i, d from \(pairs);
                create table dwh.clientes (id_cliente bigint primary key, nombre text, gestor text);
                insert into dwh.clientes select i, 'n', 'g' from generate_series(0, 149) i
                """,
            lines: [
                "  client: \"id_cliente\"", "  product: \"id_producto\"", "  amount: \"saldo\"",
                "  as_of: \"fecha_corte\"",
                "  manager: \"gestor\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "French",
            sql: """
                create table dwh.encours_clients (
                    code_client varchar(9), code_produit varchar(9), encours numeric, date_arrete date,
                    primary key (date_arrete, code_client, code_produit));
                insert into dwh.encours_clients select 'C' || i % 150, 'P' || i % 12, i, d from \(pairs);
                create table dwh.clients (code_client varchar(9) primary key, nom text, conseiller text, "qualifié" boolean);
                insert into dwh.clients select 'C' || i, 'n', 'c' || i % 2, i % 2 = 0 from generate_series(0, 149) i
                """,
            lines: [
                "  client: \"code_client\"", "  product: \"code_produit\"", "  amount: \"encours\"",
                "  as_of: \"date_arrete\"", "  manager: \"conseiller\"", "#  qualified: \"qualifié\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "Portuguese",
            sql: """
                create table dwh.carteira (
                    cod_cliente int, cod_ativo varchar(8), quantidade numeric, data_posicao timestamp,
                    primary key (cod_cliente, cod_ativo, data_posicao));
                insert into dwh.carteira select i % 150, 'P' || i % 12, i, d + time '22:10' from \(pairs);
                create table dwh.ativos (cod_ativo varchar(8) primary key, nome text);
                insert into dwh.ativos select 'P' || i, 'd' from generate_series(0, 11) i
                """,
            lines: [
                "  client: \"cod_cliente\"", "  product: \"cod_ativo\"", "  amount: \"quantidade\"",
                "  as_of: \"data_posicao\"", "  relation: \"dwh.ativos\"", "  name: \"nome\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "Italian",
            sql: """
                create table dwh.posizioni (
                    codice_cliente int, codice_strumento varchar(8), controvalore numeric, data_riferimento date,
                    primary key (codice_cliente, codice_strumento, data_riferimento));
                insert into dwh.posizioni select i % 150, 'P' || i % 12, i, d from \(pairs);
                create table dwh.anagrafica_clienti (codice_cliente int primary key, denominazione text, consulente text);
                insert into dwh.anagrafica_clienti select i, 'd', 'k' from generate_series(0, 149) i
                """,
            lines: [
                "  client: \"codice_cliente\"", "  product: \"codice_strumento\"", "  amount: \"controvalore\"",
                "  as_of: \"data_riferimento\"", "  manager: \"consulente\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "Polish",
            sql: """
                create table dwh.stany_portfela (
                    id_klienta int, id_instrumentu varchar(8), "wartość" numeric, "dzień" date,
                    primary key (id_klienta, id_instrumentu, "dzień"));
                insert into dwh.stany_portfela select i % 150, 'P' || i % 12, i, d from \(pairs);
                create table dwh.klienci (id_klienta int primary key, nazwisko text, doradca text);
                insert into dwh.klienci select i, 'd', 'k' from generate_series(0, 149) i
                """,
            lines: [
                "  client: \"id_klienta\"", "  product: \"id_instrumentu\"", "  amount: \"wartość\"",
                "  as_of: \"dzień\"",
                "  manager: \"doradca\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "a language that nobody has taught it",
            sql: """
                create table dwh.omistukset (asiakas int, tuote int, maara numeric, primary key (asiakas, tuote));
                insert into dwh.omistukset select i % 150, i % 12, i from generate_series(1, 700) i on conflict do nothing
                """,
            lines: ["  client: \"asiakas\"", "  product: \"tuote\"", "  amount: \"maara\""], clients: 150, holdings: 300
        ),
    ]

    private static let matrices = [
        Kin(
            testDescription: "has_*, beside what clients are like",
            sql: """
                create table dwh.client_products (
                    client_id bigint primary key, gender char(1), age int, is_active boolean, is_vip boolean, region text,
                    has_card boolean, has_loan boolean, has_mortgage boolean, has_deposit boolean, has_children boolean,
                    updated_at timestamp);
                insert into dwh.client_products
                select i, 'F', i % 60, true, false, 'r' || i % 5, i % 2 = 0, i % 3 = 0, i % 5 = 0, i % 4 = 0, i % 2 = 1, now()
                from generate_series(1, 300) i
                """,
            lines: [
                "  client: \"client_id\"",
                "  products: [\"has_card\", \"has_loan\", \"has_mortgage\", \"has_deposit\"]",
                "#  attributes: {\"age\": 0.25, \"has_children\": 0.5, \"region\": 0.5}",
            ], clients: 300, holdings: 385),
        Kin(
            testDescription: "is_*",
            sql: """
                create table dwh.matrix (
                    customer_id int primary key, is_stocks boolean, is_bonds boolean, is_funds boolean, is_gold boolean,
                    is_deleted boolean);
                insert into dwh.matrix select i, i % 2 = 0, i % 3 = 0, i % 5 = 0, i % 4 = 0, false
                from generate_series(1, 300) i
                """,
            lines: ["  products: [\"is_stocks\", \"is_bonds\", \"is_funds\", \"is_gold\"]"], clients: 300, holdings: 385
        ),
        Kin(
            testDescription: "yes and no in letters",
            sql: """
                create table dwh.holdings_matrix (
                    client_id int primary key, stocks char(1), bonds char(1), funds char(1), gold char(1), cash char(1),
                    sex char(1));
                insert into dwh.holdings_matrix
                select i, case when i % 2 = 0 then 'Y' else 'N' end, case when i % 3 = 0 then 'Y' else 'N' end,
                    case when i % 5 = 0 then 'Y' else 'N' end, case when i % 4 = 0 then 'Y' else 'N' end, 'N', 'M'
                from generate_series(1, 300) i
                """,
            // Nobody has cash, which is a product all the same.
            lines: ["  products: [\"stocks\", \"bonds\", \"funds\", \"gold\", \"cash\"]"], clients: 300, holdings: 385),
        Kin(
            testDescription: "amounts by month",
            sql: """
                create table dwh.monthly (
                    period int, cust_id varchar(12), bal_deposit money, bal_fund money, bal_bond money, bal_stock money,
                    bal_gold money, segment text, age int, primary key (period, cust_id));
                insert into dwh.monthly
                select p, 'C' || i, (i % 2)::text::money, (i % 3)::text::money, (i % 5)::text::money, (i % 4)::text::money,
                    '0', 's' || i % 3, 20 + i % 50
                from generate_series(1, 240) i, unnest(array[202608, 202609, 202610]) p
                """,
            lines: [
                "    select h.cust_id as client_id, h.bal_deposit, h.bal_fund, h.bal_bond, h.bal_stock, h.bal_gold",
                "  products: [\"bal_*\"]", "  segment: \"segment\"", "#  attributes: {\"age\": 0.25, \"segment\": 0.5}",
            ], clients: 240, holdings: 652),
        Kin(
            testDescription: "few products among many numbers about people",
            sql: """
                create table dwh.customers_flat (
                    customer_id int primary key, age int, gender char(1), income numeric, children int, tenure_months int,
                    credit_score int, region_code int, branch_id int, n_logins int, postal_code int, is_employee int,
                    card int, loan int, mortgage int, deposit int, fund int);
                insert into dwh.customers_flat
                select i, 20 + i % 60, 'M', 1000 + i, i % 4, i % 200, 300 + i % 500, i % 20, i % 30, i % 9, i % 1000, i % 2,
                    (i % 2 = 0)::int, (i % 3 = 0)::int, (i % 5 = 0)::int, (i % 4 = 0)::int, 0
                from generate_series(1, 300) i
                """,
            lines: [
                "  client: \"customer_id\"", "  products: [\"card\", \"loan\", \"mortgage\", \"deposit\", \"fund\"]",
            ], clients: 300, holdings: 385),
    ]

    private static let types = [
        Kin(
            testDescription: "domains over domains",
            sql: """
                create domain dwh.id_base as bigint; create domain dwh.client_no as dwh.id_base check (value >= 0);
                create domain dwh.code as varchar(10); create domain dwh.isin_code as dwh.code;
                create domain dwh.amt as numeric(18, 2); create domain dwh.amount as dwh.amt;
                create domain dwh.day as date;
                create table dwh.holdings (
                    client_id dwh.client_no, isin dwh.isin_code, amount dwh.amount, as_of_date dwh.day,
                    primary key (client_id, isin, as_of_date));
                insert into dwh.holdings select i % 150, 'P' || i % 12, i, d from \(pairs)
                """,
            lines: [
                "  client: \"client_id\"", "  product: \"isin\"", "  amount: \"amount\"", "  as_of: \"as_of_date\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "days as texts",
            sql: """
                create table dwh.portfel (klient_id uuid, produkt_id int, summa float8, dt char(8));
                insert into dwh.portfel select md5((i % 150)::text)::uuid, i % 12, i, to_char(d, 'YYYYMMDD') from \(pairs)
                """,
            lines: [
                "    where h.dt = (select max(x.dt) from dwh.portfel x where x.dt <= to_char(:as_of, 'YYYYMMDD'))",
                "  amount: \"amount\"",
            ], clients: 150, holdings: 300),
        Kin(
            testDescription: "a flag for each pair",
            sql: """
                create table dwh.ownership (customer_id int, product_id int, owned boolean, primary key (customer_id, product_id));
                insert into dwh.ownership select c, p, c * p % 3 = 0 from generate_series(1, 100) c, generate_series(1, 12) p
                """,
            lines: ["  amount: \"owned\""], clients: 100, holdings: 664),
        Kin(
            testDescription: "lots that add up on each day",
            sql: """
                create table dwh.lots (client_no int, instrument text, qty numeric, valuation_date date, loaded_at timestamp);
                insert into dwh.lots select i % 150, 'P' || i % 12, i, d, now() from \(pairs)
                """,
            lines: ["  as_of: \"valuation_date\""], clients: 150, holdings: 300),
        Kin(
            testDescription: "year and month in the key",
            sql: """
                create table dwh.holdings_m (
                    client_id int, product_id int, yr int, mon int, amount numeric,
                    primary key (client_id, product_id, yr, mon));
                insert into dwh.holdings_m select i % 150, i % 12, 2026, extract(month from d), i from \(pairs)
                """,
            lines: [
                "    where h.yr * 100 + h.mon = (select max(x.yr * 100 + x.mon) from dwh.holdings_m x",
                "        where x.yr * 100 + x.mon <= to_char(:as_of, 'YYYYMM')::integer)",
            ], clients: 150, holdings: 300),
    ]

    @Test(arguments: languages + matrices + types) func isProposed(kin: Kin) async throws {
        try await InitTrial.with(kin.sql) { trial, _ in
            trial.expect(kin.lines)
            trial.expect(clients: kin.clients, holdings: kin.holdings)
            #expect(trial.shownClients == 2)
        }
    }
}
