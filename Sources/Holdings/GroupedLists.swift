/// Lists of elements in one array, one list after the other.
///
/// An array per list would cost an allocation and a reference count for each.
@frozen
public struct GroupedLists<Element> {
    /// Where each list begins in `elements`, and their number at the end: `count + 1` numbers.
    @usableFromInline var offsets: [Int]
    /// The elements of all lists.
    @usableFromInline var elements: [Element]

    /// Creates no lists.
    @inlinable
    public init() {
        offsets = [0]
        elements = []
    }

    /// Distributes elements among lists; inside a list they keep their order.
    ///
    /// - Parameters:
    ///   - pairs: A list's number and an element of it each, in any order.
    ///   - count: Lists that there are.
    /// - Complexity: O(pairs + lists).
    public init(_ pairs: some Collection<(list: Int32, element: Element)>, count: Int) {
        offsets = [Int](repeating: 0, count: count + 1)
        for pair in pairs { offsets[Int(pair.list) + 1] += 1 }
        for list in 0..<count { offsets[list + 1] += offsets[list] }
        var next = offsets
        elements = Array(unsafeUninitializedCapacity: pairs.count) { elements, initialized in
            next.withUnsafeMutableBufferPointer { next in
                for pair in pairs {
                    elements.initializeElement(at: next[Int(pair.list)], to: pair.element)
                    next[Int(pair.list)] += 1
                }
            }
            initialized = pairs.count
        }
    }

    /// Lists that there are, the empty ones included.
    @inlinable public var count: Int { offsets.count - 1 }

    /// The elements of a list.
    @inlinable
    public subscript(list: Int) -> ArraySlice<Element> {
        elements[offsets[list]..<offsets[list + 1]]
    }

    /// Adds a list at the end.
    public mutating func append(_ list: some Sequence<Element>) {
        elements.append(contentsOf: list)
        offsets.append(elements.count)
    }
}

extension GroupedLists: Sendable where Element: Sendable {}
extension GroupedLists: Equatable where Element: Equatable {}
extension GroupedLists: Hashable where Element: Hashable {}

extension GroupedLists<Int32> {
    /// The products of each client, ascending.
    ///
    /// - Parameters:
    ///   - pairs: Clients with one of their products each, in any order.
    ///   - clientCount: Clients that exist.
    public init(_ pairs: [ClientProduct], clientCount: Int) {
        self.init(pairs.sorted().map { (list: $0.client, element: $0.product) }, count: clientCount)
    }

    /// The different lists, each once: what must be told apart is then a number.
    ///
    /// - Returns: The number of each list, and the lists by their numbers, in the order in which they first appear; the
    ///   empty list is always number 0.
    /// - Complexity: O(elements + lists).
    public func distinct() -> (numbers: [Int32], lists: GroupedLists<Int32>) {
        var different = GroupedLists<Int32>()
        different.append([])
        var numbers: [ArraySlice<Int32>: Int32] = [[]: 0]
        let numberOfList = (0..<count).map { list in
            let elements = self[list]
            if let number = numbers[elements] { return number }
            let number = Int32(different.count)
            numbers[elements] = number
            different.append(elements)
            return number
        }
        return (numberOfList, different)
    }
}
