/// The semantics of peers, votes and ranks a second time, in plain SQL over every pair of clients, for some clients.
///
/// It knows nothing of distinct portfolios, filters and chunks, and keeps to the defaults: binary encoding, cosine
/// distance, 4 decimals, 200 informative peers, top 5. Sums are exact: a distance is a whole number of ten-thousandths,
/// and a vote is counted in units of 1 / (10,000 x clients at the k-th distance), so that it is a whole number as well.
/// Products that tie exactly are therefore ranked as ties.
enum BruteForce {
    /// Creates `reference.sampled`, `reference.expected_client` and `reference.expected` from the tables of the bank.
    static let script = """
        -- Plans for some hundred thousand rows in memory.
        set work_mem = '64MB';
        set jit = off;
        create schema reference;

        create table reference.held as
        select customer_id collate "C" as client_id, isin collate "C" as product_id
          from bank.positions;
        create index on reference.held (client_id);
        create index on reference.held (product_id);

        create table reference.portfolio as
        select client_id, count(*) as size from reference.held group by client_id;

        create table reference.product as
        select product_id, count(*) as holders,
               count(*)::float8 / (select count(*) from reference.portfolio)::float8 as base_rate
          from reference.held group by product_id;

        -- 200 clients who hold 1, 2, 3 to 6, 7 to 20, and more products, fewer of the larger ones, who have far more
        -- pairs; and 10 who hold nothing. MD5 of the id is as good as chance, and the same everywhere.
        create table reference.sampled as
        select client_id, size
          from (select client_id, size, stratum, row_number() over (partition by stratum order by md5(client_id)) as place
                  from (select customer_id collate "C" as client_id, coalesce(p.size, 0) as size,
                               width_bucket(coalesce(p.size, 0), array[1, 2, 3, 7, 21]) as stratum
                          from bank.customers c
                          left join reference.portfolio p on p.client_id = c.customer_id) as sized) as placed
         where place <= (array[10, 60, 50, 45, 30, 15])[stratum + 1];
        analyze;

        -- Every other client who shares at least one product with a sampled one, and holds one that it lacks.
        -- With binary vectors, x.y is the number of shared products and |x|^2 that of the products held.
        create table reference.peer as
        select s.client_id, them.client_id as peer_id,
               round((1 - them.overlap::float8 / sqrt(s.size::float8 * p.size::float8)) * 10000::float8)::bigint as distance
          from reference.sampled s
         cross join lateral (select theirs.client_id, count(*) as overlap
                               from reference.held mine
                               join reference.held theirs on theirs.product_id = mine.product_id
                              where mine.client_id = s.client_id and theirs.client_id <> s.client_id
                              group by theirs.client_id) as them
          join reference.portfolio p on p.client_id = them.client_id
         where p.size > them.overlap;
        analyze reference.peer;

        -- The 200th smallest distance, or the greatest where there are fewer than 200 peers; how many peers are closer,
        -- how many are at it, and how many places are left for these.
        create table reference.expected_client as
        with placed as (
            select client_id, distance, row_number() over (partition by client_id order by distance) as place
              from reference.peer
        ), kth as (
            select client_id, max(distance) as distance from placed where place <= 200 group by client_id
        ), counted as (
            select k.client_id, k.distance as kth_distance,
                   count(*) filter (where p.distance < k.distance) as closer,
                   count(*) filter (where p.distance = k.distance) as tied
              from kth k join reference.peer p on p.client_id = k.client_id
             group by k.client_id, k.distance
        )
        select s.client_id, s.size, c.kth_distance, coalesce(c.closer, 0) as closer, coalesce(c.tied, 0) as tied,
               coalesce(least(200 - c.closer, c.tied), 0) as places
          from reference.sampled s left join counted c on c.client_id = s.client_id;

        -- Closer peers have one vote, those at the k-th distance places / tied of one, weighted by 1 - distance.
        create table reference.voter as
        select p.client_id, p.peer_id, p.distance < c.kth_distance as is_closer,
               (10000 - p.distance) * case when p.distance < c.kth_distance then c.tied else c.places end as vote
          from reference.peer p
          join reference.expected_client c on c.client_id = p.client_id and p.distance <= c.kth_distance;
        analyze reference.voter;

        create table reference.candidate as
        with total as (
            select client_id, sum(vote) as votes from reference.voter group by client_id
        ), counted as (
            select v.client_id, h.product_id, sum(v.vote) as votes,
                   count(*) filter (where v.is_closer) as closer_holding,
                   count(*) filter (where not v.is_closer) as tied_holding
              from reference.voter v
              join reference.held h on h.client_id = v.peer_id
             where not exists (select from reference.held mine
                                where mine.client_id = v.client_id and mine.product_id = h.product_id)
             group by v.client_id, h.product_id
        )
        select c.client_id, c.product_id, c.votes, c.votes::float8 / t.votes::float8 as score,
               (e.closer + e.places)::float8 as peers,
               c.closer_holding + c.tied_holding * e.places::float8 / e.tied as peers_holding
          from counted c
          join total t on t.client_id = c.client_id
          join reference.expected_client e on e.client_id = c.client_id
         where c.votes > 0;

        -- The five best. Votes of one client have one denominator, so their order is that of the scores.
        create table reference.expected as
        select client_id, rank, product_id, score, peers, peers_holding, base_rate, 'PEERS' as reason_code
          from (select c.*, r.base_rate,
                       row_number() over (partition by c.client_id
                                          order by c.votes desc, r.holders desc, r.product_id) as rank
                  from reference.candidate c join reference.product r on r.product_id = c.product_id) as ranked
         where rank <= 5;

        -- Who has no candidate gets the most popular products that it does not hold.
        insert into reference.expected
        select client_id, rank, product_id, base_rate, 0, 0, base_rate, 'POPULAR'
          from (select s.client_id, r.*,
                       row_number() over (partition by s.client_id order by r.holders desc, r.product_id) as rank
                  from reference.sampled s cross join reference.product r
                 where not exists (select from reference.candidate c where c.client_id = s.client_id)
                   and not exists (select from reference.held mine
                                    where mine.client_id = s.client_id and mine.product_id = r.product_id)) as ranked
         where rank <= 5;
        """

    /// Counts the rows of `reference.expected` that the published run has as well, and those in which the two differ.
    static let comparison = """
        with actual as (
            select client_id collate "C" as client_id, rank, product_id collate "C" as product_id, score, peers,
                   peers_holding, base_rate, reason_code
              from peerfolio_bi.recommendations
             where client_id in (select client_id from reference.sampled)
        )
        select count(*) filter (where a.product_id = e.product_id) as agreeing,
               count(*) filter (where a.client_id is null) as missing,
               count(*) filter (where e.client_id is null) as surplus,
               count(*) filter (where a.product_id <> e.product_id) as other_product,
               count(*) filter (where a.reason_code <> e.reason_code) as other_reason,
               count(*) filter (where abs(a.score - e.score) > 1e-12) as other_score,
               count(*) filter (where abs(a.peers - e.peers) > 1e-12 * e.peers) as other_peers,
               count(*) filter (where abs(a.peers_holding - e.peers_holding) > 1e-12 * e.peers) as other_holding,
               count(*) filter (where a.base_rate <> e.base_rate) as other_base_rate
          from actual a full join reference.expected e on a.client_id = e.client_id and a.rank = e.rank
        """
}
