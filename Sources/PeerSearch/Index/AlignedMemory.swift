/// A fixed number of elements at an address that is a multiple of 64: no vector of the kernels straddles two cache lines.
///
/// Whoever writes to it must be its only user at that time. An index writes while it is built and is read-only afterwards;
/// the scratch memory of a search belongs to one worker. Hence the unchecked conformance is sound.
final class AlignedMemory<Element: BitwiseCopyable>: @unchecked Sendable {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    /// Allocates elements that all have the same value.
    init(repeating value: Element, count: Int) {
        self.count = count
        start = Self.allocate(count)
        start.initialize(repeating: value, count: count)
    }

    /// Allocates a copy of an array.
    convenience init(copying elements: [Element]) {
        self.init(uninitializedCount: elements.count)
        elements.withUnsafeBufferPointer { elements in
            if let source = elements.baseAddress { start.initialize(from: source, count: elements.count) }
        }
    }

    /// Allocates elements without a value; memory that is never used is never touched.
    init(uninitializedCount count: Int) {
        self.count = count
        start = Self.allocate(count)
    }

    /// An element, unchecked.
    subscript(index: Int) -> Element {
        @inline(__always) get { start[index] }
        @inline(__always) set { start[index] = newValue }
    }

    deinit {
        UnsafeMutableRawPointer(start).deallocate()
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer
            .allocate(byteCount: max(1, count) * MemoryLayout<Element>.stride, alignment: 64)
            .bindMemory(to: Element.self, capacity: max(1, count))
    }
}
