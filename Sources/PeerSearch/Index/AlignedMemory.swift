internal import CProcessor

/// A fixed number of elements at an address that is a multiple of 64: no vector of the kernels straddles two cache lines.
///
/// Whoever writes to it must be its only user at that time. An index writes while it is built and is read-only afterwards;
/// the scratch memory of a search belongs to one worker. Hence the unchecked conformance is sound.
final class AlignedMemory<Element: BitwiseCopyable>: @unchecked Sendable {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    /// Memory from so many bytes on is in large pages, if all of it is used: the search jumps about in it, and looking up
    /// where its many small pages are takes longer than reading it.
    private static var leastBytesOfLargePages: Int { 2 * Int(processor_large_page) }

    /// Allocates elements that all have the same value.
    init(repeating value: Element, count: Int) {
        self.count = count
        start = Self.allocate(count, isUsed: true)
        start.initialize(repeating: value, count: count)
    }

    /// Allocates a copy of an array.
    convenience init(copying elements: [Element]) {
        self.init(count: elements.count, isUsed: true)
        elements.withUnsafeBufferPointer { elements in
            if let source = elements.baseAddress { start.initialize(from: source, count: elements.count) }
        }
    }

    /// Allocates elements without a value; memory that is never used is never touched.
    convenience init(uninitializedCount count: Int) {
        self.init(count: count, isUsed: false)
    }

    private init(count: Int, isUsed: Bool) {
        self.count = count
        start = Self.allocate(count, isUsed: isUsed)
    }

    /// An element, unchecked.
    subscript(index: Int) -> Element {
        @inline(__always) get { start[index] }
        @inline(__always) set { start[index] = newValue }
    }

    deinit {
        UnsafeMutableRawPointer(start).deallocate()
    }

    private static func allocate(_ count: Int, isUsed: Bool) -> UnsafeMutablePointer<Element> {
        let byteCount = max(1, count) * MemoryLayout<Element>.stride
        let isLarge = isUsed && byteCount >= leastBytesOfLargePages
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: byteCount, alignment: isLarge ? Int(processor_large_page) : 64)
        if isLarge { processor_use_large_pages(memory, byteCount) }
        return memory.bindMemory(to: Element.self, capacity: max(1, count))
    }
}
