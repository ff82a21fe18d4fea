import Foundation

/// Arrays of C strings, as libpq takes them.
enum CStrings {
    /// Calls `body` with an array of C strings, null for `nil`, that ends with a null and lives as long as the call.
    static func withArray<Value>(
        _ strings: [String?],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
    ) -> Value {
        let copies = strings.map { $0.flatMap { strdup($0) } }
        defer { copies.forEach { free($0) } }
        return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
