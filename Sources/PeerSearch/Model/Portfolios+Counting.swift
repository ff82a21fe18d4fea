extension Portfolios {
    /// The same portfolios, of which only some clients count: as peers, as holders, as clients of a portfolio.
    ///
    /// Those who do not count still have their portfolio and can be searched for. A portfolio may have no client left
    /// (its multiplicity is 0): nobody is met there. Where twins can be peers, whoever asks is taken to be one of those
    /// of their portfolio who count, as long as there are any.
    ///
    /// - Parameter isCounted: Whether a client counts.
    package func counting(_ isCounted: (_ client: Int32) -> Bool) -> Portfolios {
        var clientOffsets = [0]
        var counted: [Int32] = []
        for portfolio in 0..<count {
            counted.append(contentsOf: clients(of: portfolio).filter(isCounted))
            clientOffsets.append(counted.count)
        }
        return Portfolios(self, clientOffsets: clientOffsets, clients: counted)
    }
}
