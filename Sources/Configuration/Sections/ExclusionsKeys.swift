/// What the company's own SQL says must not be offered.
package struct ExclusionsKeys: KeySection {
    let query = Key(
        "exclusions.query", .query,
        "`SELECT` of `client_id`, `product_id` and optionally `reason`: what must not be offered; NULL means all.")
}
