/// 50 clients and 12 products, small enough to follow by hand.
///
/// Clients 1 to 4 are twins; 5, 6 and 7 hold subsets of theirs. 12 and 44 hold everything but J, which 13 alone holds, so
/// these three have no peers. 46 to 50 hold nothing. L is not available, K is excluded for everybody, client 10 from
/// everything, client 3 from D and client 44 from J, the only thing it lacks.
enum GoldenWarehouse {
    private static let portfolios = """
         1: ABC
         2: ABC
         3: ABC
         4: ABC
         5: AB
         6: AB
         7: A
         8: ABCD
         9: ABCDE
        10: AD
        11: BD
        12: ABCDEFGHIKL
        13: J
        14: BHIL
        15: BCD
        16: CDEF
        17: GH
        18: AEGI
        19: BHL
        20: ABDK
        21: CDEF
        22: G
        23: I
        24: ABHIL
        25: BC
        26: CEF
        27: BEGH
        28: AEGI
        29: AHIL
        30: ABCD
        31: CDF
        32: CFGH
        33: AEI
        34: BHL
        35: ABC
        36: CDFH
        37: EGH
        38: EGIL
        39: BEHIL
        40: BD
        41: CDEFG
        42: FGH
        43: E
        44: ABCDEFGHIKL
        45: ABCD
        46:
        47:
        48:
        49:
        50:
        """

    /// Statements that make the warehouse in the schema `dwh`.
    static let sql = """
        create table dwh.clients (client_id bigint, manager text);
        insert into dwh.clients select n, 'Manager ' || n % 3 from generate_series(1, 50) as n;
        create table dwh.products (product_id text, name text, is_available boolean);
        insert into dwh.products select p, 'Product ' || p, p <> 'L' from regexp_split_to_table('ABCDEFGHIJKL', '') as p;
        create table dwh.exclusions (client_id bigint, product_id text, reason text);
        insert into dwh.exclusions values
            (10, null, 'asked not to be'), (null, 'K', 'closed'), (3, 'D', 'unsuitable'), (44, 'J', 'unsuitable');
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings
        select trim(split_part(line, ':', 1))::bigint, product, 100 + ascii(product)
        from regexp_split_to_table('\(portfolios)', '\\n') as line,
             regexp_split_to_table(trim(split_part(line, ':', 2)), '') as product
        where product <> '';
        """

    static let mapping = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
        clients: {relation: dwh.clients, id: client_id, manager: manager}
        products: {relation: dwh.products, id: product_id, name: name, available: is_available}
        exclusions: {query: "select client_id, product_id, reason from dwh.exclusions"}
        model: {k: 5}
        output: {top_n: 3}
        """
}
