import TestSupport

/// The invented bank that all trials are about; ids of its clients and products are canaries, and so is an amount.
enum Warehouse {
    /// Marks that must never show in anything that the program prints.
    static let password = "canary 5dW0rd of the service"
    static let iban = Canary.iban

    /// What ids of products begin with.
    static let product = "canary-P"

    static let clients = 200
    static let products = 12
    /// Seconds that the service tries to connect for.
    static let connectTimeout = 3

    /// A schema `dwh` with holdings, clients and products; the same on every machine.
    static let tables = """
        create schema dwh;
        create table dwh.clients (client_id text primary key, manager text not null);
        insert into dwh.clients
        select '\(iban)-' || c, 'manager ' || c % 7 from generate_series(1, \(clients)) c;
        create table dwh.products (product_id text primary key, name text not null, is_available boolean not null);
        insert into dwh.products
        select '\(product)' || p, 'Product ' || p, p <> 3 from generate_series(1, \(products)) p;
        create table dwh.holdings (client_id text not null, product_id text not null, market_value numeric not null);
        insert into dwh.holdings
        select '\(iban)-' || c, '\(product)' || p,
               case c when 7 then \(Canary.amount) else 100 + abs(hashint4(c * 97 + p)) % 100000 end
        from generate_series(1, \(clients)) c, generate_series(1, \(products)) p
        where abs(hashint4(c * 31 + p)) % 4 = 0;
        """

    /// The configuration of the service, with short limits so that a trial of them ends soon.
    static let configuration = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: market_value}
        clients: {relation: dwh.clients, id: client_id, manager: manager}
        products: {relation: dwh.products, id: product_id, name: name, available: is_available}
        timeouts: {connect: \(connectTimeout)s, statement: 5s, lock: 2s, lease: 3s}
        retry: {delay: 200ms, max_delay: 500ms}
        schedule: {poll: 250ms}
        # For the trials of partitions, the only ones that leave the loopback.
        transport: {allow_insecure: true}

        """

    /// A text that is the same as long as no byte of the sources has changed.
    static let checksum = """
        select md5((select string_agg(h::text, ',' order by h::text) from dwh.holdings h)
            || (select string_agg(c::text, ',' order by c::text) from dwh.clients c)
            || (select string_agg(p::text, ',' order by p::text) from dwh.products p))
        """
}
