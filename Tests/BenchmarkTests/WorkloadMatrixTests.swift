import Foundation
import Holdings
import Testing

@testable import peerfolio_bench

/// NumPy files as `scripts/bench` writes them.
@Suite struct WorkloadMatrixTests {
    /// A file with a header of version 1.0 and some values.
    private static func read(
        _ values: [Float], shape: String, type: String = "<f4", inFortranOrder: Bool = false
    ) throws -> WorkloadMatrix {
        var header =
            "{'descr': '\(type)', 'fortran_order': \(inFortranOrder ? "True" : "False"), 'shape': (\(shape)), }"
        header += String(repeating: " ", count: 63 - (header.utf8.count + 10) % 64) + "\n"
        var file = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
        file.append(contentsOf: [UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)])
        file.append(contentsOf: header.utf8)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { file.append(contentsOf: $0) } }
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).npy")
        try file.write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try WorkloadMatrix(npy: url.path)
    }

    @Test func rowsAreClientsAndColumnsAreProducts() throws {
        let holdings = try Self.read([0, 2.5, 1, 0, 0, 0], shape: "2, 3").holdings
        #expect(holdings == ClientHoldings(productCount: 3, offsets: [0, 2, 2], products: [1, 2], amounts: [2.5, 1]))
    }

    @Test func otherContentIsRefused() {
        typealias FormatError = WorkloadMatrix.FormatError
        #expect(throws: FormatError.self) { try Self.read([1, 2, 3], shape: "2, 3") }
        #expect(throws: FormatError.self) { try Self.read([1, 2], shape: "2, 1", type: "<f8") }
        #expect(throws: FormatError.self) { try Self.read([1, 2], shape: "2, 1", inFortranOrder: true) }
        #expect(throws: FormatError.self) { try Self.read([1, 2], shape: "2,") }
        #expect(throws: FormatError.self) { try Self.read([1, -2], shape: "2, 1") }
        #expect(throws: FormatError.self) { try Self.read([1, .nan], shape: "2, 1") }
    }
}
