import TestSupport
import Testing

/// `peerfolio init` on layouts that other people's warehouses have: what is proposed, and that it means what the tables do.
@Suite(.requiresServer) struct InitCaseTests {
    /// Santander's months: flags of 24 products between attributes of clients, keyed by month and client.
    @Test(arguments: [true, false]) func aMonthlyMatrixWithAttributes(hasKey: Bool) async throws {
        let products = [
            "ahor_fin", "aval_fin", "cco_fin", "cder_fin", "cno_fin", "ctju_fin", "ctma_fin", "ctop_fin", "fond_fin",
            "hip_fin", "plan_fin", "tjcr_fin", "valo_fin", "viv_fin", "nomina", "nom_pens", "recibo",
        ].map { "ind_\($0)_ult1" }
        let values = products.indices.map { "case when (i + \($0)) % \($0 + 2) = 1 then 1 else 0 end" }
        let sql = """
            create table dwh.santander (
                fecha_dato date, ncodpers bigint, ind_empleado char(1), sexo char(1), age varchar(3), fecha_alta date,
                ind_nuevo smallint, antiguedad varchar(8), indrel smallint, tipodom smallint, cod_prov smallint,
                ind_actividad_cliente smallint, renta numeric(14, 2), segmento text,
                \(products.map { "\($0) smallint" }.joined(separator: ", "))
                \(hasKey ? ", primary key (fecha_dato, ncodpers)" : ""));
            insert into dwh.santander
            select d, 1000000 + i, 'N', case when i % 2 = 0 then 'V' else 'H' end, ' ' || (20 + i % 50), '2010-01-01', 0,
                '     ' || i % 20, 1, 1, 28, i % 2, 20000 + i, '0' || 1 + i % 3, \(values.joined(separator: ", "))
            from generate_series(1, 400) i, unnest(array[date '2016-03-28', '2016-04-28', '2016-05-28']) d;
            update dwh.santander set ind_cco_fin_ult1 = null where fecha_dato = '2016-05-28' and ncodpers % 10 = 0
            """
        try await InitTrial.with(sql) { trial, installation in
            trial.expect([
                "  relation: \"dwh.santander\"", "  client: \"ncodpers\"", "  products: [\"ind_*_ult1\"]",
                "  as_of: \"fecha_dato\"", "  segment: \"segmento\"",
            ])
            #expect(trial.yaml.contains("#  attributes: {\"age\":"))
            let held = products.map { "coalesce(\($0), 0)" }.joined(separator: " + ")
            let holdings = try await installation.value(
                "select sum(\(held)) from dwh.santander where fecha_dato = '2016-05-28'")
            trial.expect(clients: 400, holdings: try #require(Int(holdings)))
            #expect(trial.shownClients == 2)
        }
    }

    private static let star = """
        create table dwh.dim_date (date_key int primary key, full_date date);
        insert into dwh.dim_date select DATE_KEY, d from unnest(array[date '2026-08-31', '2026-09-30', '2026-10-31']) d;
        create table dwh.dim_customer (
            customer_key int primary key, customer_id varchar(20), customer_name text, valid_from date, valid_to date,
            is_current boolean);
        insert into dwh.dim_customer
        select i, 'CUST' || i % 150, 'n', case when i > 150 then date '2026-09-01' else '2020-01-01' end,
            case when i <= 150 then date '2026-09-01' else '9999-12-31' end, i > 150 from generate_series(1, 300) i;
        create table dwh.dim_product (
            product_key int primary key, product_id varchar(10), product_name text, is_active boolean);
        insert into dwh.dim_product select i, 'P' || i, 'Product ' || i, true from generate_series(1, 20) i;
        create table dwh.fact_holdings (
            date_key int references dwh.dim_date, customer_key int references dwh.dim_customer,
            product_key int references dwh.dim_product, quantity numeric, market_value numeric(18, 2),
            cost_value numeric(18, 2), primary key (date_key, customer_key, product_key));
        insert into dwh.fact_holdings
        select date_key, i % 150 + case when full_date > '2026-09-01' then 151 else 1 end, (i * 7) % 20 + 1, i, i * 10,
            i * 9
        from generate_series(1, 900) i, dwh.dim_date on conflict do nothing
        """

    /// Three months of facts by the keys of versions of customers: the latest month, by what stays the same.
    @Test(arguments: ["to_char(d, 'YYYYMMDD')::int", "row_number() over (order by d desc)"])
    func aStarOfSurrogateKeys(dateKey: String) async throws {
        try await InitTrial.with(Self.star.replacing("DATE_KEY", with: dateKey)) { trial, installation in
            trial.expect([
                "    select c.customer_id as client_id, h.product_key as product_id, h.market_value as amount"
            ])
            let holdings = try await installation.value(
                """
                select count(*) from (
                    select distinct customer_id, product_key from dwh.fact_holdings f join dwh.dim_customer using (customer_key)
                    join dwh.dim_date using (date_key) where full_date = '2026-10-31') as held
                """)
            trial.expect(clients: 150, holdings: try #require(Int(holdings)))
            trial.expect(["    where h.is_current", "  available: \"is_active\"", "  name: \"product_name\""])
        }
    }

    @Test func aStarUnderOtherNames() async throws {
        let sql = """
            create table dwh.d_zeit (zeit_id int primary key, datum date, monat int);
            insert into dwh.d_zeit select row_number() over (), d, 1
            from generate_series(date '2026-07-01', '2026-11-30', '1 day') d;
            create table dwh.d_kunde (
                kunde_sk int primary key, kundennummer varchar(12), berater text, gueltig_von date, gueltig_bis date,
                ist_aktuell char(1));
            insert into dwh.d_kunde
            select i, 'K' || i % 100, 'b' || i % 3, date '2020-01-01', case when i <= 100 then date '2026-09-15' end,
                case when i > 100 then 'J' else 'N' end from generate_series(1, 200) i;
            create table dwh.d_produkt (
                produkt_sk int primary key, produktcode varchar(10), bezeichnung text, gueltig_von date, gueltig_bis date);
            insert into dwh.d_produkt
            select i, 'P' || i % 10, 'n', date '2020-01-01' + 5000 * (i / 11), case when i <= 10 then date '2026-09-15' end
            from generate_series(1, 20) i;
            update dwh.d_produkt set gueltig_von = '2026-09-15' where gueltig_bis is null;
            create table dwh.f_bestand (
                zeit_id int, kunde_sk int, produkt_sk int, bestand numeric(18, 2), primary key (zeit_id, kunde_sk, produkt_sk));
            insert into dwh.f_bestand
            select z.zeit_id, i % 100 + case when z.datum > '2026-09-15' then 101 else 1 end,
                (i * 7) % 10 + case when z.datum > '2026-09-15' then 11 else 1 end, i
            from generate_series(1, 700) i, dwh.d_zeit z where z.datum in ('2026-08-31', '2026-09-30', '2026-10-31')
            on conflict do nothing
            """
        try await InitTrial.with(sql) { trial, installation in
            let holdings = try await installation.value(
                """
                select count(*) from (
                    select distinct kundennummer, produktcode from dwh.f_bestand join dwh.d_kunde using (kunde_sk)
                    join dwh.d_produkt using (produkt_sk) join dwh.d_zeit using (zeit_id) where datum = '2026-10-31') as held
                """)
            trial.expect(clients: 100, holdings: try #require(Int(holdings)))
            trial.expect(["    where h.ist_aktuell = 'J'", "  manager: \"berater\"", "  name: \"bezeichnung\""])
        }
    }

    @Test func namesInCyrillic() async throws {
        let sql = """
            create schema "хранилище"; grant usage on schema "хранилище" to public;
            create table "хранилище"."остатки" (
                "код_клиента" varchar(12), "код_продукта" varchar(12), "сумма" numeric(18, 2), "дата_отчета" date,
                primary key ("код_клиента", "код_продукта", "дата_отчета"));
            insert into "хранилище"."остатки" select 'К' || i % 100, 'П' || i % 11, i, d from generate_series(1, 900) i,
                (values (date '2026-09-30'), (date '2026-10-31')) x (d) on conflict do nothing;
            create table "хранилище"."клиенты" ("код_клиента" varchar(12) primary key, "фио" text, "менеджер" text);
            insert into "хранилище"."клиенты" select 'К' || i, 'n', 'm' from generate_series(0, 99) i;
            create table "хранилище"."продукты" ("код_продукта" varchar(12) primary key, "наименование" text);
            insert into "хранилище"."продукты" select 'П' || i, 'n' from generate_series(0, 10) i;
            grant select on all tables in schema "хранилище" to public
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect([
                "  relation: \"хранилище.остатки\"", "  client: \"код_клиента\"", "  product: \"код_продукта\"",
                "  amount: \"сумма\"", "  as_of: \"дата_отчета\"", "  relation: \"хранилище.клиенты\"",
                "  manager: \"менеджер\"", "  relation: \"хранилище.продукты\"", "  name: \"наименование\"",
            ])
            trial.expect(clients: 100, holdings: 900)
        }
    }

    // MARK: Trades

    /// Purchases and sales add up, whatever says which is which.
    @Test(arguments: [
        ("side", "char(1)", "'B'", "'S'"), ("\"тип_операции\"", "text", "'Покупка'", "'Продажа'"),
        ("tipo_operacion", "text", "'C'", "'V'"), ("is_buy", "boolean", "true", "false"), ("side", "int", "1", "2"),
    ])
    func tradesWithSides(column: String, type: String, buy: String, sell: String) async throws {
        let sql = """
            create table dwh.trades (
                trade_id bigserial primary key, account_no varchar(12), isin char(12), \(column) \(type),
                quantity numeric(18, 4), price numeric(18, 4), trade_date date, settle_date date);
            insert into dwh.trades (account_no, isin, \(column), quantity, price, trade_date)
            select 'A' || i % 150, 'XX' || lpad((i % 23)::text, 10, '0'), case when i % 4 = 0 then \(sell) else \(buy) end,
                i % 90 + 1, 10, date '2025-01-01' + i % 300 from generate_series(1, 4000) i;
            insert into dwh.trades (account_no, isin, \(column), quantity, price, trade_date)
            select 'A' || i % 150, 'XX' || lpad((i % 23)::text, 10, '0'), \(buy), 100, 10, '2999-01-01'
            from generate_series(1, 10) i;
            create table dwh.accounts (account_no varchar(12) primary key, owner_name text, relationship_manager text);
            insert into dwh.accounts select 'A' || i, 'n', 'm' from generate_series(0, 149) i
            """
        try await InitTrial.with(sql) { trial, installation in
            let holdings = try await installation.value(
                """
                select count(*) from (
                    select from dwh.trades where trade_date < '2027-01-01' group by account_no, isin
                    having sum(case when \(column) = \(buy) then quantity else -quantity end) > 0) as held
                """)
            trial.expect(clients: 150, holdings: try #require(Int(holdings)))
            trial.expect([
                "  relation: \"dwh.trades\"", "  kind: transactions", "  trade_date: \"trade_date\"",
                "  amount: \"quantity\"",
            ])
            #expect(trial.yaml.contains("# Purchases and sales, not what is held:"))
            trial.expect(["  relation: \"dwh.accounts\"", "  manager: \"relationship_manager\""])
        }
    }

    @Test func tradesWithSignedQuantities() async throws {
        let sql = """
            create table dwh.deals (
                deal_id bigserial primary key, client_code varchar(10), ticker varchar(10), qty numeric, price numeric,
                deal_date date);
            insert into dwh.deals (client_code, ticker, qty, price, deal_date)
            select 'A' || i % 150, 'T' || i % 23, case when i % 5 = 0 then -(i % 30 + 1) else i % 90 + 1 end, 10,
                date '2025-01-01' + i % 300 from generate_series(1, 4000) i
            """
        try await InitTrial.with(sql) { trial, installation in
            let holdings = try await installation.value(
                """
                select count(*) from (
                    select from dwh.deals group by client_code, ticker having sum(qty) > 0) as held
                """)
            trial.expect(clients: 150, holdings: try #require(Int(holdings)))
            trial.expect(["  kind: transactions", "  trade_date: \"deal_date\""])
            #expect(trial.yaml.contains("amounts below 0 take away"))
        }
    }

    // MARK: Positions that have ended

    @Test func closedByADay() async throws {
        let sql = """
            create table dwh.customer_products (
                customer_no varchar(12), product_code varchar(8), balance numeric(18, 2), opened_on date, closed_on date,
                status char(1), primary key (customer_no, product_code));
            insert into dwh.customer_products
            select 'C' || i % 200, 'P' || i % 17, i, date '2024-01-01' + i % 300,
                case when i % 5 = 0 then date '2025-01-01' end, case when i % 5 = 0 then 'C' else 'A' end
            from generate_series(1, 3000) i on conflict do nothing
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect([
                "  relation: \"dwh.customer_products\"", "  valid_from: \"opened_on\"", "  valid_to: \"closed_on\"",
                "# status is not used: closed_on says the same.",
            ])
            trial.expect(clients: 160, holdings: 2400)
        }
    }

    /// A status that says more than the day does is heeded, too.
    @Test func closedByADayOrAStatus() async throws {
        let sql = """
            create table dwh.contracts (
                contract_id bigserial primary key, client_id int, product_id int, state text, opened_on date, closed_on date);
            insert into dwh.contracts (client_id, product_id, state, opened_on, closed_on)
            select i % 200, i % 13, (array['open', 'open', 'open', 'closed', 'open'])[1 + i % 5], '2024-01-01',
                case when i % 5 = 4 then date '2025-01-01' end from generate_series(1, 2600) i
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect(clients: 120, holdings: 1560)
        }
    }

    @Test(arguments: [
        ("closed_on", "date", "case when i % 4 = 0 then date '2025-01-01' end"),
        ("status", "text", "case when i % 4 = 0 then 'CLOSED' else 'ACTIVE' end"),
        ("\"статус\"", "text", "case when i % 4 = 0 then 'Закрыт' else 'Действует' end"),
        ("is_active", "boolean", "i % 4 <> 0"), ("geschlossen", "char(1)", "case when i % 4 = 0 then 'J' else 'N' end"),
        ("estado", "char(1)", "case when i % 4 = 0 then 'C' else 'A' end"),
    ])
    func closedByOneColumn(name: String, type: String, value: String) async throws {
        let sql = """
            create table dwh.contracts (contract_id bigserial primary key, client_id int, product_id int, \(name) \(type));
            insert into dwh.contracts (client_id, product_id, \(name))
            select i % 200, i % 13, \(value) from generate_series(1, 2600) i
            """
        try await InitTrial.with(sql) { trial, _ in trial.expect(clients: 150, holdings: 1950) }
    }

    // MARK: Two readings

    /// Few clients have rows on any one day: whether they replace or add, people must say.
    @Test func whatChangesOrAddsUp() async throws {
        let sql = """
            create table dwh.balances (
                client_id int, product_id int, balance numeric, effective_date date,
                primary key (client_id, product_id, effective_date));
            insert into dwh.balances select i % 200, i % 7, i % 50, date '2026-01-01' + (i * 37) % 300
            from generate_series(1, 4000) i on conflict do nothing
            """
        try await InitTrial.with(sql) { trial, installation in
            let holdings = try await installation.value(
                """
                select count(*) from (
                    select distinct on (client_id, product_id) balance from dwh.balances
                    order by client_id, product_id, effective_date desc) as latest where balance > 0
                """)
            trial.expect(clients: 200, holdings: try #require(Int(holdings)))
            trial.expect([
                "# Or, if the rows are transactions that add up:",
                "# Or, if each effective_date has everything that is held:",
                "#  as_of: \"effective_date\"",
            ])
        }
    }

    @Test func twoRelationsThatLookLikeIt() async throws {
        let sql = """
            create table dwh.positions (client_id int, isin varchar(12), quantity numeric, primary key (client_id, isin));
            insert into dwh.positions select i % 150, 'I' || i % 13, i from generate_series(1, 900) i on conflict do nothing;
            create table dwh.positions_eod (
                client_id int, isin varchar(12), quantity numeric, business_date date,
                primary key (client_id, isin, business_date));
            insert into dwh.positions_eod select i % 150, 'I' || i % 13, i, d from generate_series(1, 900) i,
                unnest(array[date '2026-09-30', '2026-10-31']) d on conflict do nothing
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect([
                "  relation: \"dwh.positions_eod\"", "  as_of: \"business_date\"",
                "# Or, if dwh.positions has what is held:",
                "#  relation: \"dwh.positions\"",
            ])
        }
    }

    /// Accounts belong to customers, who are the clients.
    @Test func accountsOfCustomers() async throws {
        let sql = """
            create table dwh.customers (customer_id int primary key, name text, rm text, segment text);
            insert into dwh.customers select i, 'n', 'r' || i % 4, 's' || i % 3 from generate_series(1, 150) i;
            create table dwh.accounts (account_no varchar(12) primary key, customer_id int references dwh.customers);
            insert into dwh.accounts select 'A' || i, 1 + i % 150 from generate_series(1, 400) i;
            create table dwh.positions (
                account_no varchar(12) references dwh.accounts, isin char(12), qty numeric, pos_date date,
                primary key (account_no, isin, pos_date));
            insert into dwh.positions select 'A' || 1 + i % 400, 'I' || i % 23, i, d from generate_series(1, 3000) i,
                unnest(array[date '2026-09-30', '2026-10-31']) d on conflict do nothing
            """
        try await InitTrial.with(sql) { trial, installation in
            let holdings = try await installation.value(
                """
                select count(*) from (
                    select distinct customer_id, isin from dwh.positions join dwh.accounts using (account_no)) as held
                """)
            trial.expect(clients: 150, holdings: try #require(Int(holdings)))
            trial.expect([
                "# Or, if each account_no gets recommendations of its own:", "#  client: \"account_no\"",
                "  manager: \"rm\"",
                "  segment: \"segment\"",
            ])
        }
    }
}
