import Holdings
import PeerSearch
import Recommending

/// A part of the input that tells whether the input has changed.
protocol Fingerprinted: Sendable {
    /// Adds everything that a result depends on.
    func combine(into fingerprint: inout InputFingerprint)
}

extension SourceInput.Draft {
    /// The fingerprint of everything that a result depends on.
    ///
    /// The order of its parts is fixed: with another one, every service would find its sources changed after an upgrade.
    var fingerprint: InputFingerprint {
        get throws {
            var fingerprint = InputFingerprint()
            try combineClients(into: &fingerprint)
            for product in 0..<order.products.count {
                order.products.withBytes(at: Int32(product)) { fingerprint.combine($0) }
                fingerprint.combine(productNames[product])
            }
            unavailableProducts.forEach { fingerprint.combine(UInt64($0)) }
            let excluded = exclusions.map {
                UInt64(UInt32(bitPattern: $0.client ?? -1)) << 32 | UInt64(UInt32(bitPattern: $0.product ?? -1))
            }
            Set(excluded).sorted().forEach { fingerprint.combine($0) }
            for value in (risk?.clients ?? []) + (risk?.products ?? []) {
                // No finite number has these bits.
                fingerprint.combine(value?.bitPattern ?? UInt64.max)
            }
            for value in (qualification?.clients ?? []) + (qualification?.products ?? []) {
                fingerprint.combine(value.map { $0 ? 1 : 0 } ?? 2)
            }
            for part in fingerprinted { part.combine(into: &fingerprint) }
            return fingerprint
        }
    }

    private func combineClients(into fingerprint: inout InputFingerprint) throws {
        for client in 0..<order.clients.count {
            if client.isMultiple(of: 1 << 15) { try Task.checkCancellation() }
            order.clients.withBytes(at: Int32(client)) { fingerprint.combine($0) }
            fingerprint.combine(UInt64(bitPattern: Int64(managers.indexes[client])))
            for pair in holdings.pairs(ofClient: client) {
                fingerprint.combine(UInt64(UInt32(bitPattern: holdings.products[pair])))
                fingerprint.combine(holdings.amounts[pair].bitPattern)
            }
        }
        managers.names.forEach { fingerprint.combine($0) }
        if !segments.names.isEmpty {
            fingerprint.combine(UInt64(segments.names.count))
            segments.names.forEach { fingerprint.combine($0) }
            segments.indexes.forEach { fingerprint.combine(UInt64(bitPattern: Int64($0))) }
        }
        for (attribute, names) in zip(attributes, categoryNames) {
            try Task.checkCancellation()
            fingerprint.combine(attribute.name)
            fingerprint.combine(UInt64(names.count))
            names.forEach { fingerprint.combine($0) }
            switch attribute.values {
            case .categories(let categories):
                categories.forEach { fingerprint.combine(UInt64(bitPattern: Int64($0))) }
            case .numbers(let numbers): numbers.forEach { fingerprint.combine($0.bitPattern) }
            }
        }
    }
}
