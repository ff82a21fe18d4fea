import Foundation
import Holdings

/// Who holds what as a dense matrix, the form in which other libraries take it.
struct WorkloadMatrix {
    /// A file that does not hold such a matrix.
    struct FormatError: Error, CustomStringConvertible {
        let description: String
    }

    /// Clients.
    let rowCount: Int
    /// Products.
    let columnCount: Int
    /// Amounts row by row, finite and not negative; 0 where the product is not held.
    let amounts: [Float]

    /// Reads a NumPy file of one two-dimensional float32 array in C order.
    ///
    /// - Throws: ``FormatError`` for any other content; what Foundation throws for a file that cannot be read.
    /// - SeeAlso: The module `numpy.lib.format`, versions 1.0 and 2.0 of the format.
    init(npy path: String) throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        guard file.starts(with: [0x93] + Array("NUMPY".utf8)), file.count > 12, [1, 2].contains(file[6]) else {
            throw FormatError(description: "\(path) is not a NumPy file of version 1 or 2")
        }
        let lengthRange = file[6] == 1 ? 8..<10 : 8..<12
        let headerLength = file[lengthRange].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = String(decoding: file.dropFirst(lengthRange.upperBound).prefix(headerLength), as: UTF8.self)
        let layout = /\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n/
        guard let shape = header.wholeMatch(of: layout), let rows = Int(shape.1), let columns = Int(shape.2) else {
            throw FormatError(description: "\(path) is not a two-dimensional array of '<f4' in C order")
        }
        let values = file.dropFirst(lengthRange.upperBound + headerLength)
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard !overflow, values.count / MemoryLayout<Float>.stride == count, values.count % 4 == 0 else {
            throw FormatError(description: "\(path) has more or fewer values than its header says")
        }
        rowCount = rows
        columnCount = columns
        amounts = [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            initializedCount = values.copyBytes(to: buffer) / MemoryLayout<Float>.stride
        }
        guard amounts.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw FormatError(description: "\(path) has amounts that are negative or not finite")
        }
    }

    /// The same as holdings, the form in which Peerfolio's own reader hands them over.
    var holdings: ClientHoldings {
        var offsets = [0]
        var products: [Int32] = []
        var held: [Double] = []
        for row in 0..<rowCount {
            for column in 0..<columnCount where amounts[row * columnCount + column] > 0 {
                products.append(Int32(column))
                held.append(Double(amounts[row * columnCount + column]))
            }
            offsets.append(products.count)
        }
        return ClientHoldings(productCount: columnCount, offsets: offsets, products: products, amounts: held)
    }
}
